import keras
import numpy as np
import pytest
from keras import ops

from whiteboard.rnn import ChronoInitializer


def draw(shape, *args, **kwargs):
    return ops.convert_to_numpy(ChronoInitializer(*args, **kwargs)(shape))


def is_log_uniform(memory, horizon):
    """u = exp(b) fills the interval from 1 to horizon - 1 evenly."""
    u = np.exp(memory)
    assert u.min() >= 1 and u.max() <= horizon - 1 + 1e-3
    quartiles = np.quantile(u, [0.25, 0.5, 0.75])
    np.testing.assert_allclose(
        quartiles, 1 + (horizon - 2) * np.array([0.25, 0.5, 0.75]), rtol=0.1
    )


def test_lstm_forgets_by_b_and_writes_by_minus_b():
    bias = draw((4 * 2000,), 100, seed=1)
    write, keep, candidate, output = bias.reshape(4, 2000)
    is_log_uniform(keep, 100)
    np.testing.assert_array_equal(write, -keep)
    assert not candidate.any() and not output.any()


def test_gru_keeps_by_its_update_gate():
    input_bias, recurrent_bias = draw((2, 3 * 2000), 50, "gru", seed=1)
    update, reset, candidate = input_bias.reshape(3, 2000)
    is_log_uniform(update, 50)
    assert not reset.any() and not candidate.any() and not recurrent_bias.any()


def test_gru_without_reset_after_has_one_row():
    np.testing.assert_array_equal(
        draw((12,), 50, "gru", seed=1), draw((2, 12), 50, "gru", seed=1)[0]
    )


@pytest.mark.parametrize("cell", ["lstm", "gru"])
def test_cell_at_rest_forgets_as_fast_as_its_bias_says(cell):
    """With no input the state decays by u / (1 + u) a step; u is exp(bias)."""
    chrono = ChronoInitializer(40, cell, seed=3)
    units, options = 5, {"bias_initializer": chrono, "return_state": True}
    if cell == "lstm":
        layer = keras.layers.LSTM(units, unit_forget_bias=False, **options)
    else:
        layer = keras.layers.GRU(units, **options)
    layer.build((None, 10, 2))
    *kernels, bias = layer.get_weights()
    layer.set_weights([*(0 * kernel for kernel in kernels), bias])
    start = np.full((1, units), 0.1, dtype="float32")
    states = [start, start] if cell == "lstm" else [start]
    *_, state = layer(np.zeros((1, 10, 2)), initial_state=states)
    gates = bias.reshape(4, units)[1] if cell == "lstm" else bias[0, :units]
    u = np.exp(gates)
    np.testing.assert_allclose(
        ops.convert_to_numpy(state)[0], 0.1 * (u / (1 + u)) ** 10, rtol=1e-5
    )


def test_integer_seed_repeats_itself_and_a_generator_does_not():
    fixed = ChronoInitializer(100, seed=5)
    np.testing.assert_array_equal(
        *map(ops.convert_to_numpy, (fixed((8,)), fixed((8,))))
    )
    moving = ChronoInitializer(100, seed=keras.random.SeedGenerator(5))
    first, second = map(ops.convert_to_numpy, (moving((8,)), moving((8,))))
    assert not np.allclose(first, second)


def test_survives_saving(tmp_path):
    chrono = ChronoInitializer(30, "gru", seed=2)
    model = keras.Sequential([keras.layers.GRU(4, bias_initializer=chrono)])
    model(np.zeros((1, 3, 2)))
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    revived = loaded.layers[0].cell.bias_initializer
    assert isinstance(revived, ChronoInitializer)
    assert revived.get_config() == {"horizon": 30, "cell": "gru", "seed": 2}


def test_dtype():
    bias = ChronoInitializer(30)((8,), dtype="float16")
    assert keras.backend.standardize_dtype(bias.dtype) == "float16"


@pytest.mark.parametrize("horizon", [2, 0, -1, np.nan])
def test_bad_horizon_is_refused(horizon):
    with pytest.raises(ValueError, match="horizon must be above 2. Received: horizon="):
        ChronoInitializer(horizon)


def test_unknown_cell_is_refused():
    with pytest.raises(
        ValueError, match="cell must be lstm or gru. Received: cell=rnn"
    ):
        ChronoInitializer(9, cell="rnn")


@pytest.mark.parametrize(
    ("shape", "cell"), [((6,), "lstm"), ((8,), "gru"), ((2, 2, 12), "gru")]
)
def test_shape_that_has_no_such_gates_is_refused(shape, cell):
    with pytest.raises(ValueError, match="shape must be .*Received: shape="):
        ChronoInitializer(9, cell)(shape)
