import keras
import numpy as np
import pytest
from keras import ops

from whiteboard.fundamentals import (
    differentiate,
    input_gradients,
    value_and_gradients,
)


def to_numpy(tensors):
    return [ops.convert_to_numpy(tensor) for tensor in tensors]


def test_value_others_and_gradients():
    x, w = np.array([1.0, 2.0, 3.0], "float32"), np.array([0.5, -1.0, 2.0], "float32")
    value, others, gradients = differentiate(
        lambda x, w: (ops.sum(x * w**2), [x + 1, w * 2]), x, w
    )
    assert float(value) == pytest.approx(14.25)
    for got, expected in zip(to_numpy(others), [x + 1, w * 2], strict=True):
        np.testing.assert_allclose(got, expected)
    for got, expected in zip(to_numpy(gradients), [w**2, 2 * x * w], strict=True):
        np.testing.assert_allclose(got, expected, rtol=1e-6)


@pytest.mark.parametrize("used", [True, False])
def test_an_argument_that_does_not_matter_has_a_zero_gradient(used):
    x, y = np.ones(3, "float32"), np.ones((2, 2), "float32")
    constant = ops.sum(ops.ones(3))
    _, _, gradients = differentiate(
        lambda x, y: (ops.sum(x) if used else constant, []), x, y
    )
    dx, dy = to_numpy(gradients)
    np.testing.assert_array_equal(dx, np.full(3, float(used)))
    np.testing.assert_array_equal(dy, np.zeros((2, 2)))


def test_gradients_are_constants_to_an_outer_differentiate():
    def outer(x):
        _, _, (inner,) = differentiate(lambda y: (ops.sum(y**3), []), x)
        return ops.sum(ops.stop_gradient(inner) * x), []

    x = np.array([1.0, 2.0], "float32")
    _, _, (gradient,) = differentiate(outer, x)
    np.testing.assert_allclose(ops.convert_to_numpy(gradient), 3 * x**2, rtol=1e-6)


def small_critic():
    keras.utils.set_random_seed(0)
    return keras.Sequential(
        [
            keras.Input((4,)),
            keras.layers.Dense(6, "tanh"),
            keras.layers.Dense(5, "softplus"),
            keras.layers.Dense(1),
        ]
    )


def test_input_gradients_are_those_of_each_row_alone():
    critic = small_critic()
    x = np.random.default_rng(0).normal(size=(3, 4)).astype("float32")
    together = ops.convert_to_numpy(input_gradients(critic, x))
    for row, gradient in zip(x, together, strict=True):
        _, (alone,) = value_and_gradients(lambda r: ops.sum(critic(r)), row[None])
        np.testing.assert_allclose(gradient, alone[0], atol=1e-6)


def test_input_gradients_agree_with_finite_differences():
    critic = small_critic()
    x = np.random.default_rng(0).normal(size=(3, 4)).astype("float32")
    gradients = ops.convert_to_numpy(input_gradients(critic, x))
    step = 1e-2
    for column in range(4):
        move = step * np.eye(4, dtype="float32")[column]
        above, below = (ops.convert_to_numpy(critic(x + m)) for m in (move, -move))
        numeric = (above - below)[:, 0] / (2 * step)
        np.testing.assert_allclose(gradients[:, column], numeric, atol=1e-3)


def test_input_gradients_can_be_differentiated_again():
    def penalty(x):
        slopes = input_gradients(lambda points: ops.sum(points**3, axis=1), x)  # 3 x^2
        return ops.sum(slopes**2), []

    x = np.array([[1.0, -2.0], [0.5, 3.0]], "float32")
    value, _, (gradient,) = differentiate(penalty, x)
    assert float(value) == pytest.approx(9 * np.sum(x**4), rel=1e-6)
    np.testing.assert_allclose(ops.convert_to_numpy(gradient), 36 * x**3, rtol=1e-5)


def test_a_penalty_on_input_gradients_reaches_the_weights():
    kernel = np.array([[3.0], [4.0]], "float32")

    def penalty(kernel):
        slopes = input_gradients(lambda x: ops.matmul(x, kernel), np.ones((5, 2), "f4"))
        return ops.mean((ops.sqrt(ops.sum(slopes**2, axis=1)) - 1) ** 2), []

    value, _, (gradient,) = differentiate(penalty, kernel)
    assert float(value) == pytest.approx(16, rel=1e-5)  # (5 - 1)^2
    expected = 2 * (5 - 1) * kernel / 5
    np.testing.assert_allclose(ops.convert_to_numpy(gradient), expected, rtol=1e-5)


def test_input_gradients_of_a_constant_are_zero():
    x = np.ones((2, 3), "float32")
    constant = ops.ones((2,))
    gradient = input_gradients(lambda x: constant + 0 * ops.sum(x, axis=1), x)
    np.testing.assert_array_equal(ops.convert_to_numpy(gradient), np.zeros((2, 3)))
