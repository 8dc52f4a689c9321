import keras
import numpy as np
import pytest
from keras import ops

from whiteboard.transformer import (
    CausalLanguageModel,
    LoRADense,
    LoRAModel,
    MultiHeadAttention,
    matrix_shape,
)


def random(*shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape).astype("float32")


def to_numpy(x):
    return ops.convert_to_numpy(x)


def dense_model(dropout=0.0):
    keras.utils.set_random_seed(3)
    return keras.Sequential(
        [
            keras.Input((7,)),
            keras.layers.Dense(6, "tanh", name="first"),
            keras.layers.Dropout(dropout),
            keras.layers.Dense(5, name="second"),
        ]
    )


def language_model():
    keras.utils.set_random_seed(3)
    model = CausalLanguageModel(11, 8, 1, 2, max_length=9)
    model.build((None, None))
    return model


def adapted(model, inputs, **kwargs):
    wrapped = LoRAModel(model, **{"rank": 2, "alpha": 6, **kwargs})
    wrapped(inputs)
    return wrapped


def randomize(wrapped):
    for i, weight in enumerate(wrapped.trainable_weights):
        weight.assign(random(*weight.shape, seed=i))


IDS = np.arange(12).reshape(2, 6) % 11


@pytest.mark.parametrize(
    ("make", "inputs"), [(dense_model, random(4, 7)), (language_model, IDS)]
)
class TestAnyModel:
    def test_at_first_it_computes_what_the_model_does(self, make, inputs):
        model = make()
        expected = to_numpy(model(inputs))
        wrapped = adapted(model, inputs)
        np.testing.assert_allclose(to_numpy(wrapped(inputs)), expected, atol=1e-6)

    def test_merged_model_computes_the_same(self, make, inputs):
        wrapped = adapted(make(), inputs)
        before = to_numpy(wrapped(inputs))
        randomize(wrapped)
        expected = to_numpy(wrapped(inputs))
        assert np.abs(expected - before).max() > 0.1
        merged = wrapped.merge()
        np.testing.assert_allclose(to_numpy(merged(inputs)), expected, atol=1e-5)
        np.testing.assert_allclose(to_numpy(wrapped(inputs)), expected, atol=1e-5)

    def test_saved_and_loaded(self, make, inputs, tmp_path):
        wrapped = adapted(make(), inputs)
        randomize(wrapped)
        wrapped.save(tmp_path / "model.keras")
        loaded = keras.saving.load_model(tmp_path / "model.keras")
        np.testing.assert_allclose(
            to_numpy(loaded(inputs)), to_numpy(wrapped(inputs)), atol=1e-6
        )
        assert len(loaded.trainable_weights) == len(wrapped.trainable_weights)


def test_agrees_with_adapted_dense_layers():
    model, x = dense_model(), random(4, 7)
    wrapped = adapted(model, x)
    randomize(wrapped)
    layers = []
    for dense, (a, b) in zip(model.layers[::2], wrapped.pairs, strict=True):
        layers.append(LoRADense.from_dense(dense, rank=2, alpha=6))
        layers[-1].lora_a.assign(to_numpy(a))
        layers[-1].lora_b.assign(to_numpy(b))
    expected = keras.Sequential(layers)(x)
    np.testing.assert_allclose(
        to_numpy(wrapped(x)), to_numpy(expected), atol=1e-5, rtol=1e-5
    )


def test_trained_weights_are_those_of_adapted_dense_layers():
    model, x, y = dense_model(), random(8, 7), random(8, 5)
    wrapped = adapted(model, x)
    layers = []
    for dense, (a, b) in zip(model.layers[::2], wrapped.pairs, strict=True):
        layers.append(LoRADense.from_dense(dense, rank=2, alpha=6))
        layers[-1].lora_a.assign(to_numpy(a))
        layers[-1].lora_b.assign(to_numpy(b))
    trained = [wrapped, keras.Sequential(layers)]
    for candidate in trained:
        candidate.compile(keras.optimizers.SGD(0.05), "mse")
        candidate.fit(x, y, epochs=3, shuffle=False, verbose=0)
    one, other = ([to_numpy(w) for w in m.trainable_weights] for m in trained)
    for ours, theirs in zip(one, other, strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-5)


def test_training_leaves_the_model_s_own_weights():
    model = language_model()
    before = [to_numpy(w) for w in model.weights]
    wrapped = adapted(model, IDS, targets="query_kernel|value_kernel")
    start = [to_numpy(w) for w in wrapped.trainable_weights]
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    wrapped.compile(keras.optimizers.Adam(0.01), loss)
    history = wrapped.fit(IDS, np.roll(IDS, -1, axis=1), epochs=8, verbose=0).history
    assert history["loss"][-1] < history["loss"][0]
    assert len(start) == 4
    for weight, value in zip(wrapped.trainable_weights, start, strict=True):
        assert np.abs(to_numpy(weight) - value).max() > 1e-4
    for weight, value in zip(model.weights, before, strict=True):
        np.testing.assert_array_equal(to_numpy(weight), value)


def test_dropout_inside_draws_anew_each_time():
    model, x = dense_model(dropout=0.5), random(4, 7)
    wrapped = adapted(model, x)
    first, second = (to_numpy(wrapped(x, training=True)) for _ in range(2))
    assert np.abs(first - second).max() > 1e-3


def test_targets_choose_the_weights():
    inputs = keras.Input((5, 8))
    attention = MultiHeadAttention(2, 3, name="attention")
    model = keras.Model(inputs, attention(inputs, inputs))
    wrapped = adapted(model, random(2, 5, 8), rank=1, targets="query_kernel|output")
    shapes = [tuple(w.shape) for w in wrapped.trainable_weights]
    assert shapes == [(8, 1), (1, 6), (6, 1), (1, 8)]


def test_a_path_that_no_weight_has_is_refused():
    with pytest.raises(ValueError, match="Received: targets='qurey'.*first/kernel"):
        adapted(dense_model(), random(4, 7), targets="qurey")


@pytest.mark.parametrize("change", [{"rank": 0}, {"alpha": -1}, {"rank": np.nan}])
def test_bad_number_is_refused(change):
    with pytest.raises(ValueError, match="must be positive"):
        adapted(dense_model(), random(4, 7), **change)


@pytest.mark.parametrize(
    ("shape", "expected"),
    [
        ((7, 5), (7, 5)),
        ((768, 12, 64), (768, 768)),
        ((12, 64, 768), (768, 768)),
        ((3, 3, 64, 128), (576, 128)),
    ],
)
def test_matrix_shape(shape, expected):
    assert matrix_shape(shape) == expected
