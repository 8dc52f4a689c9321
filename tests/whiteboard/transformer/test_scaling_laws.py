import numpy as np
import pytest
from scipy.optimize import minimize_scalar

from whiteboard.transformer import LossLaw, compute_optimal_size

HOFFMANN = LossLaw(1.69, 406.4, 0.34, 410.7, 0.28)


@pytest.mark.parametrize("flops", [1e18, 5.76e23])
def test_no_other_split_of_the_budget_is_better(flops):
    parameters, tokens = HOFFMANN.compute_optimal(flops)
    assert 6 * parameters * tokens == pytest.approx(flops)

    def loss(log_parameters):
        n = np.exp(log_parameters)
        return HOFFMANN.loss(n, flops / (6 * n))

    best = minimize_scalar(loss, bounds=(10, 40), method="bounded")
    assert best.fun == pytest.approx(HOFFMANN.loss(parameters, tokens), abs=1e-9)
    assert np.exp(best.x) == pytest.approx(parameters, rel=1e-3)


def test_equal_exponents_split_evenly():
    law = LossLaw(1.7, 300.0, 0.3, 300.0, 0.3)
    assert law.compute_optimal(6e20) == pytest.approx((1e10, 1e10))


def test_loss_of_arrays_falls_to_the_irreducible_one():
    sizes = np.array([1e6, 1e9, 1e40])
    losses = HOFFMANN.loss(sizes, 20 * sizes)
    assert (np.diff(losses) < 0).all() and losses[-1] == pytest.approx(1.69, abs=1e-6)


def test_chinchilla():
    """Hoffmann et al. 2022: 70 billion parameters, 1.4 trillion tokens."""
    parameters, tokens = compute_optimal_size(6 * 70e9 * 1.4e12)
    assert (parameters, tokens) == pytest.approx((70e9, 1.4e12))
    assert compute_optimal_size(6e18, 100)[0] == pytest.approx(1e8)


@pytest.mark.parametrize("value", [0, -1.0, float("nan")])
def test_not_positive(value):
    with pytest.raises(ValueError, match="flops must be positive"):
        compute_optimal_size(value)
    with pytest.raises(ValueError, match="tokens_per_parameter must be positive"):
        compute_optimal_size(1e18, value)
    with pytest.raises(ValueError, match="flops must be positive"):
        HOFFMANN.compute_optimal(value)
    with pytest.raises(ValueError, match="data_exponent must be positive"):
        LossLaw(1.7, 300.0, 0.3, 300.0, value)


def test_a_loss_without_a_floor():
    assert LossLaw(0, 1.0, 1.0, 1.0, 1.0).loss(4, 4) == 0.5
    with pytest.raises(ValueError, match="irreducible_loss must not be negative"):
        LossLaw(-0.1, 300.0, 0.3, 300.0, 0.3)
