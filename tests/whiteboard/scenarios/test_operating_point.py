import numpy as np
import pytest
from sklearn.metrics import roc_curve

from whiteboard.scenarios import threshold_at_sensitivity


@pytest.mark.parametrize("sensitivity", [0.05, 0.5, 0.8, 0.95, 1.0])
def test_it_is_the_first_point_of_the_roc_curve_that_is_high_enough(sensitivity):
    rng = np.random.default_rng(7)
    labels = (rng.random(300) < 0.2).astype(int)
    scores = rng.normal(size=300).round(1) + labels
    _, rates, thresholds = roc_curve(labels, scores, drop_intermediate=False)
    expected = thresholds[np.argmax(rates >= sensitivity - 1e-9)]
    assert threshold_at_sensitivity(labels, scores, sensitivity) == expected


def test_a_tenth_of_ten_is_one():
    labels, scores = np.ones(10), np.arange(10) / 10
    assert threshold_at_sensitivity(labels, scores, 0.3) == 0.7


@pytest.mark.parametrize(
    ("labels", "scores", "sensitivity", "message"),
    [
        ([1, 0], [0.5], 0.9, "same shape"),
        ([1, 0], [0.5, np.nan], 0.9, "scores must not be NaN"),
        ([1, 0], [0.5, 0.1], 0, "sensitivity must be above 0"),
        ([1, 0], [0.5, 0.1], 1.1, "at most 1"),
        ([0, 0], [0.5, 0.1], 0.9, "labels must have a 1"),
    ],
)
def test_bad_arguments_are_refused(labels, scores, sensitivity, message):
    with pytest.raises(ValueError, match=message):
        threshold_at_sensitivity(labels, scores, sensitivity)
