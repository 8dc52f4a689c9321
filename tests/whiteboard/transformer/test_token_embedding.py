import keras
import numpy as np
import pytest
from keras import ops

from whiteboard.fundamentals import model_gradients
from whiteboard.transformer import TokenAndPositionEmbedding, sinusoidal_encoding

IDS = np.array([[1, 4, 4, 0], [6, 2, 3, 5]], "int32")
SIZES = {"vocabulary_size": 7, "width": 16, "max_length": 6}


def to_numpy(x):
    return ops.convert_to_numpy(x)


def test_agrees_with_keras_hub_up_to_the_scale(keras_hub):
    inputs = keras.Input((4,), dtype="int32")
    mine = keras.Model(inputs, TokenAndPositionEmbedding(**SIZES)(inputs))
    hub_layer = keras_hub.layers.TokenAndPositionEmbedding(7, 6, 16)
    theirs = keras.Model(inputs, hub_layer(inputs))
    tables = {w.shape[0]: w for w in mine.weights}
    hub_tables = {w.shape[0]: w for w in theirs.weights}
    hub_tables[7].assign(4 * to_numpy(tables[7]))  # the square root of the width
    hub_tables[6].assign(to_numpy(tables[6]))
    np.testing.assert_allclose(to_numpy(mine(IDS)), to_numpy(theirs(IDS)), atol=1e-5)
    target = np.random.default_rng(0).normal(size=(2, 4, 16)).astype("float32")
    gradients = []
    for model in (mine, theirs):
        _, found = model_gradients(model, IDS, target, "mse")
        gradients.append({len(g): g for g in found})
    own, hub = gradients
    np.testing.assert_allclose(own[7], 4 * hub[7], atol=1e-5)
    np.testing.assert_allclose(own[6], hub[6], atol=1e-5)


def test_tokens_and_logits_start_at_variance_one():
    keras.utils.set_random_seed(3)
    layer = TokenAndPositionEmbedding(500, 64, 8, position="none")
    tokens = to_numpy(layer(np.arange(500)[None]))
    assert tokens.std() == pytest.approx(1, abs=0.02)
    normalized = np.random.default_rng(0).normal(size=(200, 64)).astype("float32")
    assert to_numpy(layer.logits(normalized)).std() == pytest.approx(1, abs=0.02)


def test_logits_are_dot_products_with_the_same_table():
    layer = TokenAndPositionEmbedding(**SIZES)
    layer(IDS)
    x = np.random.default_rng(0).normal(size=(2, 3, 16)).astype("float32")
    table = to_numpy(layer.tokens.embeddings)
    np.testing.assert_allclose(to_numpy(layer.logits(x)), x @ table.T, atol=1e-5)


def test_sinusoidal_positions_are_added():
    layer = TokenAndPositionEmbedding(**SIZES, position="sinusoidal")
    table = 4 * to_numpy(layer.tokens(IDS))
    expected = table + to_numpy(sinusoidal_encoding(4, 16))
    np.testing.assert_allclose(to_numpy(layer(IDS)), expected, atol=1e-5)
    assert len(layer.weights) == 1


@pytest.mark.parametrize("position", ["learned", "sinusoidal", "none"])
def test_starts_at_the_index(position):
    layer = TokenAndPositionEmbedding(**SIZES, position=position)
    whole = to_numpy(layer(IDS))
    for index in (2, ops.convert_to_tensor(2, "int32")):
        part = to_numpy(layer(IDS[:, 2:], index=index))
        np.testing.assert_allclose(part, whole[:, 2:], atol=1e-6)


@pytest.mark.parametrize("position", ["learned", "sinusoidal"])
def test_a_sequence_longer_than_the_table_is_refused(position):
    layer = TokenAndPositionEmbedding(**SIZES, position=position)
    with pytest.raises(ValueError, match="Received: length=7, max_length=6"):
        layer(IDS, index=3)
    with pytest.raises(ValueError, match="not be longer than max_length"):
        layer(np.zeros((1, 7), "int32"))
    no_bound = TokenAndPositionEmbedding(**SIZES, position="none")
    assert no_bound(np.zeros((1, 7), "int32")).shape == (1, 7, 16)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"vocabulary_size": 0}, "vocabulary_size must be positive"),
        ({"width": -1}, "width must be positive. Received: width=-1"),
        ({"max_length": float("nan")}, "max_length must be positive"),
        ({"position": "rotary"}, "position must be one of.*Received: .*'rotary'"),
    ],
)
def test_bad_arguments_are_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        TokenAndPositionEmbedding(**{**SIZES, **arguments})
