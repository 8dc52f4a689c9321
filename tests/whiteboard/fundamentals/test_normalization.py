import keras
import numpy as np
import pytest
from keras import ops

from whiteboard.fundamentals import moments, normalize, value_and_gradients
from whiteboard.fundamentals.normalization import at_least_float32


def random(*shape, seed=0):
    return np.random.default_rng(seed).normal(3, 2, size=shape).astype("float32")


def to_numpy(x):
    return ops.convert_to_numpy(x)


def dtype_of(x):
    return keras.backend.standardize_dtype(x.dtype)


class TestMoments:
    @pytest.mark.parametrize("axes", [0, -1, (0, 1), (1, 2), [0, 1, 2], range(2)])
    def test_are_those_of_numpy(self, axes):
        x = random(4, 5, 6)
        mean, variance = map(to_numpy, moments(x, axes))
        axes = axes if isinstance(axes, int) else tuple(axes)
        np.testing.assert_allclose(mean, x.mean(axes, keepdims=True), rtol=1e-5)
        np.testing.assert_allclose(variance, x.var(axes, keepdims=True), rtol=1e-5)

    def test_masked_values_do_not_count(self):
        x, mask = random(3, 5, 2), np.random.default_rng(1).random((3, 5, 1)) < 0.6
        kept = x[mask[..., 0]]  # (kept, 2)
        x = np.where(mask, x, np.nan)
        mean, variance = map(to_numpy, moments(x, (0, 1), mask))
        np.testing.assert_allclose(mean[0, 0], kept.mean(axis=0), rtol=1e-5)
        np.testing.assert_allclose(variance[0, 0], kept.var(axis=0), rtol=1e-5)

    def test_nothing_kept_gives_zeros(self):
        for moment in moments(random(3, 4), 0, np.zeros((3, 1), bool)):
            np.testing.assert_array_equal(to_numpy(moment), np.zeros((1, 4)))

    @pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
    def test_low_precision_is_averaged_in_float32(self, dtype):
        x = ops.cast(300 * np.arange(1.0, 5.0, dtype="float32"), dtype)
        mean, variance = moments(x, 0)
        assert dtype_of(mean) == dtype_of(variance) == "float32"
        exact = to_numpy(ops.cast(x, "float32")).var()
        np.testing.assert_allclose(to_numpy(variance), [exact], rtol=1e-6)

    def test_a_large_mean_does_not_cancel(self):
        x = 10_000 + np.random.default_rng(0).normal(size=4096).astype("float32")
        _, variance = moments(x, 0)
        exact = x.astype("float64").var()
        np.testing.assert_allclose(to_numpy(variance), [exact], rtol=1e-3)

    @pytest.mark.parametrize("shape, axes", [((0, 4), 0), ((2, 0, 4), (0, 1))])
    def test_nothing_to_average_is_refused(self, shape, axes):
        with pytest.raises(ValueError, match="axes must not be empty.*Received: axes="):
            moments(np.zeros(shape, "float32"), axes)


class TestNormalize:
    @pytest.mark.parametrize("axes", [-1, 0, (0, 1), (1, 2)])
    def test_gives_mean_0_and_variance_1(self, axes):
        y = to_numpy(normalize(random(20, 30, 40), axes, epsilon=0.0))
        np.testing.assert_allclose(y.mean(axis=axes), 0, atol=1e-5)
        np.testing.assert_allclose(y.var(axis=axes), 1, atol=1e-4)

    def test_epsilon_is_under_the_root(self):
        x = random(50, 3)
        expected = (x - x.mean(axis=0)) / np.sqrt(x.var(axis=0) + 0.5)
        y = to_numpy(normalize(x, 0, epsilon=0.5))
        np.testing.assert_allclose(y, expected, atol=1e-6)

    @pytest.mark.parametrize("axes, shape", [(0, (1, 4)), (-1, (4, 1)), (0, (5, 2))])
    def test_constant_values_and_one_value_become_zero(self, axes, shape):
        y = normalize(np.full(shape, 7.0, "float32"), axes)
        np.testing.assert_array_equal(to_numpy(y), np.zeros(shape))

    def test_nan_stays_in_its_own_row(self):
        x = random(3, 4)
        x[1, 2] = np.nan
        y = to_numpy(normalize(x, -1))
        np.testing.assert_array_equal(np.isnan(y).any(axis=1), [False, True, False])

    def test_gradient_is_the_one_on_the_page(self):
        x, upstream = random(16, 3), random(16, 3, seed=1)
        _, (gradient,) = value_and_gradients(
            lambda x: ops.sum(ops.multiply(upstream, normalize(x, 0, 1e-3))), x
        )
        deviation = np.sqrt(x.var(axis=0) + 1e-3)
        x_hat = (x - x.mean(axis=0)) / deviation
        along = (upstream * x_hat).mean(axis=0)
        expected = (upstream - upstream.mean(axis=0) - x_hat * along) / deviation
        np.testing.assert_allclose(gradient, expected, atol=1e-5)

    @pytest.mark.parametrize("epsilon", [-1e-3, np.nan])
    def test_negative_epsilon_is_refused(self, epsilon):
        with pytest.raises(ValueError, match="epsilon must not be negative. Received"):
            normalize(random(2, 2), -1, epsilon)


@pytest.mark.parametrize(
    "dtype, expected",
    [("float16", "float32"), ("bfloat16", "float32"), ("int32", "float32")],
)
def test_at_least_float32(dtype, expected):
    assert dtype_of(at_least_float32(ops.ones(3, dtype=dtype))) == expected


@pytest.mark.skipif(
    keras.backend.backend() == "torch", reason="Keras on torch promotes to float32"
)
def test_float64_stays():
    x = ops.ones(3, dtype="float64")
    assert dtype_of(at_least_float32(x)) == dtype_of(x)
