import keras
import numpy as np
import pytest
from keras import ops

from whiteboard.datasets import load_character_windows
from whiteboard.fundamentals import model_gradients
from whiteboard.transformer import CausalLanguageModel

IDS = np.random.default_rng(0).integers(0, 11, (3, 6)).astype("int32")
SIZES = {
    "vocabulary_size": 11,
    "width": 16,
    "num_layers": 2,
    "num_heads": 2,
    "max_length": 8,
}
POSITIONS = ["learned", "sinusoidal", "rotary", "alibi", "relative", "none"]


def to_numpy(x):
    return ops.convert_to_numpy(x)


def test_agrees_with_a_model_of_keras_hub_layers(keras_hub):
    mine = CausalLanguageModel(**SIZES)
    mine.build((None, 6))
    inputs = keras.Input((6,), dtype="int32")
    tokens = keras.layers.ReversibleEmbedding(11, 16)
    x = tokens(inputs) * 4 + keras_hub.layers.PositionEmbedding(8)(tokens(inputs))
    for _ in range(2):
        x = keras_hub.layers.TransformerDecoder(
            64, 2, activation="gelu", layer_norm_epsilon=1e-6, normalize_first=True
        )(x)
    x = keras.layers.LayerNormalization(epsilon=1e-6)(x)
    theirs = keras.Model(inputs, tokens(x, reverse=True))
    own, positions, *others = mine.get_weights()
    if len(positions) == 11:
        own, positions = positions, own
    theirs.set_weights([own, positions, *others])
    np.testing.assert_allclose(to_numpy(mine(IDS)), to_numpy(theirs(IDS)), atol=1e-5)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    losses, gradients = zip(
        *(model_gradients(model, IDS, IDS, loss) for model in (mine, theirs)),
        strict=True,
    )
    assert losses[0] == pytest.approx(losses[1], abs=1e-5)
    sums = [sorted(float((g**2).sum()) for g in found) for found in gradients]
    np.testing.assert_allclose(*sums, atol=1e-5, rtol=1e-4)


@pytest.mark.parametrize("position", POSITIONS)
def test_a_token_changes_no_earlier_logits(position):
    model = CausalLanguageModel(**SIZES, position=position)
    changed = IDS.copy()
    changed[:, 4] = (changed[:, 4] + 1) % 11
    difference = np.abs(to_numpy(model(IDS)) - to_numpy(model(changed)))
    assert difference[:, :4].max() == 0
    assert difference[:, 4:].max(axis=(0, 2)).min() > 0


def test_has_the_parameters_of_gpt2_small():
    with keras.StatelessScope(initialize_variables=False):
        model = CausalLanguageModel(50257, 768, 12, 12, max_length=1024)
        model.build((None, 1024))
        assert model.count_params() == 124_439_808


@pytest.mark.parametrize("position", POSITIONS)
def test_survives_saving(position, tmp_path):
    model = CausalLanguageModel(**SIZES, position=position, num_key_value_heads=1)
    expected = to_numpy(model(IDS))
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    np.testing.assert_allclose(to_numpy(loaded(IDS)), expected, atol=1e-6)


def test_all_blocks_share_the_relative_bias():
    model = CausalLanguageModel(**SIZES, position="relative")
    model(IDS)
    tables = [w for w in model.weights if w.shape == (32, 2)]
    assert len(tables) == 1


def test_dropout_acts_in_training_only():
    model = CausalLanguageModel(**SIZES, dropout=0.5)
    np.testing.assert_array_equal(to_numpy(model(IDS)), to_numpy(model(IDS)))
    first, second = (to_numpy(model(IDS, training=True)) for _ in range(2))
    assert np.abs(first - second).max() > 1e-3


def test_learns_shipped_text_better_than_its_letter_frequencies():
    keras.utils.set_random_seed(3)
    (train, test), characters = load_character_windows(32)
    model = CausalLanguageModel(len(characters), 32, 1, 2, max_length=32)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(1e-2), loss)
    model.fit(train[:, :-1], train[:, 1:], batch_size=64, epochs=4, verbose=0)
    counts = np.bincount(train.ravel(), minlength=len(characters)) + 1
    letter_frequencies = -np.log(counts / counts.sum())[test[:, 1:]].mean()
    learned = model.evaluate(test[:, :-1], test[:, 1:], verbose=0)
    assert learned < letter_frequencies - 0.2


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        *[
            ({name: 0}, f"{name} must be positive. Received: {name}=0")
            for name in SIZES
        ],
        ({"position": "rope"}, "position must be one of.*'none'.*Received: .*'rope'"),
        ({"num_heads": 3}, "num_heads must divide the width"),
    ],
)
def test_bad_arguments_are_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        CausalLanguageModel(**{**SIZES, **arguments})(IDS)


def test_a_sequence_longer_than_the_table_is_refused():
    with pytest.raises(ValueError, match="Received: length=9, max_length=8"):
        CausalLanguageModel(**SIZES)(np.zeros((1, 9), "int32"))
    unbounded = CausalLanguageModel(**SIZES, position="rotary")
    assert unbounded(np.zeros((1, 9), "int32")).shape == (1, 9, 11)


def test_a_step_is_traced_into_a_functional_model():
    model = CausalLanguageModel(**SIZES, position="rotary")
    _, cache = model.step(IDS[:, :2], model.empty_cache(3, 8), 0)
    inputs = [keras.Input(batch_shape=x.shape) for x in cache]
    ids = keras.Input(batch_shape=(3, 1), dtype="int32")
    logits, written = model.step(ids, inputs, 2)
    traced = keras.Model([ids, *inputs], [logits, *written])
    expected, caches = model.step(IDS[:, 2:3], cache, 2)
    for ours, other in zip(
        traced([ops.convert_to_tensor(IDS[:, 2:3]), *cache]),
        [expected, *caches],
        strict=True,
    ):
        np.testing.assert_allclose(to_numpy(ours), to_numpy(other), atol=1e-6)
