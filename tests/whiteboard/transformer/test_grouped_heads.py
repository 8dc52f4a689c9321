"""Fewer heads of keys and values than of queries."""

import keras
import numpy as np
import pytest
from keras import ops

from whiteboard.transformer import MultiHeadAttention

WIDTH, HEADS, KEY_DIM = 16, 4, 8


def to_numpy(tensor):
    return ops.convert_to_numpy(tensor)


def inputs(seed=0):
    return np.random.default_rng(seed).normal(size=(2, 5, WIDTH)).astype("float32")


def pair(groups):
    ours = MultiHeadAttention(HEADS, KEY_DIM, num_key_value_heads=groups)
    builtin = keras.layers.GroupQueryAttention(KEY_DIM, HEADS, groups)
    for layer in (ours, builtin):
        layer.build((2, 5, WIDTH), (2, 5, WIDTH))
    rng = np.random.default_rng(1)
    weights = [0.3 * rng.normal(size=w.shape) for w in builtin.get_weights()]
    for layer in (ours, builtin):
        layer.set_weights(weights)
    return ours, builtin


@pytest.mark.parametrize("is_causal", [False, True])
@pytest.mark.parametrize("groups", [1, 2, 4])
def test_forward_equals_the_builtin(groups, is_causal):
    x = inputs()
    ours, expected = (
        layer(x, x, use_causal_mask=is_causal, return_attention_scores=True)
        for layer in pair(groups)
    )
    for a, b in zip(ours, expected, strict=True):
        np.testing.assert_allclose(to_numpy(a), to_numpy(b), atol=1e-5)


@pytest.mark.parametrize("groups", [1, 2, 4])
def test_gradient_equals_the_builtin(groups):
    """Weights after one SGD step of learning rate 1: their change is the gradient."""
    after = []
    for layer in pair(groups):
        x = keras.Input((5, WIDTH))
        model = keras.Model(x, layer(x, x, use_causal_mask=True))
        model.compile(keras.optimizers.SGD(1.0), "mse")
        model.train_on_batch(inputs(), inputs(seed=2))
        after.append(layer.get_weights())
    for ours, expected in zip(*after, strict=True):
        np.testing.assert_allclose(ours, expected, atol=1e-5)


def test_fewer_groups_have_fewer_weights():
    counts = [pair(groups)[0].count_params() for groups in (4, 2, 1)]
    one_head = 2 * (WIDTH + 1) * KEY_DIM
    assert np.diff(counts).tolist() == [-2 * one_head, -one_head]


def test_config_holds_the_groups():
    config = MultiHeadAttention(4, 8, num_key_value_heads=2).get_config()
    assert MultiHeadAttention.from_config(config).num_key_value_heads == 2


@pytest.mark.parametrize("groups", [3, 8])
def test_refuses_groups_that_do_not_divide_the_heads(groups):
    with pytest.raises(ValueError, match=f"divide num_heads.*={groups}, num_heads=4"):
        MultiHeadAttention(4, 8, num_key_value_heads=groups)


def test_refuses_no_group():
    with pytest.raises(ValueError, match="num_key_value_heads must be a positive"):
        MultiHeadAttention(4, 8, num_key_value_heads=0)
