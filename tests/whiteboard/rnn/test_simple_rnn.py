import numpy as np
import pytest
from keras import ops
from recurrent_parity import (
    check_outputs_and_gradients,
    check_stateful,
    each_direction,
    each_mask,
    random,
)

from whiteboard.rnn import SimpleRNN, simple_rnn_step


@each_mask
@each_direction
def test_agrees_with_builtin(mask, go_backwards):
    check_outputs_and_gradients(SimpleRNN, mask, go_backwards=go_backwards)


@pytest.mark.parametrize("activation", ["relu", "linear"])
def test_other_activations_agree_with_builtin(activation):
    check_outputs_and_gradients(SimpleRNN, None, activation=activation)


def test_stateful_agrees_with_builtin():
    check_stateful(SimpleRNN)


def test_step_is_one_step_of_the_layer():
    layer = SimpleRNN(5)
    x = random(2, 1, 4)
    expected = ops.convert_to_numpy(layer(x))
    h = simple_rnn_step(x[:, 0], np.zeros((2, 5), "float32"), *layer.get_weights())
    np.testing.assert_allclose(ops.convert_to_numpy(h), expected, atol=1e-6)


def test_step_by_hand():
    x, h, *weights = (
        np.array(a, "float32") for a in ([[1.0]], [[0.5]], [[2.0]], [[-1.0]], [0.1])
    )
    h = simple_rnn_step(x, h, *weights)
    np.testing.assert_allclose(ops.convert_to_numpy(h), [[np.tanh(1.6)]], atol=1e-6)


def test_a_linear_recurrence_forgets_nothing():
    layer = SimpleRNN(4, activation=None, kernel_initializer="zeros")
    h = random(2, 4)
    end = ops.convert_to_numpy(layer(np.zeros((2, 50, 3)), initial_state=[h]))
    norms = [np.linalg.norm(state, axis=1) for state in (h, end)]
    np.testing.assert_allclose(*norms, rtol=1e-4)


@pytest.mark.parametrize("units", [0, -1])
def test_units_must_be_positive(units):
    with pytest.raises(ValueError, match="units must be positive"):
        SimpleRNN(units)
