import numpy as np
import pytest

from whiteboard.fundamentals import numerical_gradient, relative_error


@pytest.mark.parametrize("shape", [(), (1,), (3,), (2, 3)])
def test_cubes(shape):
    x = np.random.default_rng(0).normal(size=shape)
    before = x.copy()
    gradient = numerical_gradient(lambda x: (x**3).sum(), x)
    assert gradient.shape == shape and gradient.dtype == np.float64
    np.testing.assert_allclose(gradient, 3 * x**2, atol=1e-8)
    np.testing.assert_array_equal(x, before)


def test_error_falls_with_the_square_of_the_step():
    x = np.array([0.3])
    errors = [
        abs(numerical_gradient(lambda x: np.exp(x).sum(), x, step)[0] - np.exp(0.3))
        for step in (1e-1, 1e-2)
    ]
    assert errors[0] / errors[1] == pytest.approx(100, rel=0.01)


def test_integers_are_differentiated_as_floats():
    gradient = numerical_gradient(lambda x: (x**2).sum(), np.array([1, 3]))
    np.testing.assert_allclose(gradient, [2, 6], rtol=1e-8)


def test_an_empty_array_has_an_empty_gradient():
    assert numerical_gradient(np.sum, np.zeros((0, 2))).shape == (0, 2)


def test_finds_an_error():
    x = np.random.default_rng(0).normal(size=5)
    numerical = numerical_gradient(lambda x: np.tanh(x).sum(), x)
    assert relative_error(1 - np.tanh(x) ** 2, numerical) < 1e-9
    assert relative_error(1 + np.tanh(x) ** 2, numerical) > 0.1


def test_relative_error():
    a = np.array([3.0, 4.0])
    assert relative_error(a, a) == 0 == relative_error(0 * a, 0 * a)
    assert relative_error(a, -a) == relative_error(a, 0 * a) == 1
    assert relative_error(2 * a, a) == pytest.approx(1 / 3)
    assert relative_error(2, 1) == pytest.approx(1 / 3)
    assert np.isnan(relative_error([np.nan, 1.0], a))


@pytest.mark.parametrize("step", [0, -1e-5, float("nan")])
def test_a_bad_step_is_refused(step):
    with pytest.raises(ValueError, match="step must be positive. Received: step="):
        numerical_gradient(np.sum, np.ones(2), step)


@pytest.mark.parametrize("value", [np.nan, np.inf, np.ones(2)])
def test_a_function_without_a_finite_number_is_refused(value):
    with pytest.raises(ValueError, match="function must return a finite number"):
        numerical_gradient(lambda x: value, np.ones(2))


def test_shapes_must_agree():
    with pytest.raises(ValueError, match=r"same shape. Received: \(2,\) and \(2, 1\)"):
        relative_error(np.ones(2), np.ones((2, 1)))
