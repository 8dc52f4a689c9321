import numpy as np
import pytest
from sklearn.base import clone
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression

from whiteboard.scenarios import TwoModelUplift, qini_coefficient, qini_curve


@pytest.fixture
def trial():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(3000, 2))
    contacted = rng.integers(2, size=3000)
    risk = 0.4 - 0.25 * contacted * (x[:, 0] > 0)
    return x, (rng.random(3000) < risk).astype(int), contacted


def test_estimates_the_difference_of_two_models(trial):
    x, y, contacted = trial
    model = TwoModelUplift().fit(x, y, contacted)
    control = LogisticRegression().fit(x[contacted == 0], y[contacted == 0])
    treated = LogisticRegression().fit(x[contacted == 1], y[contacted == 1])
    expected = control.predict_proba(x)[:, 1] - treated.predict_proba(x)[:, 1]
    np.testing.assert_allclose(model.predict(x), expected)


def test_finds_an_effect_with_another_classifier(trial):
    x, y, contacted = trial
    boosting = HistGradientBoostingClassifier(max_iter=30, random_state=0)
    model = clone(TwoModelUplift(boosting)).fit(x, y, contacted)
    uplift = model.predict(x)
    assert abs(uplift[x[:, 0] > 0].mean() - 0.25) < 0.06
    assert abs(uplift[x[:, 0] < 0].mean()) < 0.06
    assert not hasattr(boosting, "classes_"), "the estimator given is not fitted"


def test_asks_to_be_fitted_first():
    with pytest.raises(NotFittedError):
        TwoModelUplift().predict(np.zeros((2, 2)))


def brute_force(score, y, contacted):
    order = sorted(range(len(y)), key=lambda i: -score[i])
    curve = [0.0]
    for k in range(1, len(y) + 1):
        t = [y[i] for i in order[:k] if contacted[i]]
        c = [y[i] for i in order[:k] if not contacted[i]]
        curve.append(sum(c) * len(t) / len(c) - sum(t) if c else 0.0)
    return curve


def test_the_qini_curve_counts(trial):
    x, y, contacted = (part[:200] for part in trial)
    expected = brute_force(x[:, 1], y, contacted)
    np.testing.assert_allclose(qini_curve(x[:, 1], y, contacted), expected, atol=1e-9)


def test_the_curve_ends_at_the_effect_of_the_trial_whatever_the_score(trial):
    x, y, contacted = trial
    total = contacted.sum() * (y[contacted == 0].mean() - y[contacted == 1].mean())
    for score in x.T:
        np.testing.assert_allclose(qini_curve(score, y, contacted)[-1], total)


def test_the_coefficient_tells_good_from_useless_from_reversed(trial):
    x, y, contacted = trial
    good, useless, bad = x[:, 0], x[:, 1], -x[:, 0]
    assert qini_coefficient(good, y, contacted) > 0.015
    assert abs(qini_coefficient(useless, y, contacted)) < 0.015
    assert qini_coefficient(bad, y, contacted) < -0.015


@pytest.mark.parametrize("function", [qini_curve, qini_coefficient])
@pytest.mark.parametrize(
    ("score", "y", "contacted", "message"),
    [
        ([1, 2], [0, 1], [1], "inconsistent numbers of samples"),
        ([1, 2], [0, 2], [0, 1], "y must be one axis of 0 and 1"),
        ([1, 2], [0, 1], [0, float("nan")], "contacted must be one axis of 0 and 1"),
        ([1, 2], [0, 1], [1, 1], "contacted and customers not contacted"),
        ([1, float("nan")], [0, 1], [0, 1], "must be finite"),
        ([], [], [], "contacted and customers not contacted"),
    ],
)
def test_trials_that_are_none_are_refused(function, score, y, contacted, message):
    with pytest.raises(ValueError, match=message):
        function(score, y, contacted)


def test_a_trial_with_one_arm_is_not_fitted():
    with pytest.raises(ValueError, match="Received: 0 of 3 contacted"):
        TwoModelUplift().fit(np.zeros((3, 1)), [0, 1, 0], [0, 0, 0])
