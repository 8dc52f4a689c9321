import keras
import matplotlib.pyplot as plt
import numpy as np
import pytest

from whiteboard.fundamentals import value_and_gradients
from whiteboard.rnn import gradient_through_time, plot_gradient_through_time

UNITS = 3
NETWORKS = {
    "SimpleRNN": lambda: keras.layers.SimpleRNN(UNITS),
    "LSTM": lambda: keras.layers.LSTM(UNITS, return_sequences=True),
    "GRU": lambda: keras.layers.GRU(UNITS, return_state=True),
    "RNN of two cells": lambda: keras.layers.RNN(
        [keras.layers.LSTMCell(4), keras.layers.GRUCell(UNITS)]
    ),
    "stacked": lambda: keras.Sequential(
        [
            keras.layers.GRU(4, return_sequences=True),
            keras.layers.LSTM(UNITS, return_sequences=True),
        ]
    ),
    "bidirectional": lambda: keras.layers.Bidirectional(
        keras.layers.LSTM(UNITS, return_sequences=True), merge_mode="sum"
    ),
}


def random(*shape):
    return np.random.default_rng(0).normal(size=shape).astype("float32")


def jacobians_unit_by_unit(network, sequence):
    """dh_T / dx_t of one sequence `(T, D)`, by one backward pass for each unit."""

    def unit(x, i):
        output = network(x[None])
        output = output[0] if isinstance(output, (list, tuple)) else output
        return output[0, -1, i] if len(output.shape) == 3 else output[0, i]

    network(sequence[None])
    rows = [
        value_and_gradients(lambda x, i=i: unit(x, i), sequence)[1][0]
        for i in range(UNITS)
    ]
    return np.stack(rows, axis=1)  # (T, n, D)


@pytest.mark.parametrize("name", NETWORKS)
def test_is_the_norm_of_the_jacobian(name):
    network, x = NETWORKS[name](), random(2, 5, 4)
    expected = [
        np.sqrt((jacobians_unit_by_unit(network, sequence) ** 2).sum(axis=(1, 2)))
        for sequence in x
    ]
    norms = gradient_through_time(network, x)
    assert norms.dtype == "float64"
    np.testing.assert_allclose(norms, np.mean(expected, axis=0)[::-1], rtol=1e-4)


def test_a_linear_network_has_the_powers_of_its_recurrent_kernel():
    layer = keras.layers.SimpleRNN(2, activation=None, use_bias=False)
    layer.build((None, 6, 2))
    recurrent = np.array([[0.9, 2.0], [0.0, 0.5]])
    layer.set_weights([np.eye(2), recurrent])
    expected = [np.linalg.norm(np.linalg.matrix_power(recurrent, k)) for k in range(6)]
    norms = gradient_through_time(layer, random(3, 6, 2))
    np.testing.assert_allclose(norms, expected, rtol=1e-5)


def test_norms_are_taken_where_float32_squares_would_underflow():
    layer = keras.layers.SimpleRNN(1, activation=None, use_bias=False)
    layer.build((None, 61, 1))
    layer.set_weights([np.eye(1), np.full((1, 1), 0.3)])
    norms = gradient_through_time(layer, random(1, 61, 1))
    np.testing.assert_allclose(norms, 0.3 ** np.arange(61), rtol=1e-4)
    assert 0 < norms[-1] ** 2 < 1e-45


@pytest.mark.skipif(
    keras.backend.backend() != "tensorflow",
    reason="JAX has no float64 here; keras.ops.matmul on PyTorch rounds to float32",
)
def test_float64_goes_where_float32_has_only_zero():
    x = random(1, 101, 1)
    reached = {}
    for dtype in ("float32", "float64"):
        layer = keras.layers.SimpleRNN(1, None, use_bias=False, dtype=dtype)
        layer.build((None, 101, 1))
        layer.set_weights([np.eye(1), np.full((1, 1), 0.3)])
        reached[dtype] = gradient_through_time(layer, x)[-1]
    assert reached["float32"] == 0
    np.testing.assert_allclose(reached["float64"], 0.3**100)


@pytest.mark.parametrize("shape", [(1, 1, 1), (1, 7, 2), (3, 1, 2)])
def test_one_row_one_step_one_feature(shape):
    norms = gradient_through_time(keras.layers.GRU(2), random(*shape))
    assert norms.shape == (shape[1],) and (norms > 0).all()


@pytest.mark.parametrize(
    "x",
    [
        np.zeros((5, 4)),
        np.zeros((0, 5, 4)),
        np.zeros((2, 0, 4)),
        np.full((1, 5, 4), np.nan),
    ],
)
def test_bad_sequences_are_refused(x):
    with pytest.raises(ValueError, match=r"x must be finite.*\(B, T, D\).*Received"):
        gradient_through_time(keras.layers.LSTM(2), x)


class TestPlot:
    def test_label_says_how_far_each_gradient_falls(self):
        figure = plot_gradient_through_time({"a": [2, 1, 0.5], "b": [1, 0, np.inf]})
        assert figure.get_label() == (
            "Gradient norm against steps back, log scale. "
            "a: 2.0e+00 at 0, 5.0e-01 at 2. b: 1.0e+00 at 0, 1.0e+00 at 0."
        )
        (axes,) = figure.axes
        assert axes.get_yscale() == "log"
        np.testing.assert_array_equal(axes.lines[0].get_ydata(), [2, 1, 0.5])
        np.testing.assert_array_equal(axes.lines[1].get_ydata(), [1, np.nan, np.nan])
        plt.close(figure)

    @pytest.mark.parametrize("norms", [{}, {"a": [0.0, np.nan]}, {"a": []}])
    def test_nothing_to_draw_is_refused(self, norms):
        with pytest.raises(ValueError, match="at least one is positive.*Received"):
            plot_gradient_through_time(norms)
        assert not plt.get_fignums()
