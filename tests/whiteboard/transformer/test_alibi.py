import keras
import numpy as np
import pytest
from keras import ops

from whiteboard.transformer import ALiBi, MultiHeadAttention, alibi_slopes


def random(*shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape).astype("float32")


def to_numpy(x):
    return ops.convert_to_numpy(ops.cast(x, "float32"))


@pytest.mark.parametrize(
    ("num_heads", "exponents"),
    [
        (1, [8]),
        (2, [4, 8]),
        (3, [4, 8, 2]),
        (8, [1, 2, 3, 4, 5, 6, 7, 8]),
        (12, [1, 2, 3, 4, 5, 6, 7, 8, 0.5, 1.5, 2.5, 3.5]),
        (16, np.arange(1, 17) / 2),
    ],
)
def test_slopes_of_the_paper(num_heads, exponents):
    expected = 2.0 ** -np.array(exponents)
    np.testing.assert_allclose(to_numpy(alibi_slopes(num_heads)), expected, rtol=1e-6)


@pytest.mark.parametrize("num_heads", [0, -2])
def test_no_heads_are_refused(num_heads):
    with pytest.raises(ValueError, match=f"Received: num_heads={num_heads}"):
        alibi_slopes(num_heads)


@pytest.mark.parametrize("num_heads", [1, 4, 6, 12, 32])
def test_causal_weights_agree_with_keras_hub(keras_hub, num_heads):
    # KerasHub's rows differ by a constant, which the softmax drops.
    scores, causal = random(2, num_heads, 9, 9), np.tri(9, dtype=bool)

    def weights(scores):
        return ops.softmax(ops.where(causal, scores, -1e30))

    mine = to_numpy(weights(ALiBi()(scores)))
    theirs = to_numpy(weights(keras_hub.layers.AlibiBias()(scores)))
    np.testing.assert_allclose(mine, theirs, atol=1e-5)


@pytest.mark.parametrize("make_offset", [int, ops.convert_to_tensor])
def test_bias_with_an_offset_is_the_rows_from_there(make_offset):
    layer = ALiBi()
    layer.build((None, 3, None, 8))
    full = to_numpy(layer.bias(9, 9))
    rows = to_numpy(layer.bias(2, 9, make_offset(5)))
    np.testing.assert_array_equal(rows, full[:, 5:7])
    distance = np.abs(np.subtract.outer(np.arange(9), np.arange(9)))
    slopes = np.array([2.0**-4, 2.0**-8, 2.0**-2])
    np.testing.assert_allclose(full, -slopes[:, None, None] * distance, rtol=1e-6)


def test_queries_and_keys_stay_as_they_are():
    x = random(2, 3, 5, 8)
    assert ALiBi().rotate(x, 4) is x


@pytest.mark.parametrize("shape", [(2, 5, 8), (2, None, 5, 8)])
def test_unknown_heads_are_refused(shape):
    with pytest.raises(ValueError, match="known heads. Received: input_shape="):
        ALiBi().build(shape)


def test_attention_adds_it_to_the_scores():
    layer = MultiHeadAttention(4, 2, position=ALiBi())
    layer.build((2, 6, 8), (2, 6, 8))
    layer.query_kernel.assign(ops.zeros((8, 4, 2)))
    x = random(2, 6, 8)
    _, weights = layer(x, x, return_attention_scores=True, use_causal_mask=True)
    steps = np.diff(np.log(to_numpy(weights)[0, :, -1]))  # (H, S - 1)
    slopes = to_numpy(alibi_slopes(4))[:, None]
    np.testing.assert_allclose(steps, np.repeat(slopes, 5, axis=1), atol=1e-4)
    assert keras.backend.standardize_dtype(weights.dtype) == "float32"
