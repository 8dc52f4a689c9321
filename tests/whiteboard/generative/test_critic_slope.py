import keras
import numpy as np
import pytest
from keras import ops
from scipy.stats import kstest

from whiteboard.fundamentals import value_and_gradients
from whiteboard.generative import (
    gradient_norms,
    gradient_norms_by_layer,
    gradient_penalty,
    random_interpolates,
)

rng = np.random.default_rng(7)
V = rng.normal(size=(4, 1)).astype("float32")
W = rng.normal(size=(6, 4)).astype("float32")
X = rng.normal(size=(5, 6)).astype("float32")


def perceptron(w):
    """f(x) = tanh(x W) v, with a gradient that one can write down."""
    return lambda x, training: ops.matmul(ops.tanh(ops.matmul(x, w)), V)


def norms_by_hand(w):
    hidden = np.tanh(X.astype("float64") @ w)
    return np.linalg.norm((1 - hidden**2) * V[:, 0] @ w.T, axis=1)


def linear_critic(*shape):
    keras.utils.set_random_seed(7)
    return keras.Sequential(
        [keras.Input(shape), keras.layers.Flatten(), keras.layers.Dense(1)]
    )


def test_norms_are_those_of_the_gradient():
    norms = ops.convert_to_numpy(gradient_norms(perceptron(W), X))
    assert norms.shape == (5,) and norms == pytest.approx(norms_by_hand(W), rel=1e-5)


@pytest.mark.parametrize("target", [0.0, 1.0])
def test_the_penalty_has_the_gradient_of_finite_differences(target):
    def by_hand(w):
        return np.mean((norms_by_hand(w) - target) ** 2)

    expected = np.empty_like(W, "float64")
    for index in np.ndindex(*W.shape):
        step = np.zeros_like(expected)
        step[index] = 1e-5
        expected[index] = (by_hand(W + step) - by_hand(W - step)) / 2e-5
    value, (gradient,) = value_and_gradients(
        lambda w: gradient_penalty(perceptron(w), X, target), W
    )
    assert value == pytest.approx(by_hand(W), rel=1e-5)
    np.testing.assert_allclose(gradient, expected, rtol=1e-3, atol=1e-4)


def test_the_norm_is_over_all_axes_of_an_image():
    critic = linear_critic(3, 4, 2)
    norms = gradient_norms(critic, rng.normal(size=(5, 3, 4, 2)))
    expected = np.linalg.norm(critic.get_weights()[0])
    assert ops.convert_to_numpy(norms) == pytest.approx(np.full(5, expected), rel=1e-5)


def test_a_flat_critic_has_a_penalty_and_no_nan():
    value, (gradient,) = value_and_gradients(
        lambda w: gradient_penalty(perceptron(w), X), np.zeros_like(W)
    )
    assert value == pytest.approx(1, abs=1e-5) and np.isfinite(gradient).all()


def test_norms_are_float32_under_mixed_precision():
    keras.utils.set_random_seed(7)
    dense = keras.layers.Dense(1, dtype="mixed_float16")
    critic = keras.Sequential([keras.Input((6,)), dense])
    norms = gradient_norms(critic, X)
    assert keras.backend.standardize_dtype(norms.dtype) == "float32"
    expected = np.linalg.norm(critic.get_weights()[0])
    assert ops.convert_to_numpy(norms) == pytest.approx(expected, rel=1e-2)


def test_norms_by_layer_are_products_of_the_layers_above():
    keras.utils.set_random_seed(7)
    layers = [keras.layers.Dense(4), keras.layers.Dense(3), keras.layers.Dense(1)]
    critic = keras.Sequential([keras.Input((6,)), *layers])
    first, second, third = [layer.get_weights()[0] for layer in layers]
    expected = [first @ second @ third, second @ third, third]
    norms = gradient_norms_by_layer(critic, X)
    assert norms == pytest.approx([np.linalg.norm(w) for w in expected], rel=1e-5)


def interpolates(real, fake, seed=7):
    tensors = ops.convert_to_tensor(real), ops.convert_to_tensor(fake)
    return ops.convert_to_numpy(random_interpolates(*tensors, seed=seed))


def test_interpolates_share_one_uniform_number_a_sample():
    real = np.full((2000, 3, 2), 5.0, "float32")
    fake = np.full((2000, 3, 2), -5.0, "float32")
    shares = (interpolates(real, fake) + 5) / 10
    assert np.ptp(shares, axis=(1, 2)).max() < 1e-6
    assert kstest(shares[:, 0, 0], "uniform").pvalue > 0.01


def test_interpolates_lie_on_the_line_between_their_own_pair():
    real, fake = rng.normal(size=(2, 50, 4)).astype("float32")
    between = interpolates(real, fake)
    way = np.linalg.norm(between - real, axis=1) + np.linalg.norm(
        between - fake, axis=1
    )
    assert way == pytest.approx(np.linalg.norm(real - fake, axis=1), rel=1e-5)


def test_interpolates_follow_their_seed():
    real, fake = rng.normal(size=(2, 5, 4)).astype("float32")
    assert np.array_equal(interpolates(real, fake, 1), interpolates(real, fake, 1))
    assert not np.allclose(interpolates(real, fake, 1), interpolates(real, fake, 2))


def test_interpolates_of_unlike_shapes_are_refused():
    with pytest.raises(ValueError, match="real and fake must have the same shape"):
        interpolates(np.zeros((4, 3), "float32"), np.zeros((4, 2), "float32"))
