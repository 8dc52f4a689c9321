"""Glorot, He and LeCun initialization from one formula, and orthogonal matrices."""

import math
import random

import keras
from keras import ops

from whiteboard.fundamentals.argument_checks import require_positive

# The standard deviation of a standard normal that is cut off at -2 and 2.
TRUNCATED_STD = 0.87962566103423978


def fans(shape):
    """Count the terms that a kernel sums: per output, and backward per input.

    Args:
        shape: `(n_in, n_out)` of a dense kernel, or `(*window, n_in, n_out)` of a
            convolution kernel. One axis counts for both fans, none as 1.

    Returns:
        `(fan_in, fan_out)`: the window's size times n_in, and times n_out.

    Examples:
        >>> fans((400, 600)), fans((3, 3, 64, 128))
        ((400, 600), (576, 1152))
    """
    if len(shape) < 2:
        return math.prod(shape), math.prod(shape)
    *window, n_in, n_out = shape
    return math.prod(window) * n_in, math.prod(window) * n_out


class _Seeded(keras.initializers.Initializer):
    """Holds the seed: without one it draws an integer, as Keras does."""

    def __init__(self, seed):
        if isinstance(seed, dict):
            seed = keras.saving.deserialize_keras_object(seed)
        self._given_seed = seed
        self.seed = random.randint(1, 10**9) if seed is None else seed

    def get_config(self):
        return {"seed": keras.saving.serialize_keras_object(self._given_seed)}


@keras.saving.register_keras_serializable(package="whiteboard")
class VarianceScaling(_Seeded):
    r"""Draw weights of mean 0 whose variance is set by the fan.

    $$\mathrm{Var}(W) = \frac{\mathrm{scale}}{n}, \quad n = \text{fan in, fan out or
    their mean}$$

    A uniform on $[-a, a]$ has variance $a^2 / 3$; a normal cut off at two standard
    deviations keeps the share $0.8796^2$ of its variance, so it is drawn wider.

    Args:
        scale: The numerator.
        mode: `"fan_in"`, `"fan_out"` or `"fan_avg"`.
        distribution: `"truncated_normal"`, `"untruncated_normal"` or `"uniform"`.
        seed: An integer, for the same weights at every call; a
            `keras.random.SeedGenerator`, for new ones; or `None`, for an integer drawn
            now.

    Call arguments:
        shape: The shape of the weights.
        dtype: Their dtype; `None` means Keras' default.

    Raises:
        ValueError: If `scale` is not positive, or `mode` or `distribution` unknown.

    Examples:
        >>> VarianceScaling(2.0, "fan_in", "uniform", seed=7)((400, 600)).shape
        (400, 600)
    """

    MODES = ("fan_in", "fan_out", "fan_avg")
    DISTRIBUTIONS = ("truncated_normal", "untruncated_normal", "uniform")

    def __init__(
        self, scale=1.0, mode="fan_in", distribution="truncated_normal", seed=None
    ):
        require_positive(scale=scale)
        _require_one_of(self.MODES, mode=mode)
        _require_one_of(self.DISTRIBUTIONS, distribution=distribution)
        super().__init__(seed)
        self.scale, self.mode, self.distribution = scale, mode, distribution

    def __call__(self, shape, dtype=None):
        fan_in, fan_out = fans(shape)
        n = {"fan_in": fan_in, "fan_out": fan_out, "fan_avg": (fan_in + fan_out) / 2}
        std = math.sqrt(self.scale / max(1, n[self.mode]))
        if self.distribution == "uniform":
            limit = math.sqrt(3) * std
            return keras.random.uniform(shape, -limit, limit, dtype, self.seed)
        if self.distribution == "untruncated_normal":
            return keras.random.normal(shape, 0, std, dtype, self.seed)
        return keras.random.truncated_normal(
            shape, 0, std / TRUNCATED_STD, dtype, self.seed
        )

    def get_config(self):
        names = ("scale", "mode", "distribution")
        return {**{name: getattr(self, name) for name in names}, **super().get_config()}


class _Preset(VarianceScaling):
    """A `VarianceScaling` of which only the seed is left to choose."""

    def __init__(self, seed=None):
        super().__init__(*self.PRESET, seed=seed)

    def get_config(self):
        return _Seeded.get_config(self)


@keras.saving.register_keras_serializable(package="whiteboard")
class GlorotNormal(_Preset):
    """Var = 2 / (fan_in + fan_out), truncated normal. Glorot & Bengio 2010."""

    PRESET = (1.0, "fan_avg", "truncated_normal")


@keras.saving.register_keras_serializable(package="whiteboard")
class GlorotUniform(_Preset):
    """Var = 2 / (fan_in + fan_out), uniform. Glorot & Bengio 2010, equation 16."""

    PRESET = (1.0, "fan_avg", "uniform")


@keras.saving.register_keras_serializable(package="whiteboard")
class HeNormal(_Preset):
    """Var = 2 / fan_in, truncated normal. He et al. 2015, equation 10."""

    PRESET = (2.0, "fan_in", "truncated_normal")


@keras.saving.register_keras_serializable(package="whiteboard")
class HeUniform(_Preset):
    """Var = 2 / fan_in, uniform. He et al. 2015."""

    PRESET = (2.0, "fan_in", "uniform")


@keras.saving.register_keras_serializable(package="whiteboard")
class LecunNormal(_Preset):
    """Var = 1 / fan_in, truncated normal. LeCun et al. 1998, section 4.6."""

    PRESET = (1.0, "fan_in", "truncated_normal")


@keras.saving.register_keras_serializable(package="whiteboard")
class LecunUniform(_Preset):
    """Var = 1 / fan_in, uniform. LeCun et al. 1998, section 4.6."""

    PRESET = (1.0, "fan_in", "uniform")


@keras.saving.register_keras_serializable(package="whiteboard")
class Orthogonal(_Seeded):
    r"""Draw a matrix whose columns, or rows if they are fewer, are orthonormal.

    $$A = QR, \quad W = \mathrm{gain} \cdot Q \, \mathrm{diag}(\mathrm{sign}(R_{ii}))$$

    A is standard normal; the signs make W uniform over all such matrices. All singular
    values are `gain`, not only their mean square. Saxe et al. 2014.

    Args:
        gain: What every singular value is.
        seed: As for `VarianceScaling`.

    Call arguments:
        shape: At least two axes; all but the last are taken as one.
        dtype: As for `VarianceScaling`.

    Raises:
        ValueError: If `gain` is not positive, or the shape has fewer than two axes.

    Examples:
        >>> W = Orthogonal(seed=7)((4, 3))
        >>> keras.ops.matmul(keras.ops.transpose(W), W)  # the 3 x 3 identity
    """

    def __init__(self, gain=1.0, seed=None):
        require_positive(gain=gain)
        super().__init__(seed)
        self.gain = gain

    def __call__(self, shape, dtype=None):
        if len(shape) < 2:
            raise ValueError(f"shape needs at least two axes. Received: shape={shape}")
        rows, columns = math.prod(shape[:-1]), shape[-1]
        tall = (max(rows, columns), min(rows, columns))
        q, r = ops.qr(keras.random.normal(tall, dtype=dtype, seed=self.seed))
        q = q * ops.sign(ops.diagonal(r))
        return self.gain * ops.reshape(
            q if rows >= columns else ops.transpose(q), shape
        )

    def get_config(self):
        return {"gain": self.gain, **super().get_config()}


def _require_one_of(allowed, **arguments):
    for name, value in arguments.items():
        if value not in allowed:
            raise ValueError(
                f"{name} must be one of {', '.join(allowed)}. Received: {name}={value}"
            )
