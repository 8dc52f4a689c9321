import keras
import numpy as np
import pytest
from keras import ops
from scipy import special, stats

from whiteboard.fundamentals import (
    ACTIVATIONS,
    elu,
    elu_derivative,
    gelu,
    gelu_derivative,
    leaky_relu,
    leaky_relu_derivative,
    normal_cdf,
    relu,
    relu_derivative,
    sigmoid,
    sigmoid_derivative,
    silu,
    swiglu,
    tanh,
    value_and_gradients,
)

GRID = np.linspace(-8, 8, 401).astype("float32")
BUILTINS = {
    "sigmoid": keras.activations.sigmoid,
    "tanh": keras.activations.tanh,
    "relu": keras.activations.relu,
    "leaky_relu": lambda x: keras.activations.leaky_relu(x, negative_slope=0.01),
    "elu": keras.activations.elu,
    "gelu": lambda x: keras.activations.gelu(x, approximate=False),
    "silu": keras.activations.silu,
}
FLOAT64 = {
    "sigmoid": special.expit,
    "tanh": np.tanh,
    "relu": lambda x: np.maximum(x, 0),
    "leaky_relu": lambda x: np.maximum(x, 0.01 * x),
    "elu": lambda x: np.where(x > 0, x, np.expm1(x)),
    "gelu": lambda x: x * stats.norm.cdf(x),
    "silu": lambda x: x * special.expit(x),
}
names = pytest.mark.parametrize("name", ACTIVATIONS)


def to_numpy(x):
    return ops.convert_to_numpy(ops.cast(x, "float32"))


def slopes(function, x):
    return value_and_gradients(lambda x: ops.sum(function(x)), x)[1][0]


@names
def test_agrees_with_keras(name):
    function, _ = ACTIVATIONS[name]
    expected = to_numpy(BUILTINS[name](GRID))
    np.testing.assert_allclose(to_numpy(function(GRID)), expected, atol=2e-6)


@names
def test_agrees_with_float64(name):
    function, _ = ACTIVATIONS[name]
    expected = FLOAT64[name](GRID.astype("float64"))
    np.testing.assert_allclose(to_numpy(function(GRID)), expected, atol=2e-6)


@names
def test_derivative_is_the_automatic_one(name):
    function, derivative = ACTIVATIONS[name]
    exact = to_numpy(derivative(GRID))
    np.testing.assert_allclose(exact, slopes(function, GRID), atol=2e-6)
    x = GRID[GRID != 0]  # what Keras gives at a kink differs between backends
    np.testing.assert_allclose(
        to_numpy(derivative(x)), slopes(BUILTINS[name], x), atol=2e-6
    )


@names
def test_derivative_is_the_numerical_one(name):
    _, derivative = ACTIVATIONS[name]
    x = GRID[GRID != 0].astype("float64")
    numerical = (FLOAT64[name](x + 1e-5) - FLOAT64[name](x - 1e-5)) / 2e-5
    np.testing.assert_allclose(
        to_numpy(derivative(GRID[GRID != 0])), numerical, atol=3e-6
    )


@names
@pytest.mark.parametrize("dtype", ["float16", "float32"])
def test_is_finite_far_out_and_keeps_the_dtype(name, dtype):
    x = ops.convert_to_tensor(np.array([-1000, -100, -11, 0, 11, 100, 1000], dtype))
    for function in ACTIVATIONS[name]:
        y = function(x)
        assert keras.backend.standardize_dtype(y.dtype) == dtype
        assert np.isfinite(to_numpy(y)).all()
    if dtype == "float32":
        assert np.isfinite(slopes(ACTIVATIONS[name][0], x)).all()


@names
def test_keeps_the_shape_of_an_empty_tensor(name):
    for function in ACTIVATIONS[name]:
        assert function(np.zeros((0, 3), "float32")).shape == (0, 3)


@names
def test_nan_stays_nan(name):
    function, _ = ACTIVATIONS[name]
    assert np.isnan(to_numpy(function(np.array([np.nan], "float32")))).all()


