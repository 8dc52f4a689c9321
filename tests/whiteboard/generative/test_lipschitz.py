import keras
import numpy as np
import pytest

from whiteboard.generative import gradient_norms, lipschitz_bound


def critic(*activations, width=16, size=5):
    layers = [keras.layers.Dense(width, activation) for activation in activations]
    return keras.Sequential([keras.Input((size,)), *layers, keras.layers.Dense(1)])


def test_a_linear_critic_is_exactly_as_steep_as_its_bound():
    keras.utils.set_random_seed(7)
    linear = critic()
    x = np.random.default_rng(7).normal(size=(4, 5))
    slopes = keras.ops.convert_to_numpy(gradient_norms(linear, x))
    assert slopes == pytest.approx(lipschitz_bound(linear), rel=1e-5)


def test_orthogonal_kernels_have_bound_one():
    keras.utils.set_random_seed(7)
    orthogonal = keras.Sequential(
        [
            keras.Input((4,)),
            keras.layers.Dense(8, "relu", kernel_initializer="orthogonal"),
            keras.layers.Dense(1, kernel_initializer="orthogonal"),
        ]
    )
    assert lipschitz_bound(orthogonal) == pytest.approx(1, abs=1e-5)


@pytest.mark.parametrize(
    "activation", ["relu", "leaky_relu", "tanh", "sigmoid", "softplus", "elu"]
)
def test_no_slope_is_above_the_bound(activation):
    keras.utils.set_random_seed(7)
    model = critic(activation, activation)
    x = 3 * np.random.default_rng(7).normal(size=(500, 5))
    slopes = keras.ops.convert_to_numpy(gradient_norms(model, x))
    assert 0 < slopes.max() <= lipschitz_bound(model)


@pytest.mark.parametrize(
    "layer",
    [
        keras.layers.Dense(3, "gelu"),  # slope up to 1.13
        keras.layers.Dense(3, "softmax"),
        keras.layers.BatchNormalization(),
        keras.layers.Reshape((1, 5)),
    ],
    ids=lambda layer: type(layer).__name__,
)
def test_other_layers_are_refused(layer):
    model = keras.Sequential([keras.Input((5,)), layer])
    with pytest.raises(ValueError, match="model must have only Dense layers with one"):
        lipschitz_bound(model)
