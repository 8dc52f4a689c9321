"""Dynamic loss scaling: keep float16 gradients inside the range of float16."""

from typing import NamedTuple

from keras import ops


class LossScale(NamedTuple):
    """The factor on the loss, and how many steps in a row it has been safe."""

    factor: float = 2.0**15
    good_steps: int = 0


def loss_scaling_step(loss_scale, scaled_gradients, growth_steps=2000):
    """Unscale the gradients, say whether to apply them, and adjust the factor.

    The loss was multiplied by the factor before the backward pass, so the gradients
    are too. Divide them in float32. If one of them is not finite, skip this update
    and halve the factor; after `growth_steps` good steps in a row, double it.

    Micikevicius et al. 2018, "Mixed Precision Training", section 3.2, and
    `keras.optimizers.LossScaleOptimizer`, which this follows step by step.

    Args:
        loss_scale: A `LossScale`, the one that multiplied the loss.
        scaled_gradients: A list of gradients of `factor * loss`.
        growth_steps: How many finite steps in a row double the factor.

    Returns:
        The float32 gradients of the loss; a boolean, whether they may be applied;
        and the `LossScale` of the next step. To skip means not to call the
        optimizer: a zero gradient would still move weights through momentum.

    Raises:
        ValueError: If there are no gradients, or `growth_steps` is below 1.

    Examples:
        >>> _, is_finite, after = loss_scaling_step(LossScale(8.0), [np.array([np.inf])])
        >>> bool(is_finite), float(after.factor)
        (False, 4.0)
    """
    if not scaled_gradients:
        raise ValueError("scaled_gradients must not be empty. Received: []")
    if growth_steps < 1:
        raise ValueError(
            f"growth_steps must be at least 1. Received: growth_steps={growth_steps}"
        )
    factor, good_steps = loss_scale
    gradients = [ops.cast(g, "float32") / factor for g in scaled_gradients]
    finite = [ops.all(ops.isfinite(g)) for g in gradients]
    is_finite = ops.all(ops.stack(finite))

    grows = ops.equal(good_steps + 1, growth_steps)
    good_factor = ops.where(grows, 2.0 * factor, factor)
    next_factor = ops.where(is_finite, good_factor, 0.5 * factor)
    is_counted = ops.logical_and(is_finite, ops.logical_not(grows))
    next_good_steps = ops.where(is_counted, good_steps + 1, 0)
    return gradients, is_finite, LossScale(next_factor, next_good_steps)
