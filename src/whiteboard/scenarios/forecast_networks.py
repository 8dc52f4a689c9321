"""Networks from a window of a series to its next steps, in Keras."""

import keras
from keras import ops
from sklearn.linear_model import LinearRegression

from whiteboard.fundamentals import require_positive
from whiteboard.rnn import LSTM
from whiteboard.scenarios.series_checks import as_series
from whiteboard.transformer import EncoderBlock, SinusoidalPositionalEncoding

# Shapes: B windows, L steps seen (context), H steps ahead (horizon), D width.


def window_forecaster(layers, context, horizon):
    r"""A model that forecasts each window in the window's own units.

    $$\hat z = \mu + \sigma f\left( \frac{x - \mu}{\sigma} \right)$$

    Mean and deviation are those of the L values seen. So there is no scaler to fit and
    none to leak, and one model serves series of any level.

    Source: Kim et al., "Reversible Instance Normalization", 2022, without its affine map.

    Args:
        layers: Layers from `(B, L, 1)` to `(B, H)`.
        context: Number of steps L.
        horizon: Number of steps H.

    Returns:
        A `keras.Model` from `(B, L)` to `(B, H)`.

    Raises:
        ValueError: If a number is not positive.

    Examples:
        >>> model = window_forecaster([keras.layers.Flatten(), keras.layers.Dense(12)], 36, 12)
    """
    require_positive(context=context, horizon=horizon)
    inputs = keras.Input((context,))
    mean = ops.mean(inputs, axis=1, keepdims=True)
    deviation = ops.std(inputs, axis=1, keepdims=True) + 1e-6
    x = ops.expand_dims((inputs - mean) / deviation, axis=2)
    for layer in layers:
        x = layer(x)
    return keras.Model(inputs, mean + deviation * x)


def linear_forecaster(context, horizon):
    """One matrix from the window to the steps ahead: the test that networks must pass.

    Source: Zeng et al., "Are Transformers Effective for Time Series Forecasting?", 2023.
    Their DLinear splits off a moving average first, and that is a linear map, too.

    Args:
        context: Number of steps L.
        horizon: Number of steps H.

    Returns:
        See `window_forecaster`.

    Raises:
        ValueError: If a number is not positive.

    Examples:
        >>> linear_forecaster(context=36, horizon=12).count_params()
        444
    """
    layers = [keras.layers.Flatten(), keras.layers.Dense(horizon)]
    return window_forecaster(layers, context, horizon)


def fit_linear_forecaster(inputs, targets):
    """The linear forecaster with the least squared error: solved, not trained.

    Args:
        inputs: Windows `(N, L)`, each with mean 0 and deviation 1.
        targets: The next steps `(N, H)` in the same units, see `pooled_windows`.

    Returns:
        See `window_forecaster`.

    Raises:
        ValueError: If the arrays are not `(N, L)` and `(N, H)`.

    Examples:
        >>> model = fit_linear_forecaster(*pooled_windows([series], 24, 12))
    """
    solution = LinearRegression().fit(inputs, targets)
    model = linear_forecaster(inputs.shape[1], targets.shape[1])
    model.set_weights([solution.coef_.T, solution.intercept_])
    return model


def lstm_forecaster(context, horizon, units=32):
    """An LSTM reads the window, a matrix turns its last state into the steps ahead.

    Source: the layer is that of Hochreiter and Schmidhuber 1997 with a forget gate.

    Args:
        context: Number of steps L.
        horizon: Number of steps H.
        units: Number of units of the LSTM.

    Returns:
        See `window_forecaster`.

    Raises:
        ValueError: If a number is not positive.

    Examples:
        >>> lstm_forecaster(context=36, horizon=12).output_shape
        (None, 12)
    """
    return window_forecaster(
        [LSTM(units), keras.layers.Dense(horizon)], context, horizon
    )


def transformer_forecaster(context, horizon, patch=6, width=32, num_heads=4):
    """A Transformer over patches of the window, flattened into the steps ahead.

    A patch is a token: a single step carries too little to attend to, and there are L /
    patch tokens to pay for.

    Source: Nie et al., "A Time Series is Worth 64 Words", 2023 (PatchTST), at its smallest:
    patches that do not overlap, one pre-norm block with layer norm.

    Args:
        context: Number of steps L, a multiple of `patch`.
        horizon: Number of steps H.
        patch: Number of steps in a token.
        width: Width D of a token.
        num_heads: Number of heads, a divisor of `width`.

    Returns:
        See `window_forecaster`.

    Raises:
        ValueError: If a number is not positive, or `patch` does not divide `context`.

    Examples:
        >>> transformer_forecaster(context=36, horizon=12).output_shape
        (None, 12)
    """
    require_positive(context=context, patch=patch, width=width)
    if context % patch:
        raise ValueError(
            f"patch must divide context. Received: patch={patch}, context={context}"
        )
    layers = [
        keras.layers.Reshape((context // patch, patch)),  # (B, L / P, P)
        keras.layers.Dense(width),  # (B, L / P, D)
        SinusoidalPositionalEncoding(),
        EncoderBlock(num_heads, mlp_dim=2 * width),
        keras.layers.LayerNormalization(),
        keras.layers.Flatten(),
        keras.layers.Dense(horizon),
    ]
    return window_forecaster(layers, context, horizon)


def network_forecast(model):
    """Make a forecast for `backtest` out of a model: it is shown the end of the past.

    Args:
        model: A model from windows `(B, L)` to the steps ahead `(B, H)`.

    Returns:
        A function of a series `(T,)`, at least L values, and a number of steps, at most
        H, to the forecasts. It raises a ValueError for a series that is bad or too short,
        and for too many steps.

    Examples:
        >>> network_forecast(linear_forecaster(24, 12))(np.arange(100), 6).shape
        (6,)
    """
    context, longest = model.input_shape[1], model.output_shape[1]

    def forecast(series, horizon):
        if not 0 < horizon <= longest:
            raise ValueError(
                f"horizon must be in 1 to {longest}. Received: horizon={horizon}"
            )
        window = as_series(series, at_least=context)[None, -context:]
        return model.predict_on_batch(window.astype("float32"))[0, :horizon]

    return forecast
