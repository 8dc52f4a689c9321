"""A deep network at initialization: what happens to signal and gradient on the way."""

import numpy as np
from scipy.special import expit

# Each activation with its derivative, both as functions of the pre-activation z.
SELU_SCALE, SELU_ALPHA = 1.0507009873554805, 1.6732632423543772
FUNCTIONS_AND_SLOPES = {
    "linear": (lambda z: z, np.ones_like),
    "tanh": (np.tanh, lambda z: 1 - np.tanh(z) ** 2),
    "sigmoid": (expit, lambda z: expit(z) * expit(-z)),
    "relu": (lambda z: np.maximum(z, 0), lambda z: (z > 0).astype(z.dtype)),
    "selu": (
        lambda z: (
            SELU_SCALE * np.where(z > 0, z, SELU_ALPHA * np.expm1(np.minimum(z, 0)))
        ),
        lambda z: (
            SELU_SCALE * np.where(z > 0, 1, SELU_ALPHA * np.exp(np.minimum(z, 0)))
        ),
    ),
}

# Shapes: B examples, n_l units in layer l, n_0 inputs.


def propagate(x, kernels, activation):
    r"""Send a batch forward through a plain network without biases.

    $$h_l = f(z_l), \quad z_l = h_{l-1} W_l$$

    Args:
        x: Inputs `(B, n_0)`.
        kernels: The weight matrices W_l, `(n_{l-1}, n_l)` each, first layer first.
        activation: `"linear"`, `"tanh"`, `"sigmoid"`, `"relu"` or `"selu"`.

    Returns:
        The list of activations `[x, h_1, ..., h_L]`, `(B, n_l)` each, and the list of
        slopes `[f'(z_1), ..., f'(z_L)]`, all float64.

    Raises:
        ValueError: If the activation is unknown, or the shapes do not fit together.

    Examples:
        >>> activations, slopes = propagate(np.ones((2, 3)), [np.eye(3)] * 50, "tanh")
        >>> len(activations), activations[-1].shape
        (51, (2, 3))
    """
    function, derivative = _activation(activation)
    activations, slopes = [_matrix(x, "x")], []
    for number, kernel in enumerate(kernels, start=1):
        kernel, h = _matrix(kernel, f"kernel {number}"), activations[-1]
        if h.shape[1] != len(kernel):
            raise ValueError(
                f"kernel {number} must have {h.shape[1]} rows, one per input. "
                f"Received: kernel {number} of shape {kernel.shape}"
            )
        z = h @ kernel
        activations.append(function(z))
        slopes.append(derivative(z))
    return activations, slopes


def backpropagate(gradient, kernels, slopes):
    r"""Send a gradient from the last layer back to the inputs.

    $$\frac{\partial L}{\partial h_{l-1}} =
    \left(\frac{\partial L}{\partial h_l} \odot f'(z_l)\right) W_l^\top$$

    Args:
        gradient: dL/dh_L, `(B, n_L)`.
        kernels: The weight matrices, as for `propagate`.
        slopes: f'(z_l) of each layer, as `propagate` returns them.

    Returns:
        The list `[dL/dx, dL/dh_1, ..., dL/dh_L]`.

    Raises:
        ValueError: If there is not one array of slopes per kernel.

    Examples:
        >>> _, slopes = propagate(x, kernels, "tanh")
        >>> gradients = backpropagate(np.ones((2, 3)), kernels, slopes)
        >>> np.linalg.norm(gradients[0]) / np.linalg.norm(gradients[-1])
    """
    if len(kernels) != len(slopes):
        raise ValueError(
            "There must be one array of slopes per kernel. "
            f"Received: {len(kernels)} kernels, {len(slopes)} slopes"
        )
    gradients = [np.asarray(gradient, "float64")]
    for kernel, slope in zip(kernels[::-1], slopes[::-1], strict=True):
        gradients.append((gradients[-1] * slope) @ np.asarray(kernel, "float64").T)
    return gradients[::-1]


def jacobian(x, kernels, activation):
    r"""Differentiate the last layer with respect to one input: a product of L factors.

    $$J = \frac{\partial h_L}{\partial x} = D_L W_L^\top \cdots D_1 W_1^\top, \quad
    D_l = \mathrm{diag}(f'(z_l))$$

    Its singular values say by how much a gradient can shrink or grow on the way back
    (Saxe et al. 2014).

    Args:
        x: One input, `(n_0,)`.
        kernels: The weight matrices, as for `propagate`.
        activation: As for `propagate`.

    Returns:
        The matrix `(n_L, n_0)`, float64.

    Raises:
        ValueError: As `propagate`; or if there is no kernel.

    Examples:
        >>> np.linalg.svd(jacobian(x, kernels, "tanh"), compute_uv=False)
    """
    if not len(kernels):
        raise ValueError("kernels must not be empty. Received: kernels=[]")
    _, slopes = propagate(np.asarray(x)[None], kernels, activation)
    identity = np.eye(np.shape(kernels[-1])[1])  # (n_L, n_L): one gradient per output
    return backpropagate(identity, kernels, slopes)[0]


def _activation(name):
    if name not in FUNCTIONS_AND_SLOPES:
        raise ValueError(
            f"activation must be one of {', '.join(FUNCTIONS_AND_SLOPES)}. "
            f"Received: activation={name}"
        )
    return FUNCTIONS_AND_SLOPES[name]


def _matrix(array, name):
    matrix = np.asarray(array, "float64")
    if matrix.ndim != 2:
        raise ValueError(f"{name} must be a matrix. Received: shape {matrix.shape}")
    return matrix
