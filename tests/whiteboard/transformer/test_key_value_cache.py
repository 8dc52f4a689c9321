import keras
import numpy as np
import pytest
from keras import ops

from whiteboard.transformer import MultiHeadAttention, write_to_cache

BATCH, LENGTH, WIDTH, HEADS, KEY_DIM = 2, 6, 16, 4, 8


def to_numpy(tensor):
    return ops.convert_to_numpy(tensor)


def normal(*shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape).astype("float32")


@pytest.mark.parametrize("groups", [1, 2, 4])
@pytest.mark.parametrize("steps", [(1,) * 6, (4, 1, 1), (2, 3, 1), (6,)])
def test_cached_steps_equal_the_full_causal_pass(groups, steps):
    layer = MultiHeadAttention(HEADS, KEY_DIM, num_key_value_heads=groups)
    x = normal(BATCH, LENGTH, WIDTH)
    expected = to_numpy(layer(x, x, use_causal_mask=True))
    cache, index, outputs = layer.empty_cache(BATCH, LENGTH + 3), 0, []
    for step in steps:
        new = x[:, index : index + step]
        output, cache = layer(new, new, cache=cache, cache_index=index)
        outputs.append(to_numpy(output))
        index += step
    np.testing.assert_allclose(np.concatenate(outputs, axis=1), expected, atol=1e-5)
    assert not to_numpy(cache)[:, :, :, LENGTH:].any()


def test_scores_with_a_cache_cover_the_written_places():
    layer = MultiHeadAttention(HEADS, KEY_DIM)
    x = normal(BATCH, 3, WIDTH)
    cache = layer.empty_cache(BATCH, LENGTH)
    _, scores, cache = layer(
        x, x, cache=cache, cache_index=0, return_attention_scores=True
    )
    assert scores.shape == (BATCH, HEADS, 3, LENGTH)
    np.testing.assert_array_equal(to_numpy(scores)[..., 3:], 0)
    assert cache.shape == (BATCH, 2, HEADS, LENGTH, KEY_DIM)


def test_index_may_be_a_tensor():
    layer = MultiHeadAttention(HEADS, KEY_DIM)
    x = normal(BATCH, 1, WIDTH)
    cache = ops.convert_to_tensor(normal(BATCH, 2, HEADS, LENGTH, KEY_DIM))
    results = [
        layer(x, x, cache=cache, cache_index=index)
        for index in (2, ops.convert_to_tensor(2, "int32"))
    ]
    for ours, expected in zip(*results, strict=True):
        np.testing.assert_allclose(to_numpy(ours), to_numpy(expected), atol=1e-6)


def test_symbolic_shapes():
    layer = MultiHeadAttention(HEADS, KEY_DIM)
    x = keras.Input((1, WIDTH), batch_size=BATCH)
    cache = keras.Input((2, HEADS, LENGTH, KEY_DIM), batch_size=BATCH)
    output, new = layer(x, x, cache=cache, cache_index=0)
    assert (output.shape, new.shape) == (x.shape, cache.shape)


def test_writes_keys_then_values_at_the_index():
    cache = ops.zeros((1, 2, 1, 4, 3))
    key, value = np.ones((1, 1, 2, 3)), np.full((1, 1, 2, 3), 2.0)
    written = to_numpy(
        write_to_cache(cache, *map(ops.convert_to_tensor, (key, value)), 1)
    )
    np.testing.assert_array_equal(written[0, :, 0, :, 0], [[0, 1, 1, 0], [0, 2, 2, 0]])


@pytest.mark.parametrize(
    "shape",
    [(3, 2, 4, 6, 8), (2, 1, 4, 6, 8), (2, 2, 2, 6, 8), (2, 2, 4, 6, 9), (2, 4, 6, 8)],
)
def test_refuses_a_cache_of_another_shape(shape):
    layer, x = MultiHeadAttention(HEADS, KEY_DIM), normal(BATCH, 1, WIDTH)
    with pytest.raises(ValueError, match=r"cache must have shape \(2, 2, 4, 6, 8\)"):
        layer(x, x, cache=ops.zeros(shape), cache_index=0)


@pytest.mark.parametrize("index", [5, 6, 100])
def test_refuses_tokens_that_do_not_fit(index):
    layer, x = MultiHeadAttention(HEADS, KEY_DIM), normal(BATCH, 2, WIDTH)
    cache = layer.empty_cache(BATCH, LENGTH)
    with pytest.raises(ValueError, match=f"leave room.*2 of 6.*={index}"):
        layer(x, x, cache=cache, cache_index=index)


@pytest.mark.parametrize("index", [None, -1])
def test_refuses_an_index_that_is_no_count(index):
    layer, x = MultiHeadAttention(HEADS, KEY_DIM), normal(BATCH, 1, WIDTH)
    cache = layer.empty_cache(BATCH, LENGTH)
    with pytest.raises(ValueError, match=f"cache_index must be .*={index}"):
        layer(x, x, cache=cache, cache_index=index)


def test_a_cache_needs_keys_and_values_of_one_size():
    with pytest.raises(ValueError, match="one size.*key_dim=8, value_dim=4"):
        MultiHeadAttention(HEADS, KEY_DIM, value_dim=4).empty_cache(BATCH, LENGTH)
