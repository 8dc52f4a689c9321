"""A deep stack of equal dense blocks in NumPy, with or without skips.

Small enough to train at depth 50 in a second, and its backward pass shows where the
skip enters. Convolutions would change nothing in it but the matrix product.
"""

import dataclasses

import numpy as np

from whiteboard.fundamentals import require_not_negative, require_positive

EPSILON = 1e-3
MOMENTUM = 0.9
BATCH_SIZE = 64

# Shapes: B examples, D features, the same in every block, K classes, L blocks.


def branch(h, kernel):
    """F(h) = relu(BN(h W)), batch norm without scale and shift: `(B, D)`."""
    z = h @ kernel
    return np.maximum((z - z.mean(axis=0)) / np.sqrt(z.var(axis=0) + EPSILON), 0)


def branch_gradients(gradient, h, kernel):
    """Carry dL/dF back: returns dL/dh through the branch, and dL/dW."""
    z = h @ kernel
    deviation = np.sqrt(z.var(axis=0) + EPSILON)
    z = (z - z.mean(axis=0)) / deviation
    g = gradient * (z > 0)
    g = (g - g.mean(axis=0) - z * (g * z).mean(axis=0)) / deviation
    return g @ kernel.T, h.T @ g


def stack_forward(x, kernels, skip=1):
    r"""Send a batch through the blocks.

    $$h_l = s \, h_{l-1} + F(h_{l-1})$$

    Args:
        x: `(B, D)`.
        kernels: L matrices `(D, D)`, first block first.
        skip: s: 1 for residual blocks, 0 for plain ones.

    Returns:
        The list `[x, h_1, ..., h_L]`, `(B, D)` each.

    Examples:
        >>> len(stack_forward(np.ones((8, 4)), [np.eye(4)] * 50))
        51
    """
    states = [x]
    for kernel in kernels:
        states.append(skip * states[-1] + branch(states[-1], kernel))
    return states


def stack_backward(gradient, states, kernels, skip=1):
    r"""Send a gradient back: the skip hands it on as it is, the branch adds its part.

    $$\frac{\partial L}{\partial h_{l-1}} =
    \left(s I + \frac{\partial F}{\partial h_{l-1}}\right)^\top
    \frac{\partial L}{\partial h_l}$$

    Args:
        gradient: dL/dh_L, `(B, D)`.
        states: As `stack_forward` returns them.
        kernels: As for `stack_forward`.
        skip: As for `stack_forward`.

    Returns:
        The lists `[dL/dx, dL/dh_1, ..., dL/dh_L]` and `[dL/dW_1, ..., dL/dW_L]`.

    Examples:
        >>> states = stack_forward(x, kernels)
        >>> gradients, kernel_gradients = stack_backward(states[-1], states, kernels)
    """
    gradients, kernel_gradients = [gradient], []
    for h, kernel in zip(states[-2::-1], kernels[::-1], strict=True):
        through_branch, of_kernel = branch_gradients(gradients[-1], h, kernel)
        gradients.append(skip * gradients[-1] + through_branch)
        kernel_gradients.append(of_kernel)
    return gradients[::-1], kernel_gradients[::-1]


@dataclasses.dataclass
class ResidualMLP:
    """Blocks and a linear softmax head, as `train_residual_mlp` returns them."""

    kernels: list
    head: np.ndarray
    skip: float

    def accuracy(self, x, y):
        """Share of the right classes, with the statistics of this very batch."""
        h = stack_forward(x, self.kernels, self.skip)[-1]
        return float(np.mean(np.argmax(h @ self.head, axis=1) == y))

    def without(self, block):
        """Copy the network and leave one block out, skip and all."""
        kernels = self.kernels[:block] + self.kernels[block + 1 :]
        return dataclasses.replace(self, kernels=kernels)


def train_residual_mlp(
    x, y, depth, skip=1, epochs=4, learning_rate=0.02, random_state=None
):
    """Train a stack of blocks with softmax cross-entropy, by SGD with momentum 0.9.

    He initialization, a head that starts at zero, shuffled batches of 64; examples that
    do not fill a batch are left out of the epoch.

    Args:
        x: `(N, D)`, at least 64 examples.
        y: Integer classes `(N,)`.
        depth: L, the number of blocks, each with one matrix.
        skip: As for `stack_forward`.
        epochs: Passes over the data.
        learning_rate: Of SGD.
        random_state: A seed or a `numpy.random.Generator`.

    Returns:
        A `ResidualMLP`.

    Raises:
        ValueError: If `depth`, `epochs` or `learning_rate` is out of range, or there are
            fewer than 64 examples.

    Examples:
        >>> train_residual_mlp(x, y, depth=30, random_state=7).accuracy(x, y)
    """
    require_positive(depth=depth, learning_rate=learning_rate)
    require_not_negative(epochs=epochs)
    if len(x) < BATCH_SIZE:
        raise ValueError(
            f"x must hold {BATCH_SIZE} examples or more. Received: {len(x)}"
        )
    rng, width = np.random.default_rng(random_state), x.shape[1]
    kernels = rng.normal(0, np.sqrt(2 / width), (depth, width, width))
    weights = [*kernels.astype(x.dtype), np.zeros((width, y.max() + 1), x.dtype)]
    velocities = [np.zeros_like(weight) for weight in weights]
    for _ in range(epochs):
        order = rng.permutation(len(x))[: len(x) // BATCH_SIZE * BATCH_SIZE]
        for rows in order.reshape(-1, BATCH_SIZE):
            gradients = loss_gradients(x[rows], y[rows], weights, skip)
            for weight, velocity, gradient in zip(
                weights, velocities, gradients, strict=True
            ):
                velocity *= MOMENTUM
                velocity -= learning_rate * gradient
                weight += velocity
    return ResidualMLP(weights[:-1], weights[-1], skip)


def loss_gradients(x, y, weights, skip):
    """Differentiate the mean softmax cross-entropy by the kernels and the head."""
    *kernels, head = weights
    states = stack_forward(x, kernels, skip)
    logits = states[-1] @ head
    error = np.exp(logits - logits.max(axis=1, keepdims=True))
    error /= error.sum(axis=1, keepdims=True)
    error[np.arange(len(y)), y] -= 1
    error /= len(y)
    _, gradients = stack_backward(error @ head.T, states, kernels, skip)
    return [*gradients, states[-1].T @ error]
