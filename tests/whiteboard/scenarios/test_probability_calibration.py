import numpy as np
import pytest
from sklearn.calibration import calibration_curve
from sklearn.linear_model import LogisticRegression

from whiteboard.scenarios import (
    expected_calibration_error,
    reliability_curve,
    undo_class_weight,
)


@pytest.fixture
def predictions():
    rng = np.random.default_rng(0)
    p = rng.beta(1, 6, size=5000)
    return p, (rng.random(5000) < p).astype(int)


@pytest.mark.parametrize("num_bins", [1, 5, 10])
def test_the_curve_is_scikit_learns(predictions, num_bins):
    p, y = predictions
    observed, predicted = calibration_curve(y, p, n_bins=num_bins, strategy="quantile")
    mine = reliability_curve(p, y, num_bins)
    np.testing.assert_allclose(mine, (predicted, observed), atol=5e-3)


def test_the_error_is_small_if_calibrated_and_the_shift_if_not(predictions):
    p, y = predictions
    assert expected_calibration_error(p, y) < 0.02
    shifted = expected_calibration_error(np.clip(p + 0.2, 0, 1), y)
    assert abs(shifted - 0.2) < 0.02


def test_undoing_a_weight_finds_the_model_fitted_without(predictions):
    rng = np.random.default_rng(1)
    x = rng.normal(size=(60_000, 2))
    y = rng.random(60_000) < 1 / (1 + np.exp(3 - x @ [1.0, -0.5]))
    plain = LogisticRegression(C=np.inf).fit(x, y).predict_proba(x)[:, 1]
    model = LogisticRegression(C=np.inf, class_weight={0: 1, 1: 15}).fit(x, y)
    weighted = model.predict_proba(x)[:, 1]
    assert np.abs(weighted - plain).mean() > 0.2
    np.testing.assert_allclose(undo_class_weight(weighted, 15), plain, atol=0.02)


def test_undoing_keeps_the_order_and_the_ends():
    p = np.linspace(0, 1, 11)
    q = undo_class_weight(p, 7.0)
    assert (np.diff(q) > 0).all() and q[0] == 0 and q[-1] == 1
    np.testing.assert_allclose(undo_class_weight(q, 1 / 7), p)
    np.testing.assert_allclose(undo_class_weight(p, 1), p)


@pytest.mark.parametrize("weight", [0, -1, float("nan")])
def test_a_weight_that_is_not_positive_is_refused(weight):
    with pytest.raises(ValueError, match="weight positive. Received"):
        undo_class_weight([0.5], weight)


@pytest.mark.parametrize("p", [1.5, -0.1, float("nan")])
def test_probabilities_out_of_range_are_refused(p):
    with pytest.raises(ValueError, match=r"probabilities must be in \[0, 1\]"):
        undo_class_weight([p], 2)
    with pytest.raises(ValueError, match=r"probabilities must be in \[0, 1\]"):
        reliability_curve([p], [0], 1)


@pytest.mark.parametrize(
    ("p", "y", "num_bins", "message"),
    [
        ([], [], 1, "not empty"),
        ([0.5], [0, 1], 1, "the same length"),
        ([[0.5]], [[0]], 1, "one axis"),
        ([0.5], [2], 1, "y 0 or 1"),
        ([0.5, 0.4], [0, 1], 3, "num_bins must be from 1 to N=2. Received: num_bins=3"),
        ([0.5, 0.4], [0, 1], 0, "num_bins must be from 1 to N=2"),
    ],
)
def test_bad_input_is_refused(p, y, num_bins, message):
    for function in (reliability_curve, expected_calibration_error):
        with pytest.raises(ValueError, match=message):
            function(p, y, num_bins)
