"""Three ways to cut a gradient that is too large."""

from keras import ops

from whiteboard.fundamentals.argument_checks import require_positive


def clip_by_value(gradients, limit):
    r"""Cut each component to `[-limit, limit]`: the direction can change.

    $$g_i \leftarrow \min(\max(g_i, -c), c)$$

    As `clipvalue` of a Keras optimizer. An infinite component becomes `limit` in size, a
    NaN stays NaN.

    Args:
        gradients: A list of tensors, one for each weight; `None` is passed on.
        limit: The largest component allowed, c.

    Returns:
        The clipped gradients, a list of tensors.

    Raises:
        ValueError: If `limit` is not positive.

    Examples:
        >>> clip_by_value([np.array([3.0, 0.4])], limit=1.0)
        [array([1. , 0.4])]
    """
    require_positive(limit=limit)
    return [g if g is None else ops.clip(g, -limit, limit) for g in gradients]


def clip_by_norm(gradients, limit):
    r"""Shorten each tensor to norm `limit`: directions stay within a tensor.

    $$g \leftarrow g \cdot \min\left(1, \frac{c}{\|g\|}\right)$$

    As `clipnorm` of a Keras optimizer. The balance between tensors is lost. A NaN makes
    its whole tensor NaN; an infinite component becomes NaN and the rest of its tensor 0.

    Args:
        gradients: A list of tensors, one for each weight; `None` is passed on.
        limit: The largest norm allowed, c.

    Returns:
        The clipped gradients, a list of tensors.

    Raises:
        ValueError: If `limit` is not positive.

    Examples:
        >>> clip_by_norm([np.array([3.0, 4.0]), np.array([0.5])], limit=1.0)
        [array([0.6, 0.8]), array([0.5])]
    """
    require_positive(limit=limit)
    return [g if g is None else _shorten(g, global_norm([g]), limit) for g in gradients]


def clip_by_global_norm(gradients, limit):
    r"""Shorten all tensors by one factor: the direction of the step stays.

    $$g_k \leftarrow g_k \cdot \min\left(1, \frac{c}{\|g\|}\right), \quad
    \|g\| = \sqrt{\sum_k \|g_k\|^2}$$

    Pascanu et al. 2013, algorithm 1; `global_clipnorm` of a Keras optimizer. One NaN or
    infinite component anywhere makes every gradient NaN, so it cannot pass unseen.

    Args:
        gradients: A list of tensors, one for each weight; `None` is passed on.
        limit: The largest norm of all gradients together, c.

    Returns:
        The clipped gradients, a list of tensors.

    Raises:
        ValueError: If `limit` is not positive.

    Examples:
        >>> clip_by_global_norm([np.array([3.0]), np.array([4.0])], limit=1.0)
        [array([0.6]), array([0.8])]
    """
    require_positive(limit=limit)
    norm = global_norm(gradients)
    norm = norm + (norm - norm)  # infinity becomes NaN, a finite norm stays
    return [g if g is None else _shorten(g, norm, limit) for g in gradients]


def global_norm(gradients):
    """Measure the Euclidean norm of all gradients as one long vector.

    In float32: beyond about 1.8e19 the squares overflow and the norm is infinite.

    Args:
        gradients: A list of tensors; `None` counts as zero.

    Returns:
        A scalar float32 tensor; 0 for no gradients.
    """
    squares = [
        ops.sum(ops.square(ops.cast(g, "float32"))) for g in gradients if g is not None
    ]
    return ops.sqrt(ops.sum(ops.stack(squares))) if squares else ops.zeros(())


def _shorten(gradient, norm, limit):
    gradient = ops.convert_to_tensor(gradient)
    return gradient * ops.cast(limit / ops.maximum(norm, limit), gradient.dtype)
