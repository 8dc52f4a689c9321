"""Label smoothing."""

from keras import ops


def smooth_labels(targets, smoothing):
    r"""Mix target probabilities with the uniform distribution.

    $$y_k \leftarrow (1 - \epsilon) y_k + \frac{\epsilon}{K}$$

    Szegedy et al. 2016, section 7.

    Args:
        targets: Probabilities of shape `(..., K)`, usually one-hot.
        smoothing: The share $\epsilon$ of the uniform distribution, 0 to 1.

    Returns:
        A floating-point tensor of the shape of `targets`, with the same sums.

    Raises:
        ValueError: If `smoothing` is not from 0 to 1, or `targets` has no class axis
            or one of fewer than two classes.

    Examples:
        >>> smooth_labels(np.array([[1.0, 0.0]]), 0.1)
        [[0.95, 0.05]]
    """
    if not 0 <= smoothing <= 1:
        raise ValueError(
            f"smoothing must be from 0 to 1. Received: smoothing={smoothing}"
        )
    targets = ops.convert_to_tensor(targets)
    if len(targets.shape) == 0 or targets.shape[-1] < 2:
        raise ValueError(
            "targets must have at least two classes on the last axis. "
            f"Received: targets.shape={tuple(targets.shape)}"
        )
    if "float" not in str(targets.dtype):
        targets = ops.cast(targets, "float32")
    num_classes = targets.shape[-1]
    return (1 - smoothing) * targets + smoothing / num_classes