def test_small_numbers_keep_their_digits():
    x = np.array([-80, -30, -1e-6, 1e-6], "float32")
    np.testing.assert_allclose(to_numpy(sigmoid(x)), special.expit(x), rtol=1e-5)
    np.testing.assert_allclose(to_numpy(tanh(x)), np.tanh(x), rtol=1e-6)
    both = np.array([-20, 20], "float32")
    expected = special.expit(both.astype("float64")) * special.expit(-both)
    np.testing.assert_allclose(to_numpy(sigmoid_derivative(both)), expected, rtol=1e-5)


def test_ranges():
    for name, low, high in [("sigmoid", 0, 1), ("tanh", -1, 1), ("relu", 0, 8)]:
        y = to_numpy(ACTIVATIONS[name][0](GRID))
        assert low <= y.min() and y.max() <= high
    assert to_numpy(gelu(GRID)).min() == pytest.approx(-0.170, abs=1e-3)
    assert GRID[to_numpy(gelu(GRID)).argmin()] == pytest.approx(-0.75, abs=0.03)
    assert to_numpy(silu(GRID)).min() == pytest.approx(-0.278, abs=1e-3)
    assert to_numpy(elu(GRID, alpha=0.5)).min() > -0.5


def test_relu_has_slope_zero_at_zero_on_every_backend():
    zero = np.zeros(1, "float32")
    assert slopes(relu, zero) == [0] and to_numpy(relu_derivative(zero)) == [0]


def test_approximate_gelu_is_that_of_keras():
    approximate = to_numpy(gelu(GRID, approximate=True))
    expected = to_numpy(keras.activations.gelu(GRID, approximate=True))
    np.testing.assert_allclose(approximate, expected, atol=2e-6)
    gap = np.abs(approximate - to_numpy(gelu(GRID))).max()
    assert 1e-4 < gap < 5e-4
    np.testing.assert_allclose(
        to_numpy(gelu_derivative(GRID, approximate=True)),
        slopes(lambda x: gelu(x, approximate=True), GRID),
        atol=1e-5,
    )
    far = ops.convert_to_tensor(np.array([-1000, 1000], "float16"))
    np.testing.assert_array_equal(
        to_numpy(gelu_derivative(far, approximate=True)), [0, 1]
    )


def test_normal_cdf():
    expected = stats.norm.cdf(GRID)
    np.testing.assert_allclose(to_numpy(normal_cdf(GRID)), expected, atol=1e-6)
    np.testing.assert_allclose(to_numpy(normal_cdf(GRID, True)), expected, atol=5e-4)


@pytest.mark.parametrize("slope", [0, 0.2, 1, 1.5])
def test_leaky_relu_takes_a_slope(slope):
    expected = np.where(GRID > 0, GRID, slope * GRID)
    np.testing.assert_allclose(to_numpy(leaky_relu(GRID, slope)), expected, rtol=1e-6)
    expected = np.where(GRID > 0, 1, slope)
    np.testing.assert_allclose(to_numpy(leaky_relu_derivative(GRID, slope)), expected)


def test_elu_takes_alpha():
    np.testing.assert_allclose(
        to_numpy(elu(GRID, 0.5)), to_numpy(keras.activations.elu(GRID, 0.5)), atol=1e-6
    )
    np.testing.assert_allclose(
        to_numpy(elu_derivative(GRID, 0.5)),
        slopes(lambda x: elu(x, 0.5), GRID) + (GRID == 0) * 0,
        atol=1e-6,
    )


def test_swiglu_is_a_gate_times_a_value():
    gate, value = np.random.default_rng(0).normal(size=(2, 4, 5)).astype("float32")
    expected = gate * special.expit(gate) * value
    np.testing.assert_allclose(to_numpy(swiglu(gate, value)), expected, rtol=1e-5)
    with pytest.raises(ValueError, match=r"same shape.*\(4, 5\).*\(4, 4\)"):
        swiglu(gate, value[:, :4])


@pytest.mark.parametrize("bad", [-0.1, float("nan")])
def test_bad_slopes_are_refused(bad):
    for function in (leaky_relu, leaky_relu_derivative):
        with pytest.raises(ValueError, match="negative_slope must not be negative.*="):
            function(GRID, bad)
    for function in (elu, elu_derivative):
        with pytest.raises(ValueError, match="alpha must not be negative.*="):
            function(GRID, bad)
