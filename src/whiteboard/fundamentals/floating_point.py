"""What a floating-point format can represent, from its number of bits."""

import dataclasses

import numpy as np


@dataclasses.dataclass(frozen=True)
class FloatFormat:
    r"""A binary floating-point format with infinities and subnormal numbers.

    $$x = \pm \, 1.f \cdot 2^{e}, \quad e_{\min} \le e \le e_{\max}, \qquad
    e_{\max} = 2^{E - 1} - 1, \quad e_{\min} = 1 - e_{\max}$$

    E exponent bits set the range, F fraction bits set the precision; one bit is the
    sign. Below $2^{e_{\min}}$ the leading 1 becomes a 0: subnormal numbers, with
    ever fewer digits. IEEE 754-2019, section 3.

    Args:
        exponent_bits: E, 2 to 11.
        fraction_bits: F, 1 to 52, without the leading 1 that is not stored.

    Raises:
        ValueError: If a number of bits is outside its range: the arithmetic here is
            float64.

    Examples:
        >>> FloatFormat(exponent_bits=5, fraction_bits=10).max
        65504.0
    """

    exponent_bits: int
    fraction_bits: int

    def __post_init__(self):
        for name, low, high in [("exponent_bits", 2, 11), ("fraction_bits", 1, 52)]:
            value = getattr(self, name)
            if not low <= value <= high:
                raise ValueError(
                    f"{name} must be between {low} and {high}. Received: {name}={value}"
                )

    @property
    def max_exponent(self):
        return 2 ** (self.exponent_bits - 1) - 1

    @property
    def max(self):
        """The largest finite number."""
        return (2 - self.epsilon) * 2.0**self.max_exponent

    @property
    def epsilon(self):
        """The gap between 1 and the next number."""
        return 2.0**-self.fraction_bits

    @property
    def smallest_normal(self):
        """The smallest positive number with all its digits."""
        return 2.0 ** (1 - self.max_exponent)

    @property
    def smallest_subnormal(self):
        """The smallest positive number; up to half of it rounds to 0."""
        return self.smallest_normal * self.epsilon

    def spacing(self, x):
        """The gap between the representable numbers around `x`."""
        magnitude = np.maximum(np.abs(x), self.smallest_normal)
        _, exponent = np.frexp(magnitude)  # magnitude = m * 2**exponent, m in [0.5, 1)
        return np.ldexp(self.epsilon, exponent - 1)

    def round(self, x):
        """Round to the nearest representable number, ties to the even one.

        Args:
            x: Numbers of any shape, taken as float64.

        Returns:
            float64 numbers of that shape, infinite where `x` is too large. NaN
            stays NaN.
        """
        x = np.asarray(x, "float64")
        spacing = self.spacing(np.where(np.isfinite(x), x, 1.0))
        rounded = np.round(x / spacing) * spacing
        return np.where(np.abs(rounded) > self.max, np.copysign(np.inf, x), rounded)


FLOAT32 = FloatFormat(exponent_bits=8, fraction_bits=23)
FLOAT16 = FloatFormat(exponent_bits=5, fraction_bits=10)
BFLOAT16 = FloatFormat(exponent_bits=8, fraction_bits=7)
