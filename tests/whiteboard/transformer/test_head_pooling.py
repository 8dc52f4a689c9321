import numpy as np
import pytest
from keras import ops

from whiteboard.transformer import (
    MultiHeadAttention,
    RotaryEmbedding,
    pool_key_value_heads,
)

D, HEADS, KEY_DIM = 12, 6, 4
X = np.random.default_rng(0).normal(size=(2, 5, D)).astype("float32")


def attention(**arguments):
    layer = MultiHeadAttention(HEADS, KEY_DIM, **arguments)
    layer.build(X.shape, X.shape)
    rng = np.random.default_rng(1)
    layer.set_weights([0.3 * rng.normal(size=w.shape) for w in layer.get_weights()])
    return layer


def output(layer):
    return ops.convert_to_numpy(layer(X, X, use_causal_mask=True))


@pytest.mark.parametrize("groups", [1, 2, 3, 6])
@pytest.mark.parametrize("arguments", [{}, {"value_dim": 3}, {"use_bias": False}])
def test_exact_where_the_heads_of_a_group_agree(groups, arguments):
    grouped = attention(num_key_value_heads=groups, **arguments)
    plain = attention(**arguments)
    weights = zip(grouped.get_weights(), plain.weights, strict=True)
    plain.set_weights(
        [
            w if w.shape == target.shape else np.repeat(w, HEADS // groups, axis=-2)
            for w, target in weights
        ]
    )
    np.testing.assert_allclose(output(plain), output(grouped), atol=1e-5)
    pooled = pool_key_value_heads(plain, groups)
    np.testing.assert_allclose(output(pooled), output(plain), atol=1e-5)


def test_heads_are_means_of_neighbours():
    plain = attention()
    pooled = pool_key_value_heads(plain, 2)
    for name in ("key_kernel", "value_kernel", "key_bias", "value_bias"):
        full = ops.convert_to_numpy(getattr(plain, name))
        means = np.stack(
            [full[..., :3, :].mean(axis=-2), full[..., 3:, :].mean(axis=-2)], axis=-2
        )
        np.testing.assert_allclose(
            ops.convert_to_numpy(getattr(pooled, name)), means, atol=1e-6
        )


def test_pools_groups_further_and_keeps_the_original():
    grouped = attention(num_key_value_heads=3, position=RotaryEmbedding())
    before = output(grouped)
    pooled = pool_key_value_heads(grouped, 1)
    assert pooled.key_kernel.shape == (D, 1, KEY_DIM)
    assert isinstance(pooled.position, RotaryEmbedding)
    np.testing.assert_array_equal(output(grouped), before)


@pytest.mark.parametrize("groups", [0, -1, 4, 12])
def test_refuses_a_count_that_does_not_divide(groups):
    with pytest.raises(ValueError, match=f"divide the layer's, 6.*={groups}"):
        pool_key_value_heads(attention(), groups)


def test_refuses_a_layer_that_is_not_built():
    with pytest.raises(ValueError, match="must be built"):
        pool_key_value_heads(MultiHeadAttention(2, 4), 1)
