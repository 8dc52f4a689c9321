"""What the tests of all recurrent layers compare with the built-in layers."""

import keras
import numpy as np
import pytest
from keras import ops

from whiteboard.fundamentals import value_and_gradients

BATCH, STEPS, FEATURES, UNITS = 3, 6, 4, 5
MASKS = {
    "no mask": None,
    "right padding": np.array([[1] * 6, [1, 1, 1, 1, 0, 0], [1, 0, 0, 0, 0, 0]], bool),
    "left padding": np.array([[1] * 6, [0, 0, 1, 1, 1, 1], [0, 0, 0, 0, 0, 1]], bool),
    "holes": np.array(
        [[1, 0, 1, 1, 0, 1], [0, 1, 0, 1, 1, 0], [0, 0, 1, 0, 0, 1]], bool
    ),
}
each_mask = pytest.mark.parametrize("mask", MASKS.values(), ids=MASKS)
each_direction = pytest.mark.parametrize("go_backwards", [False, True])


def random(*shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape).astype("float32")


def both(layer, **kwargs):
    """A layer and the built-in of its name: weights set from one, and back again."""
    mine = layer(UNITS, **kwargs)
    builtin = getattr(keras.layers, layer.__name__)(UNITS, **kwargs)
    for one in (mine, builtin):
        one.build((BATCH, STEPS, FEATURES))
    weights = [random(*w.shape, seed=n) for n, w in enumerate(mine.weights)]
    builtin.set_weights(weights)
    mine.set_weights(builtin.get_weights())
    return mine, builtin


def outputs_and_gradients(layer, mask):
    """Outputs, final states; gradients by inputs, initial states and weights."""
    weights = [variable.value for variable in layer.trainable_variables]
    states = [random(BATCH, UNITS, seed=7 + n) for n, _ in enumerate(layer.state_size)]
    x, outputs = random(BATCH, STEPS, FEATURES), []

    def function(x, *arrays):
        values = zip(layer.trainable_variables, arrays[len(states) :], strict=True)
        with keras.StatelessScope(state_mapping=list(values)):
            initial_state = list(arrays[: len(states)])
            outputs[:] = layer(x, initial_state=initial_state, mask=mask)
        weighted = (ops.sum(ops.multiply(random(*y.shape, seed=3), y)) for y in outputs)
        return sum(weighted)

    def value(*arrays):
        function(*map(ops.convert_to_tensor, arrays))
        return [ops.convert_to_numpy(ops.stop_gradient(y)) for y in outputs]

    arguments = (x, *states, *weights)
    return value(*arguments) + value_and_gradients(function, *arguments)[1]


def check_outputs_and_gradients(layer, mask, **kwargs):
    layers = both(layer, return_sequences=True, return_state=True, **kwargs)
    mine, builtin = (outputs_and_gradients(one, mask) for one in layers)
    for ours, theirs in zip(mine, builtin, strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-5, rtol=1e-5)


def check_stateful(layer, **kwargs):
    """The second call goes on where the first stopped, until `reset_state`."""
    mine, builtin = both(layer, stateful=True, return_sequences=True, **kwargs)
    x = random(BATCH, STEPS, FEATURES)
    first, second = (ops.convert_to_numpy(mine(x)) for _ in range(2))
    for expected in (first, second):
        np.testing.assert_allclose(
            expected, ops.convert_to_numpy(builtin(x)), atol=1e-5
        )
    assert not np.allclose(first, second)
    once, _ = both(layer, return_sequences=True, **kwargs)
    twice = ops.convert_to_numpy(once(np.concatenate([x, x], axis=1)))
    np.testing.assert_allclose(second, twice[:, STEPS:], atol=1e-5)
    mine.reset_state()
    np.testing.assert_allclose(ops.convert_to_numpy(mine(x)), first, atol=1e-6)
