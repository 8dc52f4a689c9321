"""A recurrent and an attention layer in plain NumPy, to be counted and compared."""

import numpy as np

# Shapes: n tokens, D features, U units.


def recurrent_layer(x, kernel, recurrent_kernel):
    r"""The last state of a simple recurrent layer.

    $$\mathbf{h}_t = \tanh(W \mathbf{x}_t + U \mathbf{h}_{t-1}), \quad
    \mathbf{h}_0 = \mathbf{0}$$

    Args:
        x: `(n, D)`, an array or a `TracedArray`.
        kernel: `(D, U)`. All $W \mathbf{x}_t$ are one product.
        recurrent_kernel: `(U, U)`.

    Returns:
        $\mathbf{h}_n$, `(U,)`.

    Examples:
        >>> w, u = np.ones((2, 3, 3))
        >>> recurrent_layer(ProductTrace().array(np.ones((100, 3))), w, u).depth
        100
    """
    inputs = x @ kernel  # (n, U)
    state = np.tanh(inputs[0])
    for t in range(1, inputs.shape[0]):
        state = np.tanh(inputs[t] + state @ recurrent_kernel)
    return state


def attention_layer(x, query, key, value, output):
    r"""Self-attention of one head, without a mask: `softmax(Q Kᵀ / √d) V` and a product.

    Args:
        x: `(n, D)`, an array or a `TracedArray`.
        query: Kernel `(D, U)`.
        key: Kernel `(D, U)`.
        value: Kernel `(D, U)`.
        output: Kernel `(U, D)`.

    Returns:
        `(n, D)`.

    Examples:
        >>> x = ProductTrace().array(np.ones((100, 3)))
        >>> attention_layer(x, *np.ones((4, 3, 3))).depth
        4
    """
    scores = (x @ query) @ (x @ key).T / np.sqrt(query.shape[1])  # (n, n)
    exponentials = np.exp(scores - np.maximum.reduce(scores, axis=1, keepdims=True))
    weights = exponentials / np.add.reduce(exponentials, axis=1, keepdims=True)
    return weights @ (x @ value) @ output
