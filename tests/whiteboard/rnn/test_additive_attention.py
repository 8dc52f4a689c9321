import keras
import numpy as np
import pytest
from keras import ops

from whiteboard.fundamentals import value_and_gradients
from whiteboard.rnn import AdditiveAttention, additive_scores

RNG = np.random.default_rng(0)
QUERY, VALUE, SCALE = (
    RNG.normal(size=shape).astype("float32") for shape in ((2, 3, 8), (2, 5, 8), (8,))
)
MASK = np.array([[1, 1, 1, 0, 0], [1, 1, 1, 1, 1]], bool)


def to_numpy(x):
    return ops.convert_to_numpy(x)


def keras_attention():
    layer = keras.layers.AdditiveAttention()
    layer([QUERY, VALUE])
    layer.set_weights([SCALE])
    return layer


def identity_projections():
    """Ours with identity projections is Keras', which has none."""
    layer = AdditiveAttention(units=8)
    layer.build(QUERY.shape, VALUE.shape)
    layer.set_weights([SCALE, np.eye(8), np.eye(8)])
    assert layer.weights[0].name == "scale"
    return layer


@pytest.mark.parametrize("mask", [None, MASK])
def test_agrees_with_keras_in_values_and_weights(mask):
    ours, weights = identity_projections()(
        QUERY, VALUE, value_mask=mask, return_attention_scores=True
    )
    theirs, their_weights = keras_attention()(
        [QUERY, VALUE], mask=[None, mask], return_attention_scores=True
    )
    np.testing.assert_allclose(to_numpy(ours), to_numpy(theirs), atol=1e-6)
    np.testing.assert_allclose(to_numpy(weights), to_numpy(their_weights), atol=1e-6)


def test_gradients_agree_with_keras():
    layers = identity_projections(), keras_attention()
    calls = (lambda q, v: layers[0](q, v), lambda q, v: layers[1]([q, v]))
    ours, theirs = (
        value_and_gradients(lambda q, v, f=call: ops.sum(f(q, v) ** 2), QUERY, VALUE)
        for call in calls
    )
    np.testing.assert_allclose(ours[0], theirs[0], rtol=1e-5)
    for gradient, expected in zip(ours[1], theirs[1], strict=True):
        np.testing.assert_allclose(gradient, expected, atol=1e-5)


def test_masked_steps_are_not_read():
    layer = AdditiveAttention(4)
    changed = VALUE.copy()
    changed[~MASK] = 100
    outputs = [to_numpy(layer(QUERY, x, value_mask=MASK)) for x in (VALUE, changed)]
    np.testing.assert_allclose(*outputs, atol=1e-6)


def test_scores_are_the_formula():
    scores = to_numpy(additive_scores(QUERY, VALUE, SCALE))
    expected = SCALE @ np.tanh(QUERY[1, 2] + VALUE[1, 4])
    np.testing.assert_allclose(scores[1, 2, 4], expected, atol=1e-6)


def test_bad_input_is_refused():
    with pytest.raises(ValueError, match="units must be positive"):
        AdditiveAttention(0)
    with pytest.raises(ValueError, match=r"value must have shape.*\(2, 8\)"):
        AdditiveAttention(4).build((2, 3, 8), (2, 8))
