import numpy as np
import pytest
from keras import ops

from whiteboard.cnn import stack_backward, stack_forward, train_residual_mlp
from whiteboard.cnn.residual_mlp import EPSILON, loss_gradients
from whiteboard.fundamentals import normalize, value_and_gradients


def problem(depth=3, width=6, batch=8):
    rng = np.random.default_rng(0)
    x, g = rng.normal(size=(2, batch, width)).astype("float32")
    kernels = rng.normal(0, width**-0.5, (depth, width, width)).astype("float32")
    return x, g, kernels


def reference(x, kernels, skip):
    for kernel in kernels:
        branch = ops.relu(normalize(ops.matmul(x, kernel), 0, epsilon=EPSILON))
        x = skip * x + branch
    return x


@pytest.mark.parametrize("skip", [0, 0.5, 1])
def test_forward_and_backward_are_those_of_automatic_differentiation(skip):
    x, g, kernels = problem()
    states = stack_forward(x, kernels, skip)
    gradients, kernel_gradients = stack_backward(g, states, kernels, skip)
    expected, (dx, *dkernels) = value_and_gradients(
        lambda x, *w: ops.sum(ops.multiply(reference(x, w, skip), g)), x, *kernels
    )
    np.testing.assert_allclose(np.sum(states[-1] * g), expected, rtol=1e-4)
    np.testing.assert_allclose(gradients[0], dx, atol=1e-4)
    for mine, theirs in zip(kernel_gradients, dkernels, strict=True):
        np.testing.assert_allclose(mine, theirs, atol=1e-4)


def test_loss_gradients_are_those_of_automatic_differentiation():
    x, _, kernels = problem()
    head = np.random.default_rng(1).normal(size=(6, 3)).astype("float32")
    y = np.arange(8) % 3

    def loss(*weights):
        *kernels, head = weights
        logits = ops.matmul(reference(ops.convert_to_tensor(x), kernels, 1), head)
        picked = ops.sum(ops.log_softmax(logits) * ops.one_hot(y, 3), axis=1)
        return -ops.mean(picked)

    _, expected = value_and_gradients(loss, *kernels, head)
    for mine, theirs in zip(
        loss_gradients(x, y, [*kernels, head], 1), expected, strict=True
    ):
        np.testing.assert_allclose(mine, theirs, atol=1e-5)


def test_no_blocks_are_the_identity():
    x, g, _ = problem()
    assert stack_forward(x, []) == [x]
    gradients, kernel_gradients = stack_backward(g, [x], [])
    assert gradients == [g] and kernel_gradients == []


def test_kernel_of_zeros_leaves_the_skip():
    x, g, kernels = problem()
    states = stack_forward(x, 0 * kernels)
    np.testing.assert_array_equal(states[-1], x)
    gradients, _ = stack_backward(g, states, 0 * kernels)
    np.testing.assert_array_equal(gradients[0], g)


def test_one_row_has_no_variance_and_stays_finite():
    x, g, kernels = problem(batch=1)
    states = stack_forward(x, kernels)
    gradients, _ = stack_backward(g, states, kernels)
    np.testing.assert_array_equal(states[-1], x)
    assert np.isfinite(gradients[0]).all()


class TestTraining:
    def data(self):
        rng = np.random.default_rng(0)
        y = rng.integers(3, size=200)
        return (rng.normal(size=(200, 8)) + 2 * np.eye(8)[y]).astype("float32"), y

    def test_learns_and_is_reproducible(self):
        x, y = self.data()
        first, second = (
            train_residual_mlp(x, y, 3, epochs=30, random_state=1) for _ in range(2)
        )
        assert first.accuracy(x, y) > 0.9
        np.testing.assert_array_equal(first.head, second.head)
        assert {w.dtype for w in [*first.kernels, first.head]} == {np.dtype("float32")}

    def test_without_leaves_out_that_block(self):
        x, y = self.data()
        model = train_residual_mlp(x, y, 3, epochs=1, random_state=1)
        kept = model.without(1).kernels
        assert len(model.kernels) == 3
        assert kept[0] is model.kernels[0] and kept[1] is model.kernels[2]

    def test_no_epochs_return_the_start(self):
        x, y = self.data()
        model = train_residual_mlp(x, y, 2, epochs=0, random_state=1)
        assert not model.head.any() and model.head.shape == (8, 3)

    @pytest.mark.parametrize(
        ("arguments", "message"),
        [
            ({"depth": 0}, "depth must be positive. Received: depth=0"),
            ({"epochs": -1}, "epochs must not be negative. Received: epochs=-1"),
            ({"learning_rate": np.nan}, "Received: learning_rate=nan"),
        ],
    )
    def test_bad_arguments_are_refused(self, arguments, message):
        with pytest.raises(ValueError, match=message):
            train_residual_mlp(*self.data(), **{"depth": 2, **arguments})

    def test_too_few_examples_are_refused(self):
        x, y = self.data()
        with pytest.raises(ValueError, match="64 examples or more. Received: 63"):
            train_residual_mlp(x[:63], y[:63], 2)
