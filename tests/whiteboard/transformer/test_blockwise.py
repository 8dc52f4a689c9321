import math

import keras
import numpy as np
import pytest
from keras import ops
from scipy.special import logsumexp

from whiteboard.fundamentals import value_and_gradients
from whiteboard.transformer import (
    blockwise_attention,
    blockwise_attention_gradients,
    causal_mask,
    scaled_dot_product_attention,
    sliding_window_mask,
)

T, S, D, DV = 10, 13, 8, 5
MASKS = {
    "none": (None, None),
    "causal": (lambda t, s: s <= t, causal_mask(T, S)),
    "window": (
        lambda t, s: ops.logical_and(s <= t, t - s < 4),
        sliding_window_mask(T, S, 4),
    ),
}
block_sizes = pytest.mark.parametrize("block_size", [1, 4, 13, 100])
masks = pytest.mark.parametrize("name", MASKS)


def inputs(*leading, dtype="float32", scale=1.0):
    rng = np.random.default_rng(0)
    shapes = (*leading, T, D), (*leading, S, D), (*leading, S, DV)
    return [(scale * rng.normal(size=shape)).astype(dtype) for shape in shapes]


def to_numpy(tensor):
    return ops.convert_to_numpy(ops.cast(tensor, "float32"))


@block_sizes
@masks
@pytest.mark.parametrize("leading", [(), (2, 3)])
def test_equals_plain_attention(leading, name, block_size):
    allowed, mask = MASKS[name]
    arrays = inputs(*leading, scale=2.0)
    expected, _ = scaled_dot_product_attention(*arrays, mask)
    output, log_sum_exp = blockwise_attention(*arrays, block_size, allowed)
    np.testing.assert_allclose(to_numpy(output), to_numpy(expected), atol=1e-5)

    query, key, _ = arrays
    scores = query @ np.swapaxes(key, -1, -2) / math.sqrt(D)
    if mask is not None:
        scores = np.where(ops.convert_to_numpy(mask), scores, -np.inf)
    np.testing.assert_allclose(
        to_numpy(log_sum_exp), logsumexp(scores, axis=-1, keepdims=True), atol=1e-5
    )


@block_sizes
@masks
def test_gradients_equal_those_of_plain_attention(name, block_size):
    allowed, mask = MASKS[name]
    arrays = inputs(2)
    upstream = np.random.default_rng(1).normal(size=(2, T, DV)).astype("float32")

    def plain(*tensors):
        output, _ = scaled_dot_product_attention(*tensors, mask)
        return ops.sum(ops.multiply(upstream, output))

    def blockwise(*tensors):
        output, _ = blockwise_attention(*tensors, block_size, allowed)
        return ops.sum(ops.multiply(upstream, output))

    _, expected = value_and_gradients(plain, *arrays)
    _, automatic = value_and_gradients(blockwise, *arrays)
    by_hand = blockwise_attention_gradients(*arrays, upstream, block_size, allowed)
    for wanted, one, other in zip(expected, automatic, by_hand, strict=True):
        np.testing.assert_allclose(one, wanted, atol=1e-5)
        np.testing.assert_allclose(to_numpy(other), wanted, atol=1e-5)


def test_a_query_without_an_allowed_key_gets_uniform_weights():
    query, key, value = inputs()
    output, _ = blockwise_attention(
        query, key, value, 4, allowed=lambda t, s: ops.logical_and(t != 3, s >= 0)
    )
    np.testing.assert_allclose(to_numpy(output)[3], value.mean(axis=0), atol=1e-6)


def test_the_log_sum_exp_merges_two_halves_of_the_keys():
    query, key, value = inputs()
    whole, _ = blockwise_attention(query, key, value)
    halves = [
        map(to_numpy, blockwise_attention(query, key[half], value[half]))
        for half in (slice(0, 6), slice(6, None))
    ]
    (first, first_log), (second, second_log) = halves
    share = 1 / (1 + np.exp(second_log - first_log))
    merged = share * first + (1 - share) * second
    np.testing.assert_allclose(merged, to_numpy(whole), atol=1e-6)


