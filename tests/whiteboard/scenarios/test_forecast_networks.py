import keras
import numpy as np
import pytest
from keras import ops

from whiteboard.scenarios import (
    fit_linear_forecaster,
    linear_forecaster,
    lstm_forecaster,
    network_forecast,
    pooled_windows,
    sliding_windows,
    transformer_forecaster,
    window_forecaster,
)

FORECASTERS = linear_forecaster, lstm_forecaster, transformer_forecaster
WINDOWS = np.random.default_rng(0).normal(3, 2, size=(5, 12)).astype("float32")


@pytest.fixture(params=FORECASTERS, ids=lambda f: f.__name__)
def model(request):
    keras.utils.set_random_seed(0)
    return request.param(context=12, horizon=4)


def predict(model, x):
    return ops.convert_to_numpy(model(x))


def test_the_forecast_is_in_the_units_of_its_window(model):
    outputs = predict(model, WINDOWS)
    assert outputs.shape == (5, 4) == model.compute_output_shape((5, 12))
    scaled = predict(model, 100 * WINDOWS - 7)
    np.testing.assert_allclose(scaled, 100 * outputs - 7, rtol=1e-3, atol=1e-2)


def test_a_window_is_forecast_alone(model):
    together = predict(model, WINDOWS)
    alone = predict(model, WINDOWS[2:3])
    np.testing.assert_allclose(alone, together[2:3], atol=1e-5)


def test_a_constant_window_gives_its_constant(model):
    outputs = predict(model, np.full((1, 12), 7.0, "float32"))
    np.testing.assert_allclose(outputs, 7, atol=1e-4)


def test_saves_and_loads(model, tmp_path):
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    np.testing.assert_allclose(predict(loaded, WINDOWS), predict(model, WINDOWS))


def test_learns(model):
    inputs, targets = sliding_windows(np.sin(np.arange(300.0)), 12, 4)
    model.compile(keras.optimizers.Adam(0.01), "mse")
    before = model.evaluate(inputs, targets, verbose=0)
    model.fit(inputs, targets, epochs=5, verbose=0)
    assert model.evaluate(inputs, targets, verbose=0) < before / 3


def test_linear_is_one_matrix_on_the_window_in_its_own_units():
    model = linear_forecaster(12, 4)
    kernel, bias = np.random.default_rng(1).normal(size=(13, 4)).astype("float32"), 0
    kernel, bias = kernel[:12], kernel[12]
    model.set_weights([kernel, bias])
    mean, deviation = WINDOWS.mean(1, keepdims=True), WINDOWS.std(1, keepdims=True)
    expected = mean + deviation * ((WINDOWS - mean) / deviation @ kernel + bias)
    np.testing.assert_allclose(predict(model, WINDOWS), expected, rtol=1e-3, atol=1e-3)


@pytest.mark.parametrize("name", ["context", "horizon"])
@pytest.mark.parametrize("make", FORECASTERS, ids=lambda f: f.__name__)
def test_bad_numbers_are_refused(make, name):
    with pytest.raises(ValueError, match=f"{name} must be positive|units"):
        make(**{"context": 12, "horizon": 4, name: 0})


def test_a_patch_that_does_not_divide_is_refused():
    with pytest.raises(ValueError, match="Received: patch=5, context=12"):
        transformer_forecaster(12, 4, patch=5)
    with pytest.raises(ValueError, match="patch must be positive"):
        transformer_forecaster(12, 4, patch=0)


def test_any_layers_can_be_used():
    model = window_forecaster([keras.layers.Flatten(), keras.layers.Dense(2)], 6, 2)
    assert model.output_shape == (None, 2)


def test_the_fitted_linear_forecaster_is_least_squares():
    series = np.random.default_rng(2).normal(size=80).cumsum()
    inputs, targets = pooled_windows([series, series**2], 6, 3)
    model = fit_linear_forecaster(inputs, targets)
    rows = np.hstack([inputs, np.ones((len(inputs), 1))])
    expected = rows @ np.linalg.lstsq(rows, targets, rcond=None)[0]
    np.testing.assert_allclose(predict(model, inputs), expected, atol=1e-3)
    with pytest.raises(ValueError, match="inconsistent numbers of samples"):
        fit_linear_forecaster(inputs, targets[1:])


def test_a_network_is_shown_the_end_of_the_past(model):
    forecast, series = network_forecast(model), np.arange(40.0)
    np.testing.assert_allclose(
        forecast(series, 3), predict(model, series[None, -12:])[0, :3], rtol=1e-4
    )
    for bad, message in [
        ((series[:11], 3), "at least 12 values. Received: 11"),
        ((series, 5), "horizon must be in 1 to 4. Received: horizon=5"),
        ((series, 0), "horizon must be in 1 to 4. Received: horizon=0"),
        ((series * np.nan, 3), "must be finite"),
    ]:
        with pytest.raises(ValueError, match=message):
            forecast(*bad)
