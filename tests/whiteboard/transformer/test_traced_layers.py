import keras
import numpy as np
import pytest
from keras import ops

from whiteboard.transformer import ProductTrace, attention_layer, recurrent_layer


@pytest.fixture
def x():
    return np.random.default_rng(7).normal(size=(6, 4)).astype("float32")


@pytest.fixture
def kernels():
    return np.random.default_rng(8).normal(size=(4, 4, 4)).astype("float32") / 2


def test_the_recurrence_is_that_of_keras(x, kernels):
    layer = keras.layers.SimpleRNN(4, use_bias=False)
    layer.build((1, 6, 4))
    layer.set_weights(kernels[:2])
    expected = ops.convert_to_numpy(layer(x[None]))[0]
    np.testing.assert_allclose(recurrent_layer(x, *kernels[:2]), expected, atol=1e-5)


def test_attention_is_that_of_keras(x, kernels):
    layer = keras.layers.MultiHeadAttention(1, key_dim=4, use_bias=False)
    layer.build((1, 6, 4), (1, 6, 4))
    query, key, value, output = kernels
    layer.set_weights([query[:, None], key[:, None], value[:, None], output[None]])
    expected = ops.convert_to_numpy(layer(x[None], x[None]))[0]
    np.testing.assert_allclose(attention_layer(x, *kernels), expected, atol=1e-5)


def test_large_scores_do_not_overflow(x, kernels):
    assert np.isfinite(attention_layer(1000 * x, *kernels)).all()


@pytest.mark.parametrize("length", [1, 2, 9])
def test_traced_and_plain_agree_and_are_counted(length, kernels):
    x = np.random.default_rng(9).normal(size=(length, 4))
    for layer, weights, depth, work in [
        (recurrent_layer, kernels[:2], length, (2 * length - 1) * 16),
        (attention_layer, kernels, 4, 4 * length * 16 + 2 * length**2 * 4),
    ]:
        trace = ProductTrace()
        output = layer(trace.array(x), *weights)
        np.testing.assert_allclose(output.value, layer(x, *weights))
        assert (output.depth, trace.multiply_adds) == (depth, work)
