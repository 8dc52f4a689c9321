import itertools

import keras
import numpy as np
import pytest
from keras import ops

from whiteboard.fundamentals import (
    backpropagate,
    jacobian,
    propagate,
    value_and_gradients,
)

WIDTHS = (3, 6, 5, 4)
NAMES = ["linear", "tanh", "sigmoid", "relu", "selu"]


def network(seed=0):
    rng = np.random.default_rng(seed)
    kernels = [rng.normal(size=shape) for shape in itertools.pairwise(WIDTHS)]
    return rng.normal(size=(7, 3)), kernels, rng.normal(size=(7, 4))


@pytest.mark.parametrize("name", NAMES)
def test_agrees_with_keras_forward_and_backward(name):
    x, kernels, top = network()
    activations, slopes = propagate(x, kernels, name)
    gradients = backpropagate(top, kernels, slopes)
    assert [a.shape for a in activations] == [(7, n) for n in WIDTHS]
    assert [g.shape for g in gradients] == [(7, n) for n in WIDTHS]
    f = keras.activations.get(name)
    tensors = [ops.convert_to_tensor(k.astype("float32")) for k in kernels]

    def loss(x):
        for kernel in tensors:
            x = f(ops.matmul(x, kernel))
        return ops.sum(x * ops.convert_to_tensor(top.astype("float32")))

    value, (dx,) = value_and_gradients(loss, x.astype("float32"))
    assert value == pytest.approx((activations[-1] * top).sum(), rel=1e-4, abs=1e-4)
    np.testing.assert_allclose(gradients[0], dx, rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize("name", NAMES)
def test_jacobian_agrees_with_central_differences(name):
    x, kernels, _ = network()
    step = 1e-6
    columns = []
    for direction in np.eye(3):
        up, down = (
            propagate(x[:1] + s * direction, kernels, name)[0][-1]
            for s in (step, -step)
        )
        columns.append((up - down)[0] / (2 * step))
    np.testing.assert_allclose(
        jacobian(x[0], kernels, name), np.transpose(columns), atol=1e-6
    )


def test_backpropagated_gradient_is_the_transposed_jacobian():
    x, kernels, top = network()
    _, slopes = propagate(x[:1], kernels, "tanh")
    gradient = backpropagate(top[:1], kernels, slopes)[0]
    np.testing.assert_allclose(gradient[0], jacobian(x[0], kernels, "tanh").T @ top[0])


@pytest.mark.parametrize("name", NAMES)
def test_large_inputs_overflow_nowhere(name):
    with np.errstate(all="raise", under="ignore"):
        activations, slopes = propagate([[1e4, -1e4]], [np.eye(2)], name)
    assert np.isfinite(activations[-1]).all() and np.isfinite(slopes[-1]).all()


def test_nan_is_kept():
    activations, slopes = propagate([[np.nan, 1.0]], [np.eye(2)], "tanh")
    assert np.isnan(activations[-1]).any() and np.isnan(slopes[-1]).any()


def test_no_layer_leaves_the_input():
    activations, slopes = propagate([[1.0, 2.0]], [], "tanh")
    assert len(activations) == 1 and slopes == []
    assert len(backpropagate([[1.0]], [], [])) == 1


@pytest.mark.parametrize(
    "call, message",
    [
        (lambda: propagate([[1.0]], [], "gelu"), "Received: activation=gelu"),
        (lambda: propagate([1.0], [], "tanh"), r"x must be a matrix.*\(1,\)"),
        (lambda: propagate([[1.0]], [[1.0]], "tanh"), "kernel 1 must be a matrix"),
        (lambda: propagate([[1.0]], [np.eye(2)], "tanh"), "kernel 1 must have 1 rows"),
        (lambda: backpropagate([[1.0]], [np.eye(1)], []), "1 kernels, 0 slopes"),
        (lambda: jacobian([1.0], [], "tanh"), "must not be empty"),
    ],
)
def test_bad_input_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()
