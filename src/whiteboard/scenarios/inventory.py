"""From a forecast to a decision: how much to have in stock."""

import numpy as np

from whiteboard.fundamentals import require_positive


def critical_ratio(shortage, surplus):
    r"""The quantile of the demand to have in stock.

    $$\tau = \frac{c_u}{c_u + c_o}$$

    One more unit costs $c_o$ if it stays unsold and saves $c_u$ if it is asked for: stock
    up until both weigh the same, $c_u P(y > q) = c_o P(y \le q)$.

    Source: the newsvendor problem; Arrow, Harris and Marschak, "Optimal Inventory
    Policy", 1951.

    Args:
        shortage: Cost $c_u$ of a unit that is asked for and missing.
        surplus: Cost $c_o$ of a unit that stays unsold.

    Returns:
        A number in (0, 1).

    Raises:
        ValueError: If a cost is not positive.

    Examples:
        >>> critical_ratio(shortage=9, surplus=1)
        0.9
    """
    require_positive(shortage=shortage, surplus=surplus)
    return shortage / (shortage + surplus)


def stock_cost(demand, stock, shortage, surplus):
    r"""Mean cost of having ordered `stock` before the demand was known.

    $$c_u (y - q)^+ + c_o (q - y)^+ = (c_u + c_o) \, \rho_\tau(y, q), \quad
    \tau = \frac{c_u}{c_u + c_o}$$

    The pinball loss of the critical ratio, in money.

    Args:
        demand: Numbers of any shape.
        stock: Numbers of a shape that broadcasts with it.
        shortage: Cost $c_u$ of a unit that is asked for and missing.
        surplus: Cost $c_o$ of a unit that stays unsold.

    Returns:
        A number.

    Raises:
        ValueError: If a cost is not positive, or a number is not finite.

    Examples:
        >>> stock_cost([10, 10], [8, 12], shortage=9, surplus=1)
        10.0
    """
    require_positive(shortage=shortage, surplus=surplus)
    gap = np.asarray(demand, "float64") - np.asarray(stock, "float64")
    if not np.isfinite(gap).all() or gap.size == 0:
        raise ValueError(f"demand and stock must be finite. Received: gaps {gap}")
    return float(np.where(gap > 0, shortage * gap, -surplus * gap).mean())
