import keras
import numpy as np
import pytest
from normalization_parity import (
    both,
    check_gradients,
    check_mixed_precision,
    random,
    to_numpy,
)

from whiteboard.fundamentals import GroupNormalization, LayerNormalization, normalize


@pytest.mark.parametrize("groups", [1, 2, 4, 8, -1])
@pytest.mark.parametrize("shape", [(4, 8), (4, 5, 8), (2, 5, 6, 8), (1, 1, 8)])
def test_outputs_agree_with_keras(groups, shape):
    mine, builtin = both(GroupNormalization, shape, groups=groups)
    x = random(*shape)
    np.testing.assert_allclose(to_numpy(mine(x)), to_numpy(builtin(x)), atol=3e-5)


@pytest.mark.parametrize("groups", [1, 2, -1])
def test_gradients_agree_with_keras(groups):
    shape = (6, 5, 4)
    check_gradients(both(GroupNormalization, shape, groups=groups), shape)


@pytest.mark.parametrize("policy", ["mixed_float16", "mixed_bfloat16"])
def test_statistics_are_float32_under_mixed_precision(policy):
    layers = both(GroupNormalization, (4, 5, 8), groups=2, dtype=policy)
    check_mixed_precision(layers, (4, 5, 8), policy)


def test_one_group_is_layer_norm_over_all_axes():
    x = random(4, 5, 6, 8)
    one, layer = GroupNormalization(groups=1), LayerNormalization(axis=[1, 2, 3])
    np.testing.assert_allclose(to_numpy(one(x)), to_numpy(layer(x)), atol=1e-5)


def test_as_many_groups_as_channels_is_instance_norm():
    x = random(4, 5, 6, 8)
    for groups in (8, -1):
        outputs = to_numpy(GroupNormalization(groups=groups)(x))
        expected = to_numpy(normalize(x, (1, 2)))
        np.testing.assert_allclose(outputs, expected, atol=1e-5)


def test_unknown_length():
    inputs = keras.Input((None, 8))
    model = keras.Model(inputs, GroupNormalization(groups=2)(inputs))
    assert model.predict(random(2, 7, 8), verbose=0).shape == (2, 7, 8)


@pytest.mark.parametrize("groups", [0, -2])
def test_groups_must_be_positive(groups):
    with pytest.raises(ValueError, match=f"Received: groups={groups}"):
        GroupNormalization(groups=groups)


def test_groups_must_divide_the_channels():
    with pytest.raises(ValueError, match="must divide.*groups=3, channels=8"):
        GroupNormalization(groups=3).build((None, 8))


@pytest.mark.parametrize("shape", [(8,), (2, None)])
def test_bad_shape_is_refused(shape):
    with pytest.raises(ValueError, match="GroupNormalization needs inputs of shape"):
        GroupNormalization(groups=1).build(shape)


def test_negative_epsilon_is_refused():
    with pytest.raises(ValueError, match="Received: epsilon=-1"):
        GroupNormalization(epsilon=-1)
