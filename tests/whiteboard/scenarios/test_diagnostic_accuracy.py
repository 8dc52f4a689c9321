import numpy as np
import pytest
from scipy.stats import binomtest
from sklearn.metrics import recall_score
from statsmodels.stats.proportion import proportion_confint

from whiteboard.scenarios import (
    clopper_pearson_interval,
    sensitivity_specificity,
    wilson_interval,
)

COUNTS = [(0, 1), (1, 1), (0, 20), (20, 20), (18, 20), (1, 200), (5000, 9000)]


@pytest.mark.parametrize("confidence", [0.5, 0.95, 0.999])
@pytest.mark.parametrize(("successes", "trials"), COUNTS)
def test_intervals_are_those_of_scipy_and_statsmodels(successes, trials, confidence):
    test = binomtest(successes, trials)
    for interval, method, name in [
        (wilson_interval, "wilson", "wilson"),
        (clopper_pearson_interval, "exact", "beta"),
    ]:
        found = interval(successes, trials, confidence)
        expected = test.proportion_ci(confidence, method)
        np.testing.assert_allclose(found, (expected.low, expected.high), atol=1e-12)
        other = proportion_confint(successes, trials, 1 - confidence, name)
        np.testing.assert_allclose(found, other, atol=1e-12)


def test_rates_are_recalls():
    rng = np.random.default_rng(7)
    labels, predictions = rng.integers(0, 2, (2, 100))
    sensitivity, specificity = sensitivity_specificity(labels, predictions)
    assert sensitivity.value == pytest.approx(recall_score(labels, predictions))
    assert specificity.value == pytest.approx(
        recall_score(labels, predictions, pos_label=0)
    )
    assert sensitivity.low < sensitivity.value < sensitivity.high
    assert specificity[1:] == wilson_interval(
        int(((labels == 0) & (predictions == 0)).sum()), int((labels == 0).sum())
    )


@pytest.mark.parametrize(
    ("labels", "predictions", "message"),
    [
        ([1, 0], [1, 0, 1], "same shape"),
        ([[1, 0]], [[1, 0]], "same shape"),
        ([1, 0], [0.3, 0.7], "predictions must be 0 or 1"),
        ([1, 2], [1, 0], "labels must be 0 or 1"),
        ([1, 0], [1, np.nan], "predictions must be 0 or 1"),
        ([0, 0], [1, 0], "both classes. Received: no 1"),
        ([], [], "both classes"),
    ],
)
def test_bad_arguments_are_refused(labels, predictions, message):
    with pytest.raises(ValueError, match=message):
        sensitivity_specificity(labels, predictions)


@pytest.mark.parametrize("interval", [wilson_interval, clopper_pearson_interval])
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((3, 2), "successes must be from 0 to trials"),
        ((-1, 2), "successes must be from 0 to trials"),
        ((0, 0), "trials at least 1"),
        ((1, 2, 1.0), "confidence must be between 0 and 1"),
    ],
)
def test_numbers_out_of_range_are_refused(interval, arguments, message):
    with pytest.raises(ValueError, match=message):
        interval(*arguments)
