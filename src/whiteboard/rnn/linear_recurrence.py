"""One linear recurrence, three ways to compute it: in order, by doubling, by FFT."""

from keras import ops

# Shapes: T steps, ... any further axes.


def linear_scan(decay, inputs):
    """`h_t = decay_t * h_{t-1} + inputs_t` from `h_{-1} = 0`, step after step.

    Args:
        decay: Tensor `(T, ...)`, T known.
        inputs: Tensor `(T, ...)` of the same shape.

    Returns:
        All states `(T, ...)`.

    Raises:
        ValueError: If T is not known.

    Examples:
        >>> linear_scan(np.array([0.5, 0.5]), np.array([4.0, 1.0]))  # 4, 0.5 * 4 + 1
        array([4., 3.])
    """

    state, states = ops.zeros_like(inputs[0]), []
    for a, u in zip(ops.unstack(decay), ops.unstack(inputs), strict=True):
        state = a * state + u
        states.append(state)
    return ops.stack(states)


def parallel_scan(decay, inputs):
    r"""The states of `linear_scan` in ceil(log2 T) rounds instead of T steps.

    Two steps in a row make one step of the same form: $a_2 (a_1 h + u_1) + u_2$ is
    $(a_2 a_1) h + (a_2 u_1 + u_2)$. So each round joins every step with the one before
    what it already covers, all of them at once, and doubles what it covers. Hillis and
    Steele, "Data Parallel Algorithms", 1986.

    Args:
        decay: Tensor `(T, ...)`, T known.
        inputs: Tensor `(T, ...)` of the same shape.

    Returns:
        All states `(T, ...)`.

    Raises:
        ValueError: If T is not known.
    """
    length, covered = inputs.shape[0], 1
    if length is None:
        raise ValueError(
            "The number of steps must be known. "
            f"Received: inputs.shape={tuple(inputs.shape)}"
        )
    decay, inputs = ops.convert_to_tensor(decay), ops.convert_to_tensor(inputs)
    while covered < length:
        no_input = ops.zeros_like(inputs[:covered])
        before = ops.concatenate([no_input, inputs[:-covered]])
        inputs = decay * before + inputs
        decay = decay * ops.concatenate([no_input + 1, decay[:-covered]])
        covered = 2 * covered
    return inputs


def causal_convolution(inputs, kernel):
    r"""$y_t = \sum_{k \le t} K_k \, u_{t-k}$ along the last axis, by FFT.

    Both are padded to twice the length: an unpadded product of spectra is a circular
    convolution, which lets the end leak into the start.

    Args:
        inputs: Tensor `(..., T)`.
        kernel: Tensor broadcastable to it, `(..., T)`.

    Returns:
        Tensor `(..., T)`.
    """
    length = ops.shape(inputs)[-1]
    (a, b), (c, d) = (ops.rfft(x, fft_length=2 * length) for x in (inputs, kernel))
    product = a * c - b * d, a * d + b * c  # (a + ib)(c + id)
    return ops.irfft(product, fft_length=2 * length)[..., :length]
