"""Losses of classification and regression, computed from logits."""

import numpy as np
from keras import ops

# Shapes: ... any leading axes (usually the batch), K classes.


def log_sum_exp(x, axis=-1):
    r"""Compute the logarithm of a sum of exponentials, without overflow.

    $$\log \sum_k e^{x_k} = m + \log \sum_k e^{x_k - m}, \quad m = \max_k x_k$$

    The largest exponent is 0, so nothing overflows and the sum is at least 1.

    Args:
        x: A floating-point tensor of shape `(..., K, ...)`.
        axis: The axis to sum over.

    Returns:
        A tensor of the shape of `x` without `axis`. An axis that is all `-inf` (an
        empty sum) gives `-inf`, an `inf` gives `inf`, a NaN gives NaN.

    Examples:
        >>> log_sum_exp(np.array([10000.0, 10000.0]))
        10000.693
    """
    x = ops.convert_to_tensor(x)
    largest = ops.stop_gradient(ops.max(x, axis=axis, keepdims=True))
    largest = ops.where(ops.isfinite(largest), largest, ops.zeros_like(largest))
    total = ops.sum(ops.exp(x - largest), axis=axis)
    return ops.squeeze(largest, axis=axis) + ops.log(total)


def log_softmax(logits):
    r"""Compute log-probabilities from logits.

    $$\log p_k = z_k - \log \sum_j e^{z_j}$$

    The logits are shifted first, so that large ones lose no digits.

    Args:
        logits: A floating-point tensor of shape `(..., K)`.

    Returns:
        A tensor of the same shape.
    """
    logits = ops.convert_to_tensor(logits)
    shifted = logits - ops.stop_gradient(ops.max(logits, axis=-1, keepdims=True))
    return shifted - ops.expand_dims(log_sum_exp(shifted), -1)


def softmax(logits):
    r"""Compute probabilities from logits: `exp(log_softmax(logits))`.

    $$p_k = \frac{e^{z_k}}{\sum_j e^{z_j}}$$

    Args:
        logits: A floating-point tensor of shape `(..., K)`.

    Returns:
        A tensor of the same shape, with sums of 1 over the last axis.

    Examples:
        >>> softmax(np.array([0.0, 0.0]))
        [0.5, 0.5]
    """
    return ops.exp(log_softmax(logits))


def softmax_cross_entropy(targets, logits):
    r"""Compute the cross-entropy of target probabilities and a softmax.

    $$L = -\sum_k y_k \log p_k$$

    Args:
        targets: Probabilities of shape `(..., K)`: one-hot rows, or soft ones.
        logits: A floating-point tensor of shape `(..., K)`.

    Returns:
        A tensor of shape `(...)`: a loss in nats per example.

    Raises:
        ValueError: If the shapes differ.

    Examples:
        >>> softmax_cross_entropy(np.array([[1.0, 0.0]]), np.array([[0.0, 0.0]]))
        [0.6931472]
    """
    logits, targets = _of_one_shape(logits, targets)
    return -ops.sum(targets * log_softmax(logits), axis=-1)


def softmax_cross_entropy_gradient(targets, logits):
    r"""Differentiate `softmax_cross_entropy` with respect to the logits.

    $$\frac{\partial L}{\partial z_k} = p_k - y_k$$

    Args:
        targets: Probabilities of shape `(..., K)` with sums of 1.
        logits: A floating-point tensor of shape `(..., K)`.

    Returns:
        A tensor of shape `(..., K)`.

    Raises:
        ValueError: If the shapes differ.
    """
    logits, targets = _of_one_shape(logits, targets)
    return softmax(logits) - targets


