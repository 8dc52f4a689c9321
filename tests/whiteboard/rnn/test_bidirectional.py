import keras
import numpy as np
import pytest
from keras import ops

from whiteboard.fundamentals import model_gradients
from whiteboard.rnn import Bidirectional

LAYERS = {
    "SimpleRNN": keras.layers.SimpleRNN,
    "LSTM": keras.layers.LSTM,
    "GRU": keras.layers.GRU,
}
RIGHT_PADDED = np.array([[1, 1, 1, 1, 1, 1], [1, 1, 1, 0, 0, 0], [1, 0, 0, 0, 0, 0]])
MASKS = {
    "no mask": None,
    "right": RIGHT_PADDED.astype(bool),
    "left": RIGHT_PADDED[:, ::-1].astype(bool),
    "holes": np.array(
        [[1, 0, 1, 1, 0, 1], [0, 1, 0, 0, 1, 0], [1, 1, 1, 1, 1, 1]], bool
    ),
}


def random(*shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape).astype("float32")


def pair(kind, **options):
    """Ours and Keras', with the same weights."""
    merge_mode = options.pop("merge_mode", "concat")
    ours = Bidirectional(LAYERS[kind](3, **options), merge_mode)
    builtin = keras.layers.Bidirectional(LAYERS[kind](3, **options), merge_mode)
    for layer in (ours, builtin):
        layer.build((None, 6, 4))
    ours.set_weights(
        [0.5 * random(*w.shape, seed=i) for i, w in enumerate(ours.weights)]
    )
    builtin.set_weights(ours.get_weights())
    return ours, builtin


def assert_same(ours, builtin, *args, **kwargs):
    for mine, theirs in zip(
        *(
            y if isinstance(y, (list, tuple)) else [y]
            for y in (ours(*args, **kwargs), builtin(*args, **kwargs))
        ),
        strict=True,
    ):
        np.testing.assert_allclose(
            ops.convert_to_numpy(mine), ops.convert_to_numpy(theirs), atol=1e-6
        )


@pytest.mark.parametrize("mask", MASKS)
@pytest.mark.parametrize("return_sequences", [False, True])
@pytest.mark.parametrize("kind", LAYERS)
def test_agrees_with_keras(kind, return_sequences, mask):
    layers = pair(kind, return_sequences=return_sequences)
    assert_same(*layers, random(3, 6, 4), mask=MASKS[mask])


@pytest.mark.parametrize("merge_mode", ["concat", "sum", "mul", "ave"])
@pytest.mark.parametrize("return_sequences", [False, True])
def test_agrees_with_keras_in_each_merge_mode(merge_mode, return_sequences):
    layers = pair("GRU", return_sequences=return_sequences, merge_mode=merge_mode)
    assert_same(*layers, random(3, 6, 4), mask=MASKS["right"])
    assert layers[0].compute_output_shape((3, 6, 4)) == layers[1].compute_output_shape(
        (3, 6, 4)
    )


@pytest.mark.parametrize("mask", ["no mask", "right"])
@pytest.mark.parametrize("return_sequences", [False, True])
@pytest.mark.parametrize("kind", LAYERS)
def test_states_go_in_and_out_as_in_keras(kind, return_sequences, mask):
    layers = pair(kind, return_sequences=return_sequences, return_state=True)
    states = [random(3, 3, seed=i) for i in range(4 if kind == "LSTM" else 2)]
    assert_same(*layers, random(3, 6, 4), mask=MASKS[mask])
    assert_same(*layers, random(3, 6, 4), initial_state=states, mask=MASKS[mask])
    shapes = layers[0].compute_output_shape((3, 6, 4))
    outputs = layers[0](random(3, 6, 4))
    assert [tuple(y.shape) for y in outputs] == [tuple(shape) for shape in shapes]


@pytest.mark.parametrize("return_sequences", [False, True])
def test_padding_at_the_right_changes_nothing(return_sequences):
    layer, _ = pair("LSTM", return_sequences=return_sequences)
    x = random(3, 6, 4)
    padded = ops.convert_to_numpy(layer(x, mask=MASKS["right"]))
    for row, length in enumerate(RIGHT_PADDED.sum(axis=1)):
        alone = ops.convert_to_numpy(layer(x[row : row + 1, :length]))[0]
        shown = padded[row, :length] if return_sequences else padded[row]
        np.testing.assert_allclose(shown, alone, atol=1e-6)
        if return_sequences:
            assert not padded[row, length:].any()


def test_mask_of_an_embedding_is_used_and_passed_on():
    tokens = np.array([[3, 1, 2, 0, 0], [5, 4, 0, 0, 0]])
    embedded = keras.layers.Embedding(6, 4, mask_zero=True)(tokens)
    layer = Bidirectional(keras.layers.LSTM(3, return_sequences=True))
    outputs = layer(embedded)
    mask = keras.src.backend.get_keras_mask(outputs)
    np.testing.assert_array_equal(ops.convert_to_numpy(mask), tokens != 0)
    expected = layer(ops.convert_to_numpy(embedded), mask=tokens != 0)
    np.testing.assert_allclose(*map(ops.convert_to_numpy, (outputs, expected)))


def test_gradients_agree_with_keras():
    results = []
    for layer in pair("LSTM", return_sequences=True):
        model = keras.Sequential([layer])
        model.build((None, 6, 4))
        target = np.zeros((3, 6, 6), dtype="float32")
        results.append(model_gradients(model, random(3, 6, 4), target, "mse"))
    (loss, gradients), (builtin_loss, builtin_gradients) = results
    assert loss == pytest.approx(builtin_loss)
    for ours, builtin in zip(gradients, builtin_gradients, strict=True):
        np.testing.assert_allclose(ours, builtin, atol=1e-6)


def test_weights_are_the_forward_ones_then_the_backward_ones():
    ours, _ = pair("LSTM")
    forward, backward = ours.forward_layer.weights, ours.backward_layer.weights
    assert list(map(id, ours.weights)) == list(map(id, [*forward, *backward]))


def test_the_layer_given_is_copied():
    given = keras.layers.LSTM(3)
    layer = Bidirectional(given)
    layer(random(1, 2, 4))
    assert not given.built
    forward, backward = layer.forward_layer.weights, layer.backward_layer.weights
    assert not np.allclose(*(ops.convert_to_numpy(w[0]) for w in (forward, backward)))


@pytest.mark.parametrize(
    ("layer", "message"),
    [
        (keras.layers.Dense(3), "layer must be recurrent. Received: layer=<Dense"),
        ("lstm", "layer must be recurrent. Received: layer=lstm"),
        (keras.layers.LSTM(3, stateful=True), "layer must not be stateful. Received"),
        (keras.layers.LSTM(3, go_backwards=True), "must not be go_backwards. Received"),
    ],
)
def test_layer_that_cannot_be_copied_in_two_directions_is_refused(layer, message):
    with pytest.raises(ValueError, match=message):
        Bidirectional(layer)


def test_unknown_merge_mode_is_refused():
    with pytest.raises(
        ValueError, match="one of concat, sum, mul, ave. Received.*=max"
    ):
        Bidirectional(keras.layers.LSTM(3), merge_mode="max")
