import ml_dtypes
import numpy as np
import pytest

from whiteboard.fundamentals import BFLOAT16, FLOAT16, FLOAT32, FloatFormat

FLOAT64 = FloatFormat(exponent_bits=11, fraction_bits=52)
FLOAT8_E5M2 = FloatFormat(exponent_bits=5, fraction_bits=2)
FORMATS = {
    "float16": (FLOAT16, np.float16),
    "bfloat16": (BFLOAT16, ml_dtypes.bfloat16),
    "float32": (FLOAT32, np.float32),
    "float64": (FLOAT64, np.float64),
    "float8_e5m2": (FLOAT8_E5M2, ml_dtypes.float8_e5m2),
}


@pytest.fixture(params=FORMATS)
def pair(request):
    return FORMATS[request.param]


def test_limits_are_those_of_finfo(pair):
    mine, dtype = pair
    info = ml_dtypes.finfo(dtype)
    assert mine.max == float(info.max)
    assert mine.epsilon == float(info.eps)
    assert mine.smallest_normal == float(info.smallest_normal)
    assert mine.smallest_subnormal == float(info.smallest_subnormal)


def test_rounds_as_the_dtype_does(pair):
    mine, dtype = pair
    rng = np.random.default_rng(0)
    # float32 inputs: ml_dtypes itself goes to bfloat16 by way of float32.
    x = rng.normal(size=20_000) * 2.0 ** rng.integers(-140, 127, size=20_000)
    x = np.concatenate([x, rng.normal(size=20_000)]).astype("float32")
    with np.errstate(over="ignore", under="ignore"):
        expected = x.astype(dtype).astype("float64")
    np.testing.assert_array_equal(mine.round(x), expected)


@pytest.mark.parametrize("name", ["float16", "bfloat16", "float8_e5m2"])
def test_every_number_of_the_format_stays(name):
    mine, dtype = FORMATS[name]
    bits = np.arange(2 ** (1 + mine.exponent_bits + mine.fraction_bits))
    unsigned = {8: np.uint8, 16: np.uint16}[8 * np.dtype(dtype).itemsize]
    with np.errstate(invalid="ignore"):  # some of the NaNs are signaling ones
        numbers = bits.astype(unsigned).view(dtype).astype("float64")
        np.testing.assert_array_equal(mine.round(numbers), numbers)


def test_edges():
    inf = np.inf
    x = [65504, 65519, 65520, -65520, inf, -inf, 2.0**-25, 3 * 2.0**-25, 2049, 2051]
    expected = [65504, 65504, inf, -inf, inf, -inf, 0, 2.0**-23, 2048, 2052]
    np.testing.assert_array_equal(FLOAT16.round(x), expected)
    assert np.isnan(FLOAT16.round(np.nan))
    assert np.signbit(FLOAT16.round(-0.0)) and np.signbit(FLOAT16.round(-1e-30))
    assert FLOAT16.round([]).shape == (0,)


def test_spacing_is_the_gap_of_numpy():
    x = np.array([0.0, 1e-7, 6e-5, 1e-3, 1.0, 1.5, 2.0, 2048, 60_000])
    np.testing.assert_array_equal(
        FLOAT16.spacing(x), np.spacing(x.astype("float16")).astype("float64")
    )


@pytest.mark.parametrize(
    "bits, message",
    [
        ((1, 10), "exponent_bits must be between 2 and 11.*exponent_bits=1"),
        ((12, 10), "Received: exponent_bits=12"),
        ((5, 0), "fraction_bits must be between 1 and 52.*fraction_bits=0"),
        ((5, 53), "Received: fraction_bits=53"),
    ],
)
def test_bad_number_of_bits_is_refused(bits, message):
    with pytest.raises(ValueError, match=message):
        FloatFormat(*bits)
