"""Diffusion: noise added to data in one jump, and taken away step by step."""

import itertools

import keras
import numpy as np
from keras import ops

from whiteboard.fundamentals import require_not_negative, require_positive

# Shapes: B batch, T steps of the process.


def as_tensors(x, *others):
    """All arguments as tensors of the dtype of the first."""
    x = ops.convert_to_tensor(x)
    return x, *(ops.convert_to_tensor(other, x.dtype) for other in others)


def diffuse(x, noise, alpha_bar):
    r"""Draw from $q(\mathbf{x}_t | \mathbf{x}_0)$, without the steps before t.

    $$\mathbf{x}_t = \sqrt{\bar\alpha_t} \, \mathbf{x}_0 +
    \sqrt{1 - \bar\alpha_t} \, \boldsymbol{\epsilon}, \quad
    \boldsymbol{\epsilon} \sim \mathcal{N}(0, I)$$

    Source: Ho et al., "Denoising Diffusion Probabilistic Models", 2020, equation 4.

    Args:
        x: Data `(B, ...)`.
        noise: Standard normal tensor of the same shape.
        alpha_bar: Signal left at t, a number or a tensor that broadcasts to `x`.

    Returns:
        Tensor of the shape of `x`.
    """
    x, noise, alpha_bar = as_tensors(x, noise, alpha_bar)
    return ops.sqrt(alpha_bar) * x + ops.sqrt(1 - alpha_bar) * noise


def predict_data(x, noise, alpha_bar):
    r"""The data that, with this noise, would have become $\mathbf{x}_t$.

    $$\hat{\mathbf{x}}_0 = \frac{\mathbf{x}_t -
    \sqrt{1 - \bar\alpha_t} \, \boldsymbol{\epsilon}}{\sqrt{\bar\alpha_t}}$$

    Args:
        x: Noisy data `(B, ...)`.
        noise: The noise in it, known or predicted.
        alpha_bar: See `diffuse`.

    Returns:
        Tensor of the shape of `x`.
    """
    x, noise, alpha_bar = as_tensors(x, noise, alpha_bar)
    return (x - ops.sqrt(1 - alpha_bar) * noise) / ops.sqrt(alpha_bar)


def added_noise(x, data, alpha_bar):
    r"""The noise that makes $\mathbf{x}_t$ of this data: `predict_data` read backwards."""
    x, data, alpha_bar = as_tensors(x, data, alpha_bar)
    return (x - ops.sqrt(alpha_bar) * data) / ops.sqrt(1 - alpha_bar)


def denoise(x, noise, alpha_bar, next_alpha_bar, eta=0.0, fresh_noise=0.0):
    r"""One step from noise level t to a lower level s.

    $$\mathbf{x}_s = \sqrt{\bar\alpha_s} \, \hat{\mathbf{x}}_0 +
    \sqrt{1 - \bar\alpha_s - \sigma^2} \, \boldsymbol{\epsilon} + \sigma \mathbf{z},
    \quad \sigma^2 = \eta^2 \, \frac{1 - \bar\alpha_s}{1 - \bar\alpha_t}
    \left( 1 - \frac{\bar\alpha_t}{\bar\alpha_s} \right)$$

    Source: Song et al., "Denoising Diffusion Implicit Models", 2021, equations 12 and 16.

    Args:
        x: Noisy data at level t, `(B, ...)`.
        noise: The noise predicted in it.
        alpha_bar: Signal left at t, a number.
        next_alpha_bar: Signal left at s, a number not below `alpha_bar`.
        eta: 0 for DDIM, deterministic; 1 for DDPM's ancestral step.
        fresh_noise: z, standard normal of the shape of `x`; without it the mean.

    Returns:
        Tensor of the shape of `x`.
    """
    x, noise, fresh_noise = as_tensors(x, noise, fresh_noise)
    share = (1 - next_alpha_bar) / (1 - alpha_bar)
    variance = eta**2 * share * (1 - alpha_bar / next_alpha_bar)
    direction = np.sqrt(1 - next_alpha_bar - variance) * noise
    mean = np.sqrt(next_alpha_bar) * predict_data(x, noise, alpha_bar) + direction
    return mean + np.sqrt(variance) * fresh_noise


def sample_diffusion(
    predict_noise, start, alpha_bars, steps=None, eta=0.0, clip=None, seed=None
):
    """Walk from noise to data.

    Args:
        predict_noise: Function of `(x, t)`, with t an integer, that predicts the noise
            in `x` after t steps of the process.
        start: Standard normal tensor `(B, ...)`, the end of the process.
        alpha_bars: Signal after 0 .. T steps, `(T + 1,)`, from `alpha_bars`.
        steps: How many calls of `predict_noise`, spread evenly over T; by default T.
        eta: See `denoise`.
        clip: Largest absolute value that data can have. The predicted data is cut to
            it, and the noise is what is then left in `x`.
        seed: Seed or `SeedGenerator` of the fresh noise, where `eta` is above 0; not the
            seed that `start` was drawn with.

    Returns:
        Tensor `(B, ...)`.

    Raises:
        ValueError: If `steps` is not between 1 and T, `eta` is negative, or `clip` is not
            positive.

    Examples:
        >>> noise = keras.random.normal((16, 2), seed=1)
        >>> sample_diffusion(network, noise, alpha_bars(cosine_schedule(100)), steps=10)
    """
    total = len(alpha_bars) - 1
    steps = total if steps is None else steps
    if not 1 <= steps <= total:
        raise ValueError(
            f"steps must be between 1 and {total}. Received: steps={steps}"
        )
    require_not_negative(eta=eta)
    if clip is not None:
        require_positive(clip=clip)
    if not isinstance(seed, keras.random.SeedGenerator):
        seed = keras.random.SeedGenerator(seed)
    times = np.linspace(total, 0, steps + 1).round().astype(int).tolist()
    x = ops.convert_to_tensor(start)
    for t, s in itertools.pairwise(times):
        fresh = keras.random.normal(ops.shape(x), seed=seed) if eta else 0.0
        levels = float(alpha_bars[t]), float(alpha_bars[s])
        noise = predict_noise(x, t)
        if clip is not None:
            data = ops.clip(predict_data(x, noise, levels[0]), -clip, clip)
            noise = added_noise(x, data, levels[0])
        x = denoise(x, noise, *levels, eta, fresh)
    return x
