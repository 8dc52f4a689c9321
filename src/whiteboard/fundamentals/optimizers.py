"""One step of each optimizer, as a pure function of weights, gradient and state.

The steps use operators only: weights may be numbers, NumPy arrays or backend tensors.
A new optimizer starts with the default state, which broadcasts.
"""

from whiteboard.fundamentals.argument_checks import (
    require_below_one,
    require_not_negative,
)


def sgd_step(
    weights, gradient, velocity=0.0, learning_rate=0.01, momentum=0.0, nesterov=False
):
    r"""Take a step of gradient descent, with momentum if asked.

    $$v \leftarrow \mu v - \eta g, \quad w \leftarrow w + v$$

    Polyak 1964. With `nesterov`, the step looks ahead (Sutskever et al. 2013, in
    the variables of Bengio et al. 2013): $w \leftarrow w + \mu v - \eta g$.

    Args:
        weights: The weights $w$, of any shape.
        gradient: The gradient $g$ at `weights`, of that shape.
        velocity: The state $v$ that the last step returned; 0 at the start.
        learning_rate: The step size $\eta$, not negative.
        momentum: The friction $\mu$, at least 0 and below 1.
        nesterov: Whether to look ahead.

    Returns:
        The new weights and the new velocity.

    Raises:
        ValueError: If `learning_rate` is negative or `momentum` not in `[0, 1)`.

    Examples:
        >>> sgd_step(1.0, 0.5, learning_rate=0.1)
        (0.95, -0.05)
    """
    require_not_negative(learning_rate=learning_rate)
    require_below_one(momentum=momentum)
    velocity = momentum * velocity - learning_rate * gradient
    if nesterov:
        return weights + momentum * velocity - learning_rate * gradient, velocity
    return weights + velocity, velocity


def rmsprop_step(
    weights, gradient, square=0.0, learning_rate=0.001, rho=0.9, epsilon=1e-7
):
    r"""Take a step divided by the root of a running mean of squared gradients.

    $$s \leftarrow \rho s + (1 - \rho) g^2, \quad
    w \leftarrow w - \eta \frac{g}{\sqrt{s + \epsilon}}$$

    Tieleman and Hinton 2012 (lecture 6e). The epsilon stands inside the root, as in
    Keras; in PyTorch it stands outside.

    Args:
        weights: The weights $w$, of any shape.
        gradient: The gradient $g$ at `weights`, of that shape.
        square: The state $s$ that the last step returned; 0 at the start.
        learning_rate: The step size $\eta$, not negative.
        rho: The decay of the running mean, at least 0 and below 1.
        epsilon: Keeps the quotient finite, not negative.

    Returns:
        The new weights and the new running mean.

    Raises:
        ValueError: If `learning_rate` or `epsilon` is negative, or `rho` is not in
            `[0, 1)`.
    """
    require_not_negative(learning_rate=learning_rate, epsilon=epsilon)
    require_below_one(rho=rho)
    square = rho * square + (1 - rho) * gradient**2
    return weights - learning_rate * gradient / (square + epsilon) ** 0.5, square


def adam_step(
    weights, gradient, state=None, learning_rate=0.001, betas=(0.9, 0.999), epsilon=1e-7
):
    r"""Take a step of Adam.

    $$m \leftarrow \beta_1 m + (1 - \beta_1) g, \quad
    v \leftarrow \beta_2 v + (1 - \beta_2) g^2$$
    $$w \leftarrow w - \eta \frac{m / (1 - \beta_1^t)}
    {\sqrt{v / (1 - \beta_2^t)} + \epsilon}$$

    Kingma and Ba 2015, algorithm 1.

    Args:
        weights: The weights $w$, of any shape.
        gradient: The gradient $g$ at `weights`, of that shape.
        state: `(t, m, v)` as the last step returned it; None at the start.
        learning_rate: The step size $\eta$, not negative.
        betas: The decays of both running means, each at least 0 and below 1.
        epsilon: Keeps the quotient finite, not negative.

    Returns:
        The new weights and the new state.

    Raises:
        ValueError: If `learning_rate` or `epsilon` is negative, or a beta is not in
            `[0, 1)`.

    Examples:
        >>> adam_step(1.0, 250.0, learning_rate=0.1)[0]  # the first step is 0.1 long
        0.9000000000399999
    """
    beta_1, beta_2 = betas
    require_not_negative(learning_rate=learning_rate, epsilon=epsilon)
    require_below_one(beta_1=beta_1, beta_2=beta_2)
    t, mean, square = state or (0, 0.0, 0.0)
    t = t + 1
    mean = beta_1 * mean + (1 - beta_1) * gradient
    square = beta_2 * square + (1 - beta_2) * gradient**2
    unbiased_mean = mean / (1 - beta_1**t)
    unbiased_square = square / (1 - beta_2**t)
    step = learning_rate * unbiased_mean / (unbiased_square**0.5 + epsilon)
    return weights - step, (t, mean, square)


def adamw_step(
    weights,
    gradient,
    state=None,
    learning_rate=0.001,
    weight_decay=0.004,
    betas=(0.9, 0.999),
    epsilon=1e-7,
):
    r"""Shrink the weights, then take a step of Adam.

    $$w \leftarrow (1 - \eta \lambda) w, \quad \mathrm{then} \ \mathrm{Adam}(g)$$

    The decay never passes through $m$ and $v$, so it is the same for every weight.
    Loshchilov and Hutter 2019, with the decay scaled by the learning rate as in
    Keras and PyTorch.

    Args:
        weights: The weights $w$, of any shape.
        gradient: The gradient $g$ of the loss without penalty, of that shape.
        state: `(t, m, v)` as the last step returned it; None at the start.
        learning_rate: The step size $\eta$, not negative.
        weight_decay: The decay $\lambda$, not negative.
        betas: See `adam_step`.
        epsilon: See `adam_step`.

    Returns:
        The new weights and the new state.

    Raises:
        ValueError: If a rate, the decay or `epsilon` is negative, or a beta is not
            in `[0, 1)`.
    """
    require_not_negative(weight_decay=weight_decay)
    decayed = weights - learning_rate * weight_decay * weights
    return adam_step(decayed, gradient, state, learning_rate, betas, epsilon)
