"""Activation functions and their derivatives, finite wherever the input is.

Each maps a floating-point tensor of any shape to one of that shape, element by element.
`f_derivative(x)` is f'(x), the factor that backpropagation multiplies by.
"""

import math

from keras import ops

from whiteboard.fundamentals.argument_checks import require_not_negative

GELU_CUBIC = 0.044715  # fitted, Hendrycks & Gimpel 2016


def sigmoid(x):
    r"""$\sigma(x) = 1 / (1 + e^{-x}) = e^x / (e^x + 1)$, in (0, 1).

    Each form overflows on one side, so each side takes the other one's.

    >>> sigmoid(keras.ops.array([-1000.0, 0.0, 1000.0]))
    [0. , 0.5, 1. ]
    """
    is_negative = x < 0
    numerator = ops.exp(ops.where(is_negative, x, 0))  # e^x if x < 0, else 1
    other = ops.exp(ops.where(is_negative, 0, -x))  # 1 if x < 0, else e^-x
    return numerator / (numerator + other)


def sigmoid_derivative(x):
    r"""$\sigma'(x) = \sigma(x) \, (1 - \sigma(x)) = \sigma(x) \, \sigma(-x)$, at most 1/4.

    The second form keeps its digits where $\sigma(x)$ rounds to 1.
    """
    return sigmoid(x) * sigmoid(-x)


def tanh(x):
    r"""$\tanh(x) = (e^x - e^{-x}) / (e^x + e^{-x})$, equal to $2 \sigma(2x) - 1$.

    Computed from $e^{-2|x|} - 1$, which can neither overflow nor cancel.

    >>> tanh(keras.ops.array([-1000.0, 1e-8, 1000.0]))
    [-1.e+00,  1.e-08,  1.e+00]
    """
    is_negative = x < 0
    t = ops.expm1(ops.where(is_negative, 2 * x, -2 * x))  # e^(-2|x|) - 1
    return ops.where(is_negative, t, -t) / (t + 2)


def tanh_derivative(x):
    r"""$\tanh'(x) = 1 - \tanh^2(x)$, at most 1."""
    return 1 - tanh(x) ** 2


def relu(x):
    r"""$\max(0, x)$, in [0, inf). Nair & Hinton 2010.

    Not differentiable at 0. Written like this, automatic differentiation gives 0 there
    on every backend, as `keras.ops.relu` does; `maximum(x, 0)` gives 1/2 or 1.
    """
    return ops.where(x <= 0, 0, x)


def relu_derivative(x):
    """1 where x > 0, else 0; by convention 0 at 0."""
    return ops.cast(x > 0, x.dtype)


def leaky_relu(x, negative_slope=0.01):
    """x if x > 0, else `negative_slope * x`. Maas et al. 2013.

    Raises:
        ValueError: If `negative_slope` is negative or NaN.
    """
    require_not_negative(negative_slope=negative_slope)
    return ops.where(x > 0, x, negative_slope * x)


def leaky_relu_derivative(x, negative_slope=0.01):
    """1 where x > 0, else `negative_slope`."""
    require_not_negative(negative_slope=negative_slope)
    return ops.where(x > 0, ops.ones_like(x), negative_slope)


def elu(x, alpha=1.0):
    r"""x if x > 0, else $\alpha (e^x - 1)$, in $(-\alpha, \infty)$. Clevert et al. 2016.

    Raises:
        ValueError: If `alpha` is negative or NaN.
    """
    require_not_negative(alpha=alpha)
    return ops.where(x > 0, x, alpha * ops.expm1(ops.where(x > 0, 0, x)))


def elu_derivative(x, alpha=1.0):
    r"""1 where x > 0, else $\alpha e^x$."""
    require_not_negative(alpha=alpha)
    return ops.where(x > 0, 1, alpha * ops.exp(ops.where(x > 0, 0, x)))


def normal_cdf(x, approximate=False):
    r"""$\Phi(x)$, the share of the standard normal below x.

    Exactly $\frac{1}{2} (1 + \mathrm{erf}(x / \sqrt{2}))$, approximately
    $\frac{1}{2} (1 + \tanh(u))$ with $u = \sqrt{2 / \pi} \, (x + 0.044715 \, x^3)$.
    """
    if approximate:
        return 0.5 * (1 + tanh(math.sqrt(2 / math.pi) * (x + GELU_CUBIC * x**3)))
    return 0.5 * (1 + ops.erf(x / math.sqrt(2)))


def gelu(x, approximate=False):
    r"""$x \, \Phi(x)$, from -0.17 at x = -0.75 up to inf. Hendrycks & Gimpel 2016."""
    return ops.multiply(x, normal_cdf(x, approximate))


def gelu_derivative(x, approximate=False):
    r"""$\Phi(x) + x \, \Phi'(x)$."""
    x = ops.convert_to_tensor(x)
    if approximate:
        x = ops.clip(x, -10, 10)  # constant beyond, where x^2 might overflow
        cdf = normal_cdf(x, approximate)
        slope = math.sqrt(2 / math.pi) * (1 + 3 * GELU_CUBIC * x**2)
        return cdf + x * 2 * cdf * (1 - cdf) * slope
    return normal_cdf(x) + x * ops.exp(-(x**2) / 2) / math.sqrt(2 * math.pi)


def silu(x):
    r"""$x \, \sigma(x)$, also called swish. Elfwing et al. 2018. From -0.28 up to inf."""
    return ops.multiply(x, sigmoid(x))


def silu_derivative(x):
    r"""$\sigma(x) + x \, \sigma'(x)$."""
    return sigmoid(x) + ops.multiply(x, sigmoid_derivative(x))


def swiglu(gate, value):
    r"""$\mathrm{silu}(g) \cdot v$, for two projections $g = xW$, $v = xV$ of one input.

    Shazeer 2020, "GLU Variants Improve Transformer". Not a function of one number, so
    it has two derivatives: $\mathrm{silu}'(g) \, v$ and $\mathrm{silu}(g)$.

    Raises:
        ValueError: If `gate` and `value` differ in shape.
    """
    if tuple(gate.shape) != tuple(value.shape):
        raise ValueError(
            "gate and value must have the same shape. "
            f"Received: gate.shape={tuple(gate.shape)}, value.shape={tuple(value.shape)}"
        )
    return ops.multiply(silu(gate), value)


ACTIVATIONS = {
    "sigmoid": (sigmoid, sigmoid_derivative),
    "tanh": (tanh, tanh_derivative),
    "relu": (relu, relu_derivative),
    "leaky_relu": (leaky_relu, leaky_relu_derivative),
    "elu": (elu, elu_derivative),
    "gelu": (gelu, gelu_derivative),
    "silu": (silu, silu_derivative),
}
