import keras
import numpy as np
import pytest
from keras import ops

from whiteboard.fundamentals import (
    smooth_labels,
    softmax_cross_entropy,
    value_and_gradients,
)

LOGITS = np.random.default_rng(0).normal(size=(6, 5)).astype("float32")
ONE_HOT = np.eye(5, dtype="float32")[[0, 4, 2, 1, 3, 3]]


@pytest.mark.parametrize("smoothing", [0.0, 0.1, 0.5, 1.0])
def test_agrees_with_keras(smoothing):
    builtin = keras.losses.CategoricalCrossentropy(
        from_logits=True, label_smoothing=smoothing, reduction="sum"
    )

    def mine(logits):
        targets = smooth_labels(ONE_HOT, smoothing)
        return ops.sum(softmax_cross_entropy(targets, logits))

    value, (gradient,) = value_and_gradients(mine, LOGITS)
    expected, (expected_gradient,) = value_and_gradients(
        lambda logits: builtin(ONE_HOT, logits), LOGITS
    )
    np.testing.assert_allclose(value, expected, rtol=1e-6)
    np.testing.assert_allclose(gradient, expected_gradient, atol=1e-6)


def test_sums_and_integers():
    smoothed = ops.convert_to_numpy(smooth_labels(ONE_HOT.astype("int32"), 0.2))
    np.testing.assert_allclose(smoothed.sum(axis=-1), 1, rtol=1e-6)
    np.testing.assert_allclose(smoothed.max(axis=-1), 0.84, rtol=1e-6)


@pytest.mark.parametrize("smoothing", [-0.1, 1.1, np.nan])
def test_bad_smoothing_is_refused(smoothing):
    with pytest.raises(ValueError, match="smoothing must be from 0 to 1"):
        smooth_labels(ONE_HOT, smoothing)


@pytest.mark.parametrize("targets", [np.float32(1), np.ones((3, 1), "float32")])
def test_fewer_than_two_classes_are_refused(targets):
    with pytest.raises(ValueError, match="at least two classes"):
        smooth_labels(targets, 0.1)
