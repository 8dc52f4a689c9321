import math

import keras
import numpy as np
import pytest
from keras import ops

from whiteboard.fundamentals import value_and_gradients
from whiteboard.transformer import (
    causal_mask,
    scaled_dot_product_attention,
    sliding_window_attention,
    sliding_window_mask,
)

D, DV = 6, 5


def inputs(length, *leading):
    rng = np.random.default_rng(0)
    sizes = (D, D, DV)
    return [rng.normal(size=(*leading, length, n)).astype("float32") for n in sizes]


def to_numpy(tensor):
    return ops.convert_to_numpy(tensor)


@pytest.mark.parametrize("window", [1, 2, 5, 9])
@pytest.mark.parametrize("offset", [0, 3])
def test_mask_by_its_definition(window, offset):
    mask = to_numpy(sliding_window_mask(4, 7, window, offset))
    for t, s in np.ndindex(4, 7):
        assert mask[t, s] == (t + offset - window < s <= t + offset)


def test_a_window_of_the_whole_sequence_is_the_causal_mask():
    np.testing.assert_array_equal(
        to_numpy(sliding_window_mask(5, 5, window=5)), to_numpy(causal_mask(5, 5))
    )


lengths = pytest.mark.parametrize("length", [1, 7, 8, 12])
windows = pytest.mark.parametrize("window", [1, 3, 4, 8, 20])


@lengths
@windows
@pytest.mark.parametrize("leading", [(), (2, 3)])
def test_equals_plain_attention_under_the_mask(leading, length, window):
    arrays = inputs(length, *leading)
    mask = sliding_window_mask(length, length, window)
    expected, _ = scaled_dot_product_attention(*arrays, mask)
    output = sliding_window_attention(*arrays, window)
    assert output.shape == expected.shape
    np.testing.assert_allclose(to_numpy(output), to_numpy(expected), atol=1e-5)


@windows
def test_gradients_equal_those_under_the_mask(window):
    arrays, mask = inputs(7, 2), sliding_window_mask(7, 7, window)
    upstream = np.random.default_rng(1).normal(size=(2, 7, DV)).astype("float32")

    def loss_of(output):
        return ops.sum(ops.multiply(upstream, output))

    _, expected = value_and_gradients(
        lambda *x: loss_of(scaled_dot_product_attention(*x, mask)[0]), *arrays
    )
    _, gradients = value_and_gradients(
        lambda *x: loss_of(sliding_window_attention(*x, window)), *arrays
    )
    for ours, wanted in zip(gradients, expected, strict=True):
        np.testing.assert_allclose(ours, wanted, atol=1e-5)


def test_the_largest_tensor_grows_linearly():
    largest = {}
    for length in (64, 128, 256):
        x = keras.Input(batch_shape=(1, length, 4))
        operations = keras.Model(x, sliding_window_attention(x, x, x, 16)).operations
        largest[length] = max(math.prod(op.output.shape) for op in operations)
    assert largest == {length: length * 2 * 16 for length in largest}


@pytest.mark.parametrize("window", [0, -2])
def test_refuses_a_window_that_is_not_positive(window):
    with pytest.raises(ValueError, match=f"window must be positive.*{window}"):
        sliding_window_attention(*inputs(4), window)
    with pytest.raises(ValueError, match="window must be positive"):
        sliding_window_mask(4, 4, window)


def test_refuses_queries_and_keys_of_two_lengths():
    query, *_ = inputs(4)
    _, key, value = inputs(5)
    with pytest.raises(ValueError, match=r"one known length.*\(4, 6\).*\(5, 6\)"):
        sliding_window_attention(query, key, value, 2)


def test_refuses_an_unknown_length():
    tokens = keras.Input((None, D))
    with pytest.raises(ValueError, match="one known length"):
        sliding_window_attention(tokens, tokens, tokens, 2)


def test_refuses_shapes_that_disagree():
    query, key, _ = inputs(4)
    with pytest.raises(ValueError, match="length"):
        sliding_window_attention(query, key, key[:3], 2)
