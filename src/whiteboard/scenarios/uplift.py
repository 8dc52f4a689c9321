"""What a contact changes: estimated from a randomised trial, and judged by one."""

import numpy as np
from sklearn.base import BaseEstimator, clone
from sklearn.linear_model import LogisticRegression
from sklearn.utils.validation import check_consistent_length, check_is_fitted


class TwoModelUplift(BaseEstimator):
    r"""Estimate how much less often a customer leaves if contacted.

    $$\hat u(x) = \hat P(y = 1 \mid x, \mathrm{not\ contacted})
    - \hat P(y = 1 \mid x, \mathrm{contacted})$$

    One classifier for each arm of a trial; called the T-learner by Künzel et al.,
    "Metalearners for estimating heterogeneous treatment effects", 2019.

    Args:
        estimator: A classifier with `predict_proba`; logistic regression if `None`.

    Attributes:
        control_: Classifier fitted to those not contacted.
        treated_: Classifier fitted to those contacted.

    Examples:
        >>> x = np.random.default_rng(7).normal(size=(200, 2))
        >>> contacted, left = np.arange(200) % 2, np.arange(200) % 3 == 0
        >>> TwoModelUplift().fit(x, left, contacted).predict(x).shape
        (200,)
    """

    def __init__(self, estimator=None):
        self.estimator = estimator

    def fit(self, X, y, contacted):
        """Fit to features `(N, D)`, who left `(N,)` and who was contacted `(N,)`."""
        y, contacted = _as_trial(X, y, contacted)
        X = np.asarray(X)
        estimator = LogisticRegression() if self.estimator is None else self.estimator
        self.control_ = clone(estimator).fit(X[~contacted], y[~contacted])
        self.treated_ = clone(estimator).fit(X[contacted], y[contacted])
        return self

    def predict(self, X):
        """Return the estimated uplift `(N,)`, negative where a contact does harm."""
        check_is_fitted(self)
        without = self.control_.predict_proba(X)[:, 1]
        return without - self.treated_.predict_proba(X)[:, 1]


def qini_curve(score, y, contacted):
    r"""Count whom contacting the first k by score kept, from a randomised trial.

    $$Q(k) = L_c(k) \frac{N_t(k)}{N_c(k)} - L_t(k)$$

    Among the k with the highest score, $N_t, N_c$ were contacted or not, and $L_t, L_c$
    of them left. Where $N_c(k) = 0$ there is nothing to compare with: 0.

    Source: Radcliffe, "Using Control Groups to Target on Predicted Lift", 2007.

    Args:
        score: `(N,)`, higher means contact earlier.
        y: `(N,)`, 1 if the customer left.
        contacted: `(N,)`, 1 if contacted at random.

    Returns:
        Q(0) to Q(N), `(N + 1,)`.

    Raises:
        ValueError: If the arrays differ in length, are not 0 or 1, or an arm is empty.

    Examples:
        >>> print(qini_curve([4, 3, 2, 1], y=[1, 0, 1, 0], contacted=[0, 1, 0, 1]))
        [0. 0. 1. 1. 2.]
    """
    y, contacted = _as_trial(score, y, contacted)
    order = np.argsort(-np.asarray(score, float), kind="stable")
    y, contacted = y[order], contacted[order]
    num_treated, num_control = np.cumsum(contacted), np.cumsum(~contacted)
    left_treated, left_control = np.cumsum(y * contacted), np.cumsum(y * ~contacted)
    ratio = num_treated / np.maximum(num_control, 1)
    kept = np.where(num_control > 0, left_control * ratio - left_treated, 0)
    return np.concatenate([[0.0], kept])


def qini_coefficient(score, y, contacted):
    r"""Area between the Qini curve and its straight line, as a share of customers.

    $$q = \frac{1}{N} \sum_{k=0}^{N-1} \left[ \bar Q(k) - \frac{k + 1/2}{N} Q(N) \right]
    \frac{1}{N_t}, \quad \bar Q(k) = \frac{Q(k) + Q(k + 1)}{2}$$

    0 for a score that tells nothing, negative for one that targets worse than chance.
    Arguments and errors as for `qini_curve`; a number comes back.
    """
    curve = qini_curve(score, y, contacted)
    line = np.linspace(0, curve[-1], len(curve))
    size = len(curve) - 1
    return float(np.trapezoid(curve - line) / size / np.sum(contacted))


def _as_trial(rows, y, contacted):
    check_consistent_length(rows, y, contacted)
    y, contacted = np.asarray(y), np.asarray(contacted)
    if not np.isfinite(np.asarray(rows, float)).all():
        raise ValueError(
            "Features and scores must be finite. Received: NaN or infinity"
        )
    for name, values in {"y": y, "contacted": contacted}.items():
        if values.ndim != 1 or not np.isin(values, (0, 1)).all():
            raise ValueError(f"{name} must be one axis of 0 and 1. Received: {values}")
    if len(np.unique(contacted)) < 2:
        raise ValueError(
            "A trial needs customers contacted and customers not contacted. "
            f"Received: {int(np.sum(contacted))} of {len(contacted)} contacted"
        )
    return y.astype(int), contacted.astype(bool)
