"""The noise prediction no network can beat, where the data's distribution is known."""

import math

from keras import ops

from whiteboard.fundamentals import require_below_one, require_not_negative

# Shapes: B batch, M centres, D features.


def ideal_noise(x, alpha_bar, centres, deviation=0.0):
    r"""Expected noise in $\mathbf{x}_t$, for data from a mixture of equal Gaussians.

    $$\mathbb{E}[\boldsymbol{\epsilon} | \mathbf{x}_t] =
    -\sqrt{1 - \bar\alpha_t} \, \nabla \log q_t(\mathbf{x}_t) =
    \sqrt{1 - \bar\alpha_t} \; \frac{\mathbf{x}_t - \sqrt{\bar\alpha_t} \sum_m r_m
    \mathbf{c}_m}{v_t}, \quad v_t = \bar\alpha_t s^2 + 1 - \bar\alpha_t$$

    with r the share of each Gaussian in the density at $\mathbf{x}_t$. With the training
    examples for centres and no deviation it is the minimum of the training loss.

    Args:
        x: Noisy data `(B, D)`.
        alpha_bar: Signal left, a number below 1.
        centres: The means c, `(M, D)`.
        deviation: The standard deviation s of each Gaussian in each direction.

    Returns:
        Tensor `(B, D)`.

    Raises:
        ValueError: If `alpha_bar` is not in [0, 1), or the deviation is negative.
    """
    require_below_one(alpha_bar=alpha_bar)
    require_not_negative(deviation=deviation)
    x, centres = ops.convert_to_tensor(x), ops.convert_to_tensor(centres)
    means = math.sqrt(alpha_bar) * centres  # (M, D)
    variance = alpha_bar * deviation**2 + 1 - alpha_bar
    squares = ops.sum(means**2, axis=-1)  # |x|^2 is the same for all centres
    logits = (ops.matmul(x, ops.transpose(means)) - squares / 2) / variance  # (B, M)
    nearest = ops.matmul(ops.softmax(logits), means)  # (B, D)
    return math.sqrt(1 - alpha_bar) * (x - nearest) / variance
