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

from whiteboard.rnn import LSTM, lstm_step


@each_mask
@each_direction
def test_agrees_with_builtin(mask, go_backwards):
    check_outputs_and_gradients(LSTM, mask, go_backwards=go_backwards)


def test_stateful_agrees_with_builtin():
    check_stateful(LSTM)


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def test_step_by_hand():
    x, h, c = random(2, 4), random(2, 3, seed=1), random(2, 3, seed=2)
    W, U, b = random(4, 12), random(3, 12, seed=1), random(12, seed=2)
    i, f, g, o = np.split(x @ W + h @ U + b, 4, axis=1)
    expected_c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
    expected_h = sigmoid(o) * np.tanh(expected_c)
    for mine, expected in zip(
        lstm_step(x, (h, c), W, U, b), (expected_h, expected_c), strict=True
    ):
        np.testing.assert_allclose(ops.convert_to_numpy(mine), expected, atol=1e-5)


def test_open_forget_gate_and_closed_input_gate_keep_the_cell():
    weights = np.zeros((4, 12), "float32"), np.zeros((3, 12), "float32")
    bias = np.repeat(np.array([-30, 30, 0, 0], "float32"), 3)
    state = random(2, 3), random(2, 3, seed=1)
    _, c = lstm_step(random(2, 4), state, *weights, bias)
    np.testing.assert_allclose(ops.convert_to_numpy(c), state[1], atol=1e-6)


@pytest.mark.parametrize("unit_forget_bias", [True, False])
def test_initial_bias_is_that_of_the_builtin(unit_forget_bias):
    arguments = {"unit_forget_bias": unit_forget_bias, "bias_initializer": "ones"}
    layers = LSTM(5, **arguments), keras.layers.LSTM(5, **arguments)
    for layer in layers:
        layer.build((None, None, 4))
    biases = [layer.get_weights()[2] for layer in layers]
    np.testing.assert_array_equal(*biases)
    default = LSTM(5)
    default.build((None, None, 4))
    np.testing.assert_array_equal(
        default.get_weights()[2].reshape(4, 5).mean(axis=1), [0, 1, 0, 0]
    )


def test_mask_of_the_embedding_reaches_the_layer():
    tokens = np.array([[3, 1, 0, 0], [2, 4, 5, 1]])
    embedding = keras.layers.Embedding(7, 4, mask_zero=True)
    layer = LSTM(5)
    vectors = embedding(tokens)
    short = ops.convert_to_numpy(layer(vectors[:1, :2]))
    np.testing.assert_allclose(
        ops.convert_to_numpy(layer(vectors))[:1], short, atol=1e-6
    )


def test_fit_and_predict_with_state_and_any_length():
    inputs = keras.Input((None, 4))
    outputs, h, c = LSTM(5, return_sequences=True, return_state=True)(inputs)
    assert outputs.shape == (None, None, 5) and h.shape == c.shape == (None, 5)
    model = keras.Model(inputs, [outputs, h, c])
    for steps in (1, 7):
        sequence, h, c = model.predict(random(2, steps, 4), verbose=0)
        np.testing.assert_allclose(sequence[:, -1], h, atol=1e-6)
