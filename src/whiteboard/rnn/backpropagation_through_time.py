"""Backpropagation through time of a simple recurrent network, by hand in NumPy."""

import numpy as np

from whiteboard.fundamentals import require_positive

# Shapes: B batch, T steps, D features, H units.


def unrolled_states(x, h, kernel, recurrent_kernel, bias):
    """Run the network and keep every state: the memory that training needs.

    Args:
        x: The inputs, `(B, T, D)`.
        h: The state before the first step, `(B, H)`.
        kernel: W, `(D, H)`.
        recurrent_kernel: U, `(H, H)`.
        bias: b, `(H,)`.

    Returns:
        The states `(B, T + 1, H)`, `h` first.
    """
    states = [h]
    for t in range(x.shape[1]):
        states.append(np.tanh(x[:, t] @ kernel + states[-1] @ recurrent_kernel + bias))
    return np.stack(states, axis=1)


def backpropagate_through_time(
    x, states, recurrent_kernel, state_gradients, truncation=None
):
    r"""Compute the gradients of the weights: the sum of what each step contributes.

    With $\mathbf{z}_t = \mathbf{x}_t W + \mathbf{h}_{t-1} U + \mathbf{b}$ and
    $\delta_t = \partial L / \partial \mathbf{z}_t$, from the last step to the first:

    $$\delta_t = \left( \frac{\partial L}{\partial \mathbf{h}_t}
    + \delta_{t+1} U^\top \right) \odot (1 - \mathbf{h}_t^2)$$

    $$\frac{\partial L}{\partial W} = \sum_t \mathbf{x}_t^\top \delta_t, \quad
    \frac{\partial L}{\partial U} = \sum_t \mathbf{h}_{t-1}^\top \delta_t, \quad
    \frac{\partial L}{\partial \mathbf{b}} = \sum_t \delta_t$$

    Werbos 1990, "Backpropagation Through Time: What It Does and How to Do It".

    Args:
        x: The inputs, `(B, T, D)`.
        states: The states of `unrolled_states`, `(B, T + 1, H)`.
        recurrent_kernel: U, `(H, H)`.
        state_gradients: What the loss gives directly to each state, `(B, T, H)`:
            the first term in the bracket.
        truncation: The length of the chunks at whose borders the gradient stops,
            while the state passes on. None for the whole sequence.

    Returns:
        The gradients of W, U and b, summed over the batch.

    Raises:
        ValueError: If `truncation` is not positive, or the shapes do not fit.
    """
    if truncation is not None:
        require_positive(truncation=truncation)
    batch_size, steps, _ = x.shape
    units = len(recurrent_kernel)
    found = states.shape, state_gradients.shape
    if found != ((batch_size, steps + 1, units), (batch_size, steps, units)):
        raise ValueError(
            "states must have shape (B, T + 1, H) and state_gradients (B, T, H) with "
            f"B={batch_size}, T={steps}, H={units}. "
            f"Received: states.shape={found[0]}, state_gradients.shape={found[1]}"
        )

    deltas = np.zeros_like(states[:, 1:])
    from_later = 0.0
    for t in reversed(range(steps)):
        at_state = state_gradients[:, t] + from_later  # (B, H)
        deltas[:, t] = at_state * (1 - states[:, t + 1] ** 2)
        starts_chunk = truncation is not None and t % truncation == 0
        from_later = 0.0 if starts_chunk else deltas[:, t] @ recurrent_kernel.T

    kernel_gradient = np.tensordot(x, deltas, axes=((0, 1), (0, 1)))
    recurrent_gradient = np.tensordot(states[:, :-1], deltas, axes=((0, 1), (0, 1)))
    return kernel_gradient, recurrent_gradient, deltas.sum(axis=(0, 1))
