"""Learning rate schedules, as functions of the step."""

import math

from keras import ops


def warmup_cosine_decay(step, peak, warmup_steps, decay_steps, floor=0.0):
    r"""Raise the learning rate linearly, then lower it along half a cosine.

    $$\eta_t = \mathrm{peak} \cdot \frac{t}{W} \quad (t < W), \quad
    \eta_t = \mathrm{floor} + \frac{\mathrm{peak} - \mathrm{floor}}{2}
    \left(1 + \cos \frac{\pi (t - W)}{D}\right)$$

    Warm-up: Goyal et al. 2017. Cosine: Loshchilov and Hutter 2017 (SGDR, without
    restarts). After `warmup_steps + decay_steps` the rate stays at `floor`.

    Args:
        step: Steps taken so far, t: a number, array or tensor.
        peak: The rate at the end of the warm-up, positive.
        warmup_steps: Length of the warm-up, W, not negative.
        decay_steps: Length of the decay, D, positive.
        floor: The last rate, from 0 to `peak`.

    Returns:
        A float32 tensor of the shape of `step`.

    Raises:
        ValueError: If a length or rate is out of its range.

    Examples:
        >>> warmup_cosine_decay([0, 5, 10, 60, 110], 1.0, warmup_steps=10, decay_steps=100)
        [0.0, 0.5, 1.0, 0.5, 0.0]
    """
    if not (warmup_steps >= 0 and decay_steps > 0):
        raise ValueError(
            "warmup_steps must not be negative and decay_steps must be positive. "
            f"Received: warmup_steps={warmup_steps}, decay_steps={decay_steps}"
        )
    if not (peak > 0 and 0 <= floor <= peak):
        raise ValueError(
            "peak must be positive and floor from 0 to peak. "
            f"Received: peak={peak}, floor={floor}"
        )

    step = ops.cast(step, "float32")
    warmup = peak * step / max(warmup_steps, 1)
    progress = ops.clip((step - warmup_steps) / decay_steps, 0.0, 1.0)
    decay = floor + (peak - floor) * 0.5 * (1 + ops.cos(math.pi * progress))
    return ops.where(step < warmup_steps, warmup, decay)
