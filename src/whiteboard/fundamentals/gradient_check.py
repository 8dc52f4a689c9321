"""Check a gradient against finite differences."""

import numpy as np

from whiteboard.fundamentals.argument_checks import require_positive


def numerical_gradient(function, x, step=1e-5):
    r"""Estimate the gradient of a scalar function by central differences.

    $$\frac{\partial f}{\partial x_i} = \frac{f(\mathbf{x} + h \mathbf{e}_i) -
    f(\mathbf{x} - h \mathbf{e}_i)}{2h} + O(h^2)$$

    Rounding adds an error of about `eps |f| / h`. In float64 a step near `eps^(1/3)`,
    6e-6, balances the two for a smooth function of ordinary size.

    Args:
        function: Takes a float64 array of the shape of `x`, returns a number.
        x: A floating-point or integer array of any shape. It stays as it is.
        step: h.

    Returns:
        A float64 array of the shape of `x`.

    Raises:
        ValueError: If `step` is not positive, or the function returns something other
            than one finite number.

    Examples:
        >>> numerical_gradient(lambda x: (x**2).sum(), np.array([1.0, 3.0]))
        array([2., 6.])
    """
    require_positive(step=step)
    x = np.array(x, dtype=float)
    gradient = np.zeros_like(x)
    for i in np.ndindex(x.shape):
        center = x[i]
        x[i] = center + step
        above = _finite(function(x))
        x[i] = center - step
        below = _finite(function(x))
        x[i] = center
        gradient[i] = (above - below) / (2 * step)
    return gradient


def relative_error(gradient, reference):
    r"""$\Vert a - b \Vert / (\Vert a \Vert + \Vert b \Vert)$: 0 if equal, 1 if opposite.

    Args:
        gradient: An array.
        reference: An array of the same shape.

    Returns:
        A float from 0 to 1; 0 if both are zero, NaN if either holds a NaN.

    Raises:
        ValueError: If the shapes differ.
    """
    a, b = np.asarray(gradient, dtype=float), np.asarray(reference, dtype=float)
    if a.shape != b.shape:
        raise ValueError(
            "gradient and reference must have the same shape. "
            f"Received: {a.shape} and {b.shape}"
        )
    size = np.linalg.norm(a) + np.linalg.norm(b)
    return float(np.linalg.norm(a - b) / size) if size else 0.0


def _finite(value):
    if np.ndim(value) or not np.isfinite(value):
        raise ValueError(f"function must return a finite number. Received: {value}")
    return float(value)
