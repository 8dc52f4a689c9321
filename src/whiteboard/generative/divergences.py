"""How far apart two distributions on the same points are: divergences and distances."""

import numpy as np

# Shapes: N points; p and q (N,) are the probabilities of each of them.


def kl_divergence(p, q):
    r"""Kullback-Leibler divergence in nats, infinite where q misses what p has.

    $$\mathrm{KL}(p \,\|\, q) = \sum_i p_i \log \frac{p_i}{q_i}$$

    Source: Kullback and Leibler, 1951.

    Args:
        p: Probabilities `(N,)`, sum 1.
        q: Probabilities `(N,)`, sum 1.

    Returns:
        A float, at least 0.

    Raises:
        ValueError: If a probability is negative or NaN, a sum is not 1, or the shapes
            differ.

    Examples:
        >>> kl_divergence([0.5, 0.5], [1.0, 0.0])
        inf
    """
    p, q = _probabilities(p=p, q=q)
    occurs = p > 0
    with np.errstate(divide="ignore"):
        log_ratio = np.log(p[occurs]) - np.log(q[occurs])
    return float(p[occurs] @ log_ratio)


def jensen_shannon_divergence(p, q):
    r"""Jensen-Shannon divergence in nats, between 0 and log 2.

    $$\mathrm{JS}(p, q) = \tfrac{1}{2} \mathrm{KL}(p \,\|\, m)
    + \tfrac{1}{2} \mathrm{KL}(q \,\|\, m), \quad m = \tfrac{1}{2} (p + q)$$

    Source: Lin, "Divergence Measures Based on the Shannon Entropy", 1991. Arguments,
    result and errors as for `kl_divergence`.

    Examples:
        >>> jensen_shannon_divergence([1.0, 0.0], [0.0, 1.0])  # log 2
        0.6931471805599453
    """
    p, q = _probabilities(p=p, q=q)
    middle = (p + q) / 2
    return (kl_divergence(p, middle) + kl_divergence(q, middle)) / 2


def total_variation(p, q):
    r"""Largest difference that two distributions give to one event, in [0, 1].

    $$\mathrm{TV}(p, q) = \tfrac{1}{2} \sum_i |p_i - q_i|$$

    Arguments, result and errors as for `kl_divergence`.

    Examples:
        >>> total_variation([1.0, 0.0], [0.0, 1.0])
        1.0
    """
    p, q = _probabilities(p=p, q=q)
    return float(np.abs(p - q).sum() / 2)


def earth_mover_distance(p, q, points):
    r"""Wasserstein-1 distance on the line: mass times the way it has to travel.

    $$W_1(p, q) = \int |F_p(t) - F_q(t)| \, dt$$

    with F the distribution functions: past each gap between neighbouring points flows
    the mass by which they differ there.

    Source: Vallender, "Calculation of the Wasserstein Distance Between Probability
    Distributions on the Line", 1974.

    Args:
        p: Probabilities `(N,)`, sum 1.
        q: Probabilities `(N,)`, sum 1.
        points: Where they sit, `(N,)`, ascending.

    Returns:
        A float, in the unit of the points.

    Raises:
        ValueError: As for `kl_divergence`, or if the points are not N ascending and
            finite numbers.

    Examples:
        >>> earth_mover_distance([1.0, 0.0], [0.0, 1.0], points=[0.0, 3.0])
        3.0
    """
    p, q = _probabilities(p=p, q=q)
    gaps = _gaps(points, len(p))
    flow = np.abs(np.cumsum(p - q))[:-1]  # (N - 1,), past each gap
    return float(flow @ gaps)


def _probabilities(**arguments):
    arrays = {name: np.asarray(array, "float64") for name, array in arguments.items()}
    for name, array in arrays.items():
        if array.ndim != 1:
            raise ValueError(
                f"{name} must have one axis. Received: {name}.shape={array.shape}"
            )
        if not (array >= 0).all() or not np.isclose(array.sum(), 1, atol=1e-6):
            raise ValueError(
                f"{name} must be probabilities, at least 0 and with sum 1. "
                f"Received: minimum {array.min(initial=0)}, sum {array.sum()}"
            )
    shapes = {name: array.shape for name, array in arrays.items()}
    if len(set(shapes.values())) > 1:
        raise ValueError(f"p and q must have the same shape. Received: {shapes}")
    return arrays.values()


def _gaps(points, count):
    points = np.asarray(points, "float64")
    gaps = np.diff(points)
    if points.shape != (count,) or not ((gaps > 0) & np.isfinite(gaps)).all():
        raise ValueError(
            f"points must be {count} ascending finite numbers. Received: "
            f"points={points}"
        )
    return gaps  # (N - 1,)
