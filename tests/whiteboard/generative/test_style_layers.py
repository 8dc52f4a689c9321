import keras
import numpy as np
import pytest

from whiteboard.generative import (
    AdaptiveInstanceNormalization,
    NoiseInjection,
    adaptive_instance_normalization,
)


def to_numpy(tensor):
    return keras.ops.convert_to_numpy(tensor)


def normal(*shape):
    return np.random.default_rng(0).normal(size=shape).astype("float32")


def test_each_channel_has_the_mean_and_deviation_asked_for():
    x, scale, shift = normal(3, 8, 8, 4), normal(3, 4), normal(3, 4)
    y = to_numpy(adaptive_instance_normalization(x, scale, shift))
    np.testing.assert_allclose(y.mean(axis=(1, 2)), shift, atol=1e-5)
    np.testing.assert_allclose(y.std(axis=(1, 2)), abs(scale), atol=1e-4)


def test_with_a_neutral_style_it_is_keras_instance_normalization():
    x = normal(2, 5, 6, 4)
    builtin = keras.layers.GroupNormalization(groups=-1, epsilon=1e-5)
    mine = AdaptiveInstanceNormalization()
    np.testing.assert_allclose(
        to_numpy(mine(x, np.zeros((2, 3)))), to_numpy(builtin(x)), atol=2e-5
    )


def test_a_constant_map_becomes_the_shift():
    y = adaptive_instance_normalization(np.ones((1, 4, 4, 2)), [[3.0, 3]], [[1.0, -1]])
    np.testing.assert_allclose(to_numpy(y)[0, 0, 0], [1, -1], atol=1e-6)


def test_noise_is_the_same_in_all_channels_and_starts_at_none():
    layer, x, noise = NoiseInjection(), normal(2, 4, 4, 3), normal(2, 4, 4, 1)
    np.testing.assert_array_equal(to_numpy(layer(x, noise)), x)
    layer.strength.assign([1.0, 2.0, 0.0])
    np.testing.assert_allclose(
        to_numpy(layer(x, noise)), x + noise * [1, 2, 0], atol=1e-6
    )


def test_epsilon_must_not_be_negative():
    with pytest.raises(ValueError, match="epsilon must not be negative"):
        AdaptiveInstanceNormalization(epsilon=-1.0)
