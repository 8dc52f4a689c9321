import numpy as np
import pytest
from keras import ops

from whiteboard.cnn import LocalResponseNormalization, local_response_normalize
from whiteboard.fundamentals import numerical_gradient, value_and_gradients


def random(*shape):
    return np.random.default_rng(0).normal(size=shape).astype("float32")


def reference(x, size, alpha, beta, bias):
    """The formula of the paper, one channel at a time."""
    y, channels = np.empty_like(x), x.shape[-1]
    for c in range(channels):
        first, last = max(0, c - size // 2), min(channels - 1, c + size // 2)
        energy = (x[..., first : last + 1] ** 2).sum(axis=-1)
        y[..., c] = x[..., c] / (bias + alpha * energy) ** beta
    return y


@pytest.mark.parametrize("size", [1, 3, 5, 15])
@pytest.mark.parametrize("shape", [(2, 3, 3, 8), (4, 2), (3, 1)])
def test_is_the_formula(size, shape):
    x = random(*shape)
    outputs = local_response_normalize(x, size, alpha=0.3, beta=0.6, bias=1.5)
    expected = reference(x, size, 0.3, 0.6, 1.5)
    np.testing.assert_allclose(ops.convert_to_numpy(outputs), expected, atol=1e-6)


def test_has_the_numbers_of_the_paper():
    x = 100 * random(2, 3, 3, 8)
    outputs = ops.convert_to_numpy(LocalResponseNormalization()(x))
    np.testing.assert_allclose(outputs, reference(x, 5, 1e-4, 0.75, 2), rtol=1e-5)


def test_gradient():
    x, weights = random(3, 6), np.linspace(-1, 1, 6, dtype="float32")

    def loss(x, normalize):
        return normalize(x, 3, 0.5, 0.75, 1.0) * weights

    _, (gradient,) = value_and_gradients(
        lambda x: ops.sum(
            ops.multiply(local_response_normalize(x, 3, 0.5, 0.75, 1.0), weights)
        ),
        x,
    )
    expected = numerical_gradient(
        lambda x: float(loss(x, reference).sum()), x.astype("float64")
    )
    np.testing.assert_allclose(gradient, expected, atol=1e-4)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"size": 0}, "size must be positive. Received: size=0"),
        ({"size": 4}, "size must be odd. Received: size=4"),
        ({"alpha": -1.0}, "alpha must not be negative. Received: alpha=-1.0"),
        ({"beta": -1.0}, "beta must not be negative. Received: beta=-1.0"),
        ({"bias": 0.0}, "bias must be positive. Received: bias=0.0"),
    ],
)
def test_bad_arguments_are_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        LocalResponseNormalization(**arguments)


def test_unknown_channels_are_refused():
    with pytest.raises(ValueError, match="known number of channels"):
        LocalResponseNormalization().build((None, 4, 4, None))
