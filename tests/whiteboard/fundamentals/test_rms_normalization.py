"""The formula. What it shares with layer norm: test_layer_normalization."""

import numpy as np
import pytest
from normalization_parity import random, to_numpy

from whiteboard.fundamentals import RMSNormalization, rms_normalize


def test_rms_normalize_is_the_formula():
    x = random(4, 5, 6)
    expected = x / np.sqrt((x**2).mean(axis=(1, 2), keepdims=True) + 0.5)
    np.testing.assert_allclose(to_numpy(rms_normalize(x, (1, 2), 0.5)), expected, 1e-5)


def test_zeros_stay_zeros():
    zeros = np.zeros((2, 3), "float32")
    np.testing.assert_array_equal(to_numpy(rms_normalize(zeros, -1)), zeros)


def test_pure_function_refuses_a_negative_epsilon():
    with pytest.raises(ValueError, match="Received: epsilon=-1"):
        rms_normalize(random(2, 3), -1, -1)


@pytest.mark.parametrize("axis", [1, [1, 3]])
def test_scale_belongs_to_the_normalized_axes(axis):  # Keras 3.15 raises here
    layer, x = RMSNormalization(axis=axis, epsilon=0.5), random(4, 5, 6, 3)
    layer.build(x.shape)
    (ones,) = layer.get_weights()
    scale = np.arange(1.0, ones.size + 1).reshape(ones.shape)
    layer.set_weights([scale])
    axes = (1,) if axis == 1 else (1, 3)
    scale = scale[:, None, None] if axis == 1 else scale[:, None, :]
    expected = scale * x / np.sqrt((x**2).mean(axis=axes, keepdims=True) + 0.5)
    np.testing.assert_allclose(to_numpy(layer(x)), expected, rtol=1e-5)
