"""How steep a network can be at most, read from its weights."""

import keras
import numpy as np

# 1-Lipschitz: none of them has a slope above 1 anywhere.
CONTRACTIONS = ("linear", "relu", "leaky_relu", "tanh", "sigmoid", "softplus", "elu")


def lipschitz_bound(model):
    r"""Product of the largest singular values of the kernels of a multilayer perceptron.

    $$|f(x) - f(y)| \le \prod_l \|W_l\|_2 \; \|x - y\|_2$$

    An upper bound, which the steepest slope that occurs may miss by far.

    Source: Szegedy et al., "Intriguing Properties of Neural Networks", 2014, 4.3.

    Args:
        model: A built `keras.Sequential` of `Dense` layers with activations of slope
            at most 1.

    Returns:
        A float.

    Raises:
        ValueError: If a layer is of another kind or has another activation.

    Examples:
        >>> critic = keras.Sequential(
        ...     [
        ...         keras.Input((2,)),
        ...         keras.layers.Dense(64, "relu", kernel_initializer="orthogonal"),
        ...         keras.layers.Dense(1, kernel_initializer="orthogonal"),
        ...     ]
        ... )
        >>> round(lipschitz_bound(critic), 3)
        1.0
    """
    for layer in model.layers:
        activation = getattr(getattr(layer, "activation", None), "__name__", None)
        if not isinstance(layer, keras.layers.Dense) or activation not in CONTRACTIONS:
            raise ValueError(
                f"model must have only Dense layers with one of {CONTRACTIONS}. "
                f"Received: {layer.name!r} with activation={activation}"
            )
    kernels = [keras.ops.convert_to_numpy(layer.kernel) for layer in model.layers]
    return float(np.prod([np.linalg.norm(kernel, 2) for kernel in kernels]))
