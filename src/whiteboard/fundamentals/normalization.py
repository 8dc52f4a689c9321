"""Mean, variance and what all normalization layers do with them."""

import keras
from keras import ops

from whiteboard.fundamentals.argument_checks import require_not_negative

# Shapes: ... any axes, C channels or features (always last).


def moments(x, axes, mask=None):
    r"""Mean and population variance over `axes`, which stay as axes of size 1.

    $$\mu = \frac{1}{m} \sum_i x_i, \qquad
    \sigma^2 = \frac{1}{m} \sum_i (x_i - \mu)^2$$

    Divided by m, not m - 1. Two passes in at least float32: the square of 256 is
    already too large for float16, and E[x^2] - E[x]^2 cancels.

    Args:
        x: A tensor of any shape.
        axes: The axes to average over, an integer or a sequence of integers.
        mask: Boolean, broadcastable to `x`; False values do not count. If none
            counts, mean and variance are 0.

    Returns:
        Mean and variance, float32 (float64 for float64 inputs on TensorFlow).

    Raises:
        ValueError: If one of `axes` has size 0.
    """
    x = at_least_float32(x)
    axes = [axes] if isinstance(axes, int) else list(axes)
    if any(x.shape[axis] == 0 for axis in axes):
        raise ValueError(
            "axes must not be empty: there is nothing to average. "
            f"Received: axes={axes}, x.shape={tuple(x.shape)}"
        )

    def average(values):
        if mask is None:
            return ops.mean(values, axes, keepdims=True)
        total = ops.sum(ops.where(mask, values, 0.0), axes, keepdims=True)
        counts = ops.broadcast_to(ops.cast(mask, x.dtype), ops.shape(x))
        return total / ops.maximum(ops.sum(counts, axes, keepdims=True), 1.0)

    mean = average(x)
    return mean, average(ops.square(x - mean))


def normalize(x, axes, epsilon=1e-3):
    r"""Shift and scale to mean 0 and variance 1 over `axes`.

    $$\hat{x} = \frac{x - \mu}{\sqrt{\sigma^2 + \epsilon}}$$

    Which axes decides what it is called. For images of shape (N, H, W, C):
    batch norm in training (0, 1, 2), layer norm (3) or (1, 2, 3), instance norm
    (1, 2). Group norm splits C in two axes and takes (1, 2, 4).

    Args:
        x: A tensor of any shape.
        axes: The axes that share one mean and one variance.
        epsilon: Added to the variance, under the root.

    Returns:
        A tensor of the shape of `x`, float32 (float64 for float64 inputs on
        TensorFlow). Its variance is `variance / (variance + epsilon)`: a bit less
        than 1.

    Raises:
        ValueError: If `epsilon` is negative, or one of `axes` has size 0.

    Examples:
        >>> x = np.array([[1.0, 2.0, 3.0]], "float32")
        >>> ops.convert_to_numpy(normalize(x, axes=-1, epsilon=0.0))
        array([[-1.2247448,  0.       ,  1.2247448]], dtype=float32)
    """
    require_not_negative(epsilon=epsilon)
    mean, variance = moments(x, axes)
    return (at_least_float32(x) - mean) / ops.sqrt(variance + epsilon)


def at_least_float32(x):
    """Cast to float32; only on TensorFlow does float64 stay float64."""
    x = ops.convert_to_tensor(x)
    return ops.cast(x, keras.backend.result_type(x.dtype, "float32"))


def require_channels(layer, input_shape):
    if len(input_shape) < 2 or input_shape[-1] is None:
        raise ValueError(
            f"{type(layer).__name__} needs inputs of shape (batch, ..., channels) "
            f"with known channels. Received: input_shape={input_shape}"
        )
