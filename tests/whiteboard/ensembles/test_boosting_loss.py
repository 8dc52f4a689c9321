import numpy as np
import pytest
from scipy.optimize import minimize_scalar
from sklearn.metrics import log_loss, mean_absolute_error, mean_squared_error

from whiteboard.ensembles import AbsoluteErrorLoss, LogLoss, SquaredErrorLoss

LOSSES = [SquaredErrorLoss(), AbsoluteErrorLoss(), LogLoss()]
named = pytest.mark.parametrize("loss", LOSSES, ids=lambda x: type(x).__name__)


def rows(loss, count=31, seed=0):
    rng = np.random.default_rng(seed)
    y = rng.normal(size=count)
    return (y > 0).astype(float) if isinstance(loss, LogLoss) else y, rng.normal(
        size=count
    )


@named
def test_negative_gradient_is_that_of_the_value(loss):
    y, prediction = rows(loss)
    step = 1e-6
    for row, negative_gradient in enumerate(loss.negative_gradient(y, prediction)):
        nudge = np.eye(len(y))[row] * step
        rise = loss(y, prediction + nudge) - loss(y, prediction - nudge)
        np.testing.assert_allclose(
            -rise * len(y) / (2 * step), negative_gradient, atol=1e-6
        )


@named
def test_baseline_is_the_best_constant(loss):
    y, _ = rows(loss)
    best = minimize_scalar(lambda c: loss(y, np.full(len(y), c)), (-3, 3)).x
    np.testing.assert_allclose(loss.baseline(y), best, atol=1e-4)


@named
def test_line_search_finds_the_best_step_or_takes_newtons(loss):
    y, prediction = rows(loss)
    if isinstance(loss, LogLoss):  # repeated, its steps arrive
        found = 0.0
        for _ in range(20):
            found += loss.line_search(y, prediction + found)
    else:
        found = loss.line_search(y, prediction)
    best = minimize_scalar(lambda c: loss(y, prediction + c), (-3, 3)).x
    np.testing.assert_allclose(found, best, atol=1e-4)


def test_values_are_those_of_scikit_learn():
    for loss, theirs in [
        (LOSSES[0], lambda y, f: mean_squared_error(y, f) / 2),
        (LOSSES[1], mean_absolute_error),
        (LOSSES[2], lambda y, f: log_loss(y, 1 / (1 + np.exp(-f)))),
    ]:
        y, prediction = rows(loss)
        np.testing.assert_allclose(loss(y, prediction), theirs(y, prediction))


def test_log_loss_stays_finite_far_out():
    loss, far = LogLoss(), np.array([-1e4, 1e4])
    assert loss(np.array([0.0, 1.0]), far) == 0
    assert loss(np.array([1.0, 0.0]), far) == 1e4
    assert loss.line_search(np.array([0.0, 1.0]), far) == 0
