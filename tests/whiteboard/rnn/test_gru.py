import keras
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

from whiteboard.rnn import GRU, gru_step

each_form = pytest.mark.parametrize("reset_after", [True, False])


@each_mask
@each_direction
@each_form
def test_agrees_with_builtin(mask, go_backwards, reset_after):
    check_outputs_and_gradients(
        GRU, mask, go_backwards=go_backwards, reset_after=reset_after
    )


@each_form
def test_stateful_agrees_with_builtin(reset_after):
    check_stateful(GRU, reset_after=reset_after)


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


@each_form
def test_step_by_hand(reset_after):
    x, h = random(2, 4), random(2, 3, seed=1)
    W, U = np.split(random(4, 9), 3, axis=1), np.split(random(3, 9, seed=1), 3, axis=1)
    bias = random(2, 9, seed=2) if reset_after else random(9, seed=2)
    b, b_state = np.split(np.vstack([bias, np.zeros(9)])[:2].reshape(2, 3, 3), 2)
    (b_z, b_r, b_g), (s_z, s_r, s_g) = b[0], b_state[0]
    z = sigmoid(x @ W[0] + h @ U[0] + b_z + s_z)
    r = sigmoid(x @ W[1] + h @ U[1] + b_r + s_r)
    past = r * (h @ U[2] + s_g) if reset_after else (r * h) @ U[2]
    expected = z * h + (1 - z) * np.tanh(x @ W[2] + b_g + past)
    weights = np.hstack(W), np.hstack(U), bias
    state = gru_step(x, h, *weights, reset_after=reset_after)
    np.testing.assert_allclose(ops.convert_to_numpy(state), expected, atol=1e-5)


@each_form
def test_the_bias_has_the_shape_of_the_builtin(reset_after):
    layers = (
        GRU(5, reset_after=reset_after),
        keras.layers.GRU(5, reset_after=reset_after),
    )
    for layer in layers:
        layer.build((None, None, 4))
    mine, builtin = ([w.shape for w in layer.weights] for layer in layers)
    assert mine == builtin


@each_form
def test_update_gate_of_one_keeps_the_state(reset_after):
    bias = np.repeat(np.array([60, -60, 0], "float32"), 3)
    bias = np.stack([bias, 0 * bias]) if reset_after else bias
    h = random(2, 3)
    kept = gru_step(random(2, 4), h, random(4, 9), random(3, 9), bias, reset_after)
    np.testing.assert_allclose(ops.convert_to_numpy(kept), h, atol=1e-6)