def sparse_softmax_cross_entropy(labels, logits):
    r"""Compute the cross-entropy of class labels and a softmax.

    $$L = -\log p_y = \log \sum_k e^{z_k} - z_y$$

    Args:
        labels: Integers of shape `(...)`, from 0 to `K - 1`.
        logits: A floating-point tensor of shape `(..., K)`.

    Returns:
        A tensor of shape `(...)`: a loss in nats per example. NaN where a label is
        out of range and `labels` is a tensor, whose values a compiled graph does
        not show.

    Raises:
        ValueError: If the shapes do not fit, or labels are not integers or, given
            as an array or list, out of range.

    Examples:
        >>> sparse_softmax_cross_entropy([1], np.array([[0.0, 0.0]]))
        [0.6931472]
    """
    logits = ops.convert_to_tensor(logits)
    num_classes = logits.shape[-1]
    if not ops.is_tensor(labels):
        labels = np.asarray(labels)
        if labels.size and (labels.min() < 0 or labels.max() >= num_classes):
            raise ValueError(
                f"labels must be from 0 to {num_classes - 1}. "
                f"Received: labels from {labels.min()} to {labels.max()}"
            )
    labels = ops.convert_to_tensor(labels)
    if "int" not in str(labels.dtype):
        raise ValueError(f"labels must be integers. Received: dtype={labels.dtype}")
    if tuple(labels.shape) != tuple(logits.shape[:-1]):
        raise ValueError(
            "labels must have the shape of logits without the last axis. "
            f"Received: labels.shape={labels.shape}, logits.shape={logits.shape}"
        )
    is_class = ops.logical_and(labels >= 0, labels < num_classes)  # (...)
    index = ops.expand_dims(ops.where(is_class, labels, 0), -1)  # (..., 1)
    losses = -ops.take_along_axis(log_softmax(logits), index, axis=-1)  # (..., 1)
    return ops.where(is_class, ops.squeeze(losses, -1), np.nan)  # (...)


def binary_cross_entropy(targets, logits):
    r"""Compute the cross-entropy of a target probability and a sigmoid.

    $$L = -y \log \sigma(z) - (1 - y) \log(1 - \sigma(z))
    = y \, \mathrm{softplus}(-z) + (1 - y) \, \mathrm{softplus}(z)$$

    with `softplus(z) = log(1 + exp(z))`, which backends compute stably, as
    `max(z, 0) + log1p(exp(-|z|))`. The gradient is `sigmoid(z) - y`.

    Args:
        targets: Probabilities of any shape.
        logits: A floating-point tensor of the same shape.

    Returns:
        A tensor of that shape: a loss in nats per target.

    Raises:
        ValueError: If the shapes differ.

    Examples:
        >>> binary_cross_entropy(np.array([1.0]), np.array([0.0]))
        [0.6931472]
    """
    logits, targets = _of_one_shape(logits, targets)
    return targets * ops.softplus(-logits) + (1 - targets) * ops.softplus(logits)


def mean_squared_error(targets, predictions):
    r"""Compute the mean squared error over the last axis.

    $$L = \frac{1}{K} \sum_k (\hat y_k - y_k)^2$$

    Args:
        targets: A tensor of shape `(..., K)`.
        predictions: A floating-point tensor of shape `(..., K)`.

    Returns:
        A tensor of shape `(...)`.

    Raises:
        ValueError: If the shapes differ: `(N,)` and `(N, 1)` would broadcast to all
            pairs.

    Examples:
        >>> mean_squared_error(np.array([[1.0, 0.0]]), np.array([[3.0, 0.0]]))
        [2.0]
    """
    predictions, targets = _of_one_shape(predictions, targets)
    return ops.mean(ops.square(predictions - targets), axis=-1)


def _of_one_shape(outputs, targets):
    outputs = ops.convert_to_tensor(outputs)
    targets = ops.cast(targets, outputs.dtype)
    if tuple(outputs.shape) != tuple(targets.shape):
        raise ValueError(
            "targets must have the shape of the model's output. "
            f"Received: {tuple(targets.shape)} and {tuple(outputs.shape)}"
        )
    return outputs, targets
