import numpy as np
import pytest
from scipy.special import expit, logit
from scipy.stats import norm
from sklearn.metrics import precision_score

from whiteboard.scenarios import predictive_values, shift_prevalence


def test_the_predictive_value_is_the_precision():
    labels, predictions = np.random.default_rng(7).integers(0, 2, (2, 500))
    sensitivity = predictions[labels == 1].mean()
    specificity = 1 - predictions[labels == 0].mean()
    ppv, npv = predictive_values(sensitivity, specificity, labels.mean())
    assert ppv == pytest.approx(precision_score(labels, predictions))
    assert npv == pytest.approx(precision_score(labels, predictions, pos_label=0))


def test_arrays_and_the_ends():
    ppv, npv = predictive_values(0.9, 0.95, np.array([0, 0.01, 0.1, 0.5, 1]))
    np.testing.assert_allclose(ppv, [0, 0.1538, 0.6667, 0.9474, 1], atol=1e-4)
    np.testing.assert_allclose(npv, [1, 0.9989, 0.9884, 0.9048, 0], atol=1e-4)
    assert np.isnan(predictive_values(0.0, 1.0, 0.1)[0])


def test_the_shift_moves_log_odds_by_the_difference_of_the_priors():
    p = np.array([0.01, 0.3, 0.9])
    expected = expit(logit(p) + logit(0.01) - logit(0.4))
    np.testing.assert_allclose(shift_prevalence(p, 0.4, 0.01), expected, atol=1e-12)
    np.testing.assert_allclose(shift_prevalence(p, 0.2, 0.2), p, atol=1e-12)
    np.testing.assert_array_equal(shift_prevalence([0, 1], 0.5, 0.1), [0, 1])


def test_the_shift_gives_the_true_posterior():
    x = np.linspace(-3, 4, 20)
    sick, healthy = norm.pdf(x, 1), norm.pdf(x, 0)
    half, rare = (pi * sick / (pi * sick + (1 - pi) * healthy) for pi in (0.5, 0.02))
    np.testing.assert_allclose(shift_prevalence(half, 0.5, 0.02), rare, atol=1e-12)


@pytest.mark.parametrize("bad", [-0.1, 1.1, np.nan])
def test_bad_arguments_are_refused(bad):
    for arguments, name in [
        ((bad, 0.5, 0.5), "sensitivity"),
        ((0.5, bad, 0.5), "specificity"),
        ((0.5, 0.5, bad), "prevalence"),
    ]:
        with pytest.raises(ValueError, match=f"{name} must be from 0 to 1. Received"):
            predictive_values(*arguments)
    with pytest.raises(ValueError, match="probabilities must be from 0 to 1"):
        shift_prevalence([bad], 0.5, 0.1)
    with pytest.raises(ValueError, match="trained_at must be between 0 and 1"):
        shift_prevalence([0.5], bad, 0.1)
    with pytest.raises(ValueError, match="used_at must be between 0 and 1"):
        shift_prevalence([0.5], 0.1, 0)
