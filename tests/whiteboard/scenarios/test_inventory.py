import numpy as np
import pytest
from scipy import optimize, stats

from whiteboard.scenarios import critical_ratio, pinball_loss, stock_cost

RNG = np.random.default_rng(0)


def test_cost_is_the_pinball_loss_in_money():
    demand, stock = RNG.gamma(3, size=(2, 50))
    expected = 10 * pinball_loss(demand, stock, critical_ratio(9, 1))
    np.testing.assert_allclose(stock_cost(demand, stock, 9, 1), expected)


@pytest.mark.parametrize("shortage", [0.5, 2, 9])
def test_the_critical_ratio_is_the_cheapest_quantile(shortage):
    demand = stats.gamma(3).ppf(np.arange(0.5, 10_000) / 10_000)
    best = optimize.minimize_scalar(
        lambda stock: stock_cost(demand, stock, shortage, 1), (0, 5)
    )
    expected = stats.gamma(3).ppf(critical_ratio(shortage, 1))
    np.testing.assert_allclose(best.x, expected, rtol=5e-3)


def test_a_perfect_stock_costs_nothing():
    assert stock_cost([1, 2], [1, 2], 9, 1) == 0


@pytest.mark.parametrize("name", ["shortage", "surplus"])
@pytest.mark.parametrize("value", [0, -1, np.nan])
def test_bad_costs_are_refused(name, value):
    costs = {"shortage": 1, "surplus": 1, name: value}
    for call in (lambda: critical_ratio(**costs), lambda: stock_cost([1], 1, **costs)):
        with pytest.raises(ValueError, match=f"{name} must be positive"):
            call()


@pytest.mark.parametrize("demand", [[], [1, np.nan], [np.inf]])
def test_bad_demand_is_refused(demand):
    with pytest.raises(ValueError, match="must be finite"):
        stock_cost(demand, 1.0, 9, 1)
