import keras
import numpy as np
import pytest
from keras import ops

from whiteboard.fundamentals import MLP, mlp_forward, model_gradients, relu, tanh

X = np.random.default_rng(0).normal(size=(5, 7)).astype("float32")


def to_numpy(x):
    return ops.convert_to_numpy(x)


def stack(activation, output_activation=None):
    return keras.Sequential(
        [
            keras.Input((7,)),
            keras.layers.Dense(6, activation, bias_initializer="normal"),
            keras.layers.Dense(4, activation, bias_initializer="normal"),
            keras.layers.Dense(3, output_activation, bias_initializer="normal"),
        ]
    )


@pytest.mark.parametrize("activation", [tanh, relu])
def test_forward_is_a_stack_of_dense_layers(activation):
    model = stack(activation)
    weights = model.get_weights()
    output = to_numpy(mlp_forward(X, weights[0::2], weights[1::2], activation))
    np.testing.assert_allclose(output, model.predict(X, verbose=0), atol=1e-6)


def test_forward_in_numpy():
    rng = np.random.default_rng(1)
    kernels = [rng.normal(size=s).astype("float32") for s in [(7, 6), (6, 3)]]
    biases = [rng.normal(size=s).astype("float32") for s in [6, 3]]
    expected = np.tanh(X @ kernels[0] + biases[0]) @ kernels[1] + biases[1]
    output = to_numpy(mlp_forward(X, kernels, biases, ops.tanh))
    np.testing.assert_allclose(output, expected, atol=1e-5)


def test_one_layer_is_affine():
    def fail(x):
        raise AssertionError("the last layer has no activation")

    output = mlp_forward(X, [np.eye(7, dtype="float32")], [np.ones(7, "float32")], fail)
    np.testing.assert_allclose(to_numpy(output), X + 1, rtol=1e-6)


def test_forward_refuses_what_does_not_fit():
    with pytest.raises(ValueError, match="zip"):
        mlp_forward(X, [np.ones((7, 2), "float32")], [], ops.tanh)
    with pytest.raises(ValueError, match="unpack"):
        mlp_forward(X, [], [], ops.tanh)


@pytest.mark.parametrize("output_activation", [None, "softmax"])
def test_layer_and_its_gradients_agree_with_keras(output_activation):
    theirs = stack("tanh", output_activation)
    mine = keras.Sequential(
        [keras.Input((7,)), MLP([6, 4, 3], "tanh", output_activation)]
    )
    mine.set_weights(theirs.get_weights())
    y = np.random.default_rng(2).normal(size=(5, 3)).astype("float32")
    loss, gradients = model_gradients(mine, X, y, "mean_squared_error")
    expected_loss, expected = model_gradients(theirs, X, y, "mean_squared_error")
    assert loss == pytest.approx(expected_loss, rel=1e-6)
    for gradient, reference in zip(gradients, expected, strict=True):
        np.testing.assert_allclose(gradient, reference, atol=1e-6)


def test_layers_of_one_shape_start_differently():
    layer = MLP([7, 7, 7])
    layer.build((None, 7))
    first, second, _ = (to_numpy(kernel) for kernel in layer.kernels)
    assert np.abs(first - second).max() > 0.1


def test_a_function_initializes_the_kernels():
    layer = MLP(
        [2], kernel_initializer=lambda shape, dtype=None: ops.ones(shape, dtype)
    )
    assert to_numpy(layer(np.ones((1, 3), "float32"))).tolist() == [[3, 3]]


def test_an_empty_batch_and_a_nan():
    layer = MLP([4, 2])
    assert layer(np.zeros((0, 3), "float32")).shape == (0, 2)
    rows = np.array([[np.nan, 0, 0], [1, 2, 3]], "float32")
    is_nan = np.isnan(to_numpy(layer(rows))).all(axis=1)
    assert is_nan.tolist() == [True, False]


@pytest.mark.parametrize("units", [[], [0], [8, -1]])
def test_bad_units_are_refused(units):
    with pytest.raises(
        ValueError, match="units must be numbers of at least 1. Received"
    ):
        MLP(units)


@pytest.mark.parametrize("shape", [(3,), (None, None)])
def test_bad_inputs_are_refused(shape):
    with pytest.raises(ValueError, match="MLP needs inputs of shape.*Received"):
        MLP([2]).build(shape)
