import numpy as np
import pytest
from keras import ops

from whiteboard.fundamentals import numerical_gradient, value_and_gradients
from whiteboard.rnn import (
    backpropagate_through_time,
    simple_rnn_step,
    unrolled_states,
)

BATCH, STEPS, FEATURES, UNITS = 3, 7, 4, 5


def random(*shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape).astype("float32")


@pytest.fixture
def problem():
    x, h = random(BATCH, STEPS, FEATURES), random(BATCH, UNITS, seed=1)
    shapes = (FEATURES, UNITS), (UNITS, UNITS), (UNITS,)
    weights = [0.5 * random(*shape, seed=n) for n, shape in enumerate(shapes, 2)]
    return x, h, weights, random(BATCH, STEPS, UNITS, seed=9)


def by_hand(x, h, weights, state_gradients, truncation=None):
    states = unrolled_states(x, h, *weights)
    return backpropagate_through_time(
        x, states, weights[1], state_gradients, truncation
    )


@pytest.mark.parametrize("truncation", [None, 1, 3, 7, 100])
def test_agrees_with_autodiff(problem, truncation):
    x, h, weights, state_gradients = problem

    def loss(*weights):
        state, total = h, 0.0
        for t in range(STEPS):
            if truncation is not None and t % truncation == 0:
                state = ops.stop_gradient(ops.convert_to_tensor(state))
            state = simple_rnn_step(x[:, t], state, *weights)
            total += ops.sum(ops.multiply(state_gradients[:, t], state))
        return total

    _, expected = value_and_gradients(loss, *weights)
    found = by_hand(*problem, truncation)
    for mine, theirs in zip(found, expected, strict=True):
        np.testing.assert_allclose(mine, theirs, atol=2e-5, rtol=1e-4)


def test_agrees_with_finite_differences(problem):
    x, h, weights, state_gradients = (
        [w.astype("float64") for w in part]
        if isinstance(part, list)
        else part.astype("float64")
        for part in problem
    )
    W, U, b = weights

    def loss(U):
        return (state_gradients * unrolled_states(x, h, W, U, b)[:, 1:]).sum()

    found = by_hand(x, h, weights, state_gradients)[1]
    np.testing.assert_allclose(found, numerical_gradient(loss, U), atol=1e-7)


def test_one_step_is_plain_backpropagation(problem):
    x, h, (W, U, b), state_gradients = problem
    x, state_gradients = x[:, :1], state_gradients[:, :1]
    states = unrolled_states(x, h, W, U, b)
    delta = state_gradients[:, 0] * (1 - states[:, 1] ** 2)
    found = backpropagate_through_time(x, states, U, state_gradients)
    np.testing.assert_allclose(found[1], h.T @ delta, atol=1e-6)


def test_bad_arguments_are_refused(problem):
    x, h, weights, state_gradients = problem
    states = unrolled_states(x, h, *weights)
    with pytest.raises(ValueError, match="truncation must be positive"):
        backpropagate_through_time(x, states, weights[1], state_gradients, 0)
    with pytest.raises(ValueError, match=r"states must have shape \(B, T \+ 1, H\)"):
        backpropagate_through_time(x, states[:, 1:], weights[1], state_gradients)
    with pytest.raises(ValueError, match=r"state_gradients.shape=\(3, 6, 5\)"):
        backpropagate_through_time(x, states, weights[1], state_gradients[:, 1:])