@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float32"])
def test_has_the_dtype_of_the_inputs(dtype):
    arrays = [ops.cast(array, dtype) for array in inputs()]
    output, _ = blockwise_attention(*arrays, block_size=4)
    assert keras.backend.standardize_dtype(output.dtype) == dtype
    expected, _ = scaled_dot_product_attention(*arrays)
    tolerance = {"float16": 2e-3, "bfloat16": 2e-2, "float32": 1e-5}[dtype]
    np.testing.assert_allclose(to_numpy(output), to_numpy(expected), atol=tolerance)


def traced_sizes(function, *shapes):
    tensors = [keras.Input(batch_shape=shape) for shape in shapes]
    operations = keras.Model(tensors, function(*tensors)).operations
    return [math.prod(operation.output.shape) for operation in operations]


def causal(*tensors):
    return blockwise_attention(*tensors, block_size=32, allowed=lambda t, s: s <= t)


def causal_gradients(*tensors):
    return blockwise_attention_gradients(*tensors, 32, lambda t, s: s <= t)


@pytest.mark.parametrize(("function", "arity"), [(causal, 3), (causal_gradients, 4)])
def test_the_largest_tensor_grows_linearly(function, arity):
    largest = {
        length: max(traced_sizes(function, *[(1, length, 16)] * arity))
        for length in (64, 128, 256)
    }
    assert largest == {length: length * 32 for length in largest}
    assert (
        max(traced_sizes(scaled_dot_product_attention, *[(1, 256, 16)] * 3)) == 256**2
    )


def test_trains_under_jit_like_plain_attention():
    x = np.random.default_rng(0).normal(size=(8, T, D)).astype("float32")
    y = np.random.default_rng(1).normal(size=(8, T, D)).astype("float32")
    losses = []
    for attend in (
        lambda q, k, v: scaled_dot_product_attention(q, k, v, causal_mask(T, T))[0],
        lambda q, k, v: blockwise_attention(q, k, v, 4, lambda t, s: s <= t)[0],
    ):
        keras.utils.set_random_seed(0)
        tokens = keras.Input((T, D))
        model = keras.Model(
            tokens, attend(*(keras.layers.Dense(D)(tokens) for _ in range(3)))
        )
        model.compile(keras.optimizers.SGD(0.1), "mse", jit_compile=True)
        history = model.fit(x, y, batch_size=8, epochs=3, verbose=0).history
        losses.append(history["loss"])
    np.testing.assert_allclose(losses[1], losses[0], rtol=1e-5)


@pytest.mark.parametrize("block_size", [0, -1])
def test_refuses_a_block_size_that_is_not_positive(block_size):
    with pytest.raises(ValueError, match=f"block_size must be positive.*{block_size}"):
        blockwise_attention(*inputs(), block_size)


@pytest.mark.parametrize(
    ("shapes", "message"),
    [
        ([(4, 3), (6, 2), (6, 5)], "last dimension"),
        ([(4, 3), (6, 3), (5, 5)], "length"),
        ([(2, 4, 3), (3, 6, 3), (3, 6, 5)], "batch"),
        ([(4, 3), (0, 3), (0, 5)], "at least one key"),
    ],
)
def test_refuses_shapes_that_disagree(shapes, message):
    with pytest.raises(ValueError, match=message):
        blockwise_attention(*(np.zeros(shape, "float32") for shape in shapes))


def test_refuses_an_unknown_length():
    tokens = keras.Input((None, D))
    with pytest.raises(ValueError, match="known lengths"):
        blockwise_attention(tokens, tokens, tokens)


def test_refuses_integers():
    with pytest.raises(ValueError, match="floating dtype"):
        blockwise_attention(*(array.astype("int32") for array in inputs()))
