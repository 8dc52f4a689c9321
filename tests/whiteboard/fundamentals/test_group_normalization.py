import keras
import numpy as np
import pytest
from keras import ops

from whiteboard.fundamentals import (
    GroupNormalization,
    LayerNormalization,
    model_gradients,
    normalize,
)


def random(*shape, seed=0):
    return np.random.default_rng(seed).normal(3, 2, size=shape).astype("float32")


def to_numpy(x):
    return ops.convert_to_numpy(ops.cast(x, "float32"))


def both(shape, **kwargs):
    layers = [GroupNormalization(**kwargs), keras.layers.GroupNormalization(**kwargs)]
    for layer in layers:
        layer.build(shape)
    rng = np.random.default_rng(5)
    weights = [rng.uniform(0.5, 2, size=w.shape) for w in layers[0].get_weights()]
    for layer in layers:
        layer.set_weights(weights)
    return layers


@pytest.mark.parametrize("groups", [1, 2, 4, 8, -1])
@pytest.mark.parametrize("shape", [(4, 8), (4, 5, 8), (2, 5, 6, 8), (1, 1, 8)])
def test_outputs_agree_with_keras(groups, shape):
    mine, builtin = both(shape, groups=groups)
    x = random(*shape)
    np.testing.assert_allclose(to_numpy(mine(x)), to_numpy(builtin(x)), atol=3e-5)


@pytest.mark.parametrize("groups", [1, 2, -1])
def test_gradients_agree_with_keras(groups):
    x, y = random(6, 5, 3), random(6, 5, 4, seed=1)
    gradients = []
    for norm in both((6, 5, 4), groups=groups):
        keras.utils.set_random_seed(2)
        model = keras.Sequential([keras.layers.Dense(4), norm])
        model.build((6, 5, 3))
        gradients.append(model_gradients(model, x, y, "mse")[1])
    for pair in zip(*gradients, strict=True):
        np.testing.assert_allclose(*pair, atol=1e-5)


@pytest.mark.parametrize("policy", ["mixed_float16", "mixed_bfloat16"])
def test_statistics_are_float32_under_mixed_precision(policy):
    mine, builtin = both((4, 5, 8), groups=2, dtype=policy)
    x = ops.cast(1000 * random(4, 5, 8), policy.removeprefix("mixed_"))
    outputs = [to_numpy(f(x)) for f in (mine, builtin)]
    assert np.isfinite(outputs[0]).all()
    np.testing.assert_allclose(*outputs, rtol=2e-2, atol=2e-2)


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
