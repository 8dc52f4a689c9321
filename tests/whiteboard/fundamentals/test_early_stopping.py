import keras
import numpy as np
import pytest

from whiteboard.fundamentals import EarlyStopping, stopping_epoch

RNG = np.random.default_rng(0)
HISTORIES = {
    "falls": np.linspace(1, 0, 12),
    "rises": np.linspace(0, 1, 12),
    "valley": np.abs(np.linspace(-1, 1, 12)),
    "flat": np.ones(12),
    "bumps": [5, 4, 4.5, 3, 3.5, 3.6, 3.7, 2, 2.1, 2.2, 2.3, 2.4],
    "small steps": 1 - 0.01 * np.arange(12),
    "nan late": [3, 2, np.nan, np.nan, 1, np.nan, np.nan, np.nan, 0, 1, 2, 3],
    **{f"random {i}": RNG.normal(size=30) for i in range(10)},
}


class Recorded:
    """Stands for a model whose weights say after which epoch they were taken."""

    def __init__(self):
        self.weights, self.stop_training = [np.array(-1)], False

    def get_weights(self):
        return [w.copy() for w in self.weights]

    def set_weights(self, weights):
        self.weights = weights


def replay(callback, losses):
    model = Recorded()
    callback.set_model(model)
    callback.on_train_begin()
    for epoch, loss in enumerate(losses):
        model.weights = [np.array(epoch)]
        callback.on_epoch_end(epoch, {"val_loss": float(loss)})
        if model.stop_training:
            break
    callback.on_train_end()
    return model.stop_training, epoch, int(model.weights[0])


@pytest.mark.parametrize("history", HISTORIES)
@pytest.mark.parametrize("patience", [0, 1, 3])
@pytest.mark.parametrize("min_delta", [0.0, 0.3])
def test_agrees_with_keras(history, patience, min_delta):
    losses = HISTORIES[history]
    expected = replay(
        keras.callbacks.EarlyStopping(
            patience=patience,
            min_delta=min_delta,
            mode="min",
            restore_best_weights=True,
        ),
        losses,
    )
    actual = replay(EarlyStopping(patience, min_delta), losses)
    assert actual == expected
    stopped, best = stopping_epoch(losses, patience, min_delta)
    assert (stopped is not None, best) == (expected[0], expected[2])
    assert stopped is None or stopped == expected[1]


def test_a_first_nan_is_not_the_best():
    """Keras keeps it: nothing is lower than NaN."""
    assert stopping_epoch([np.nan, 0.5, 0.6], patience=2) == (None, 1)
    assert stopping_epoch([np.nan, np.nan], patience=2) == (1, None)


def test_no_epochs():
    assert stopping_epoch([], patience=2) == (None, None)


def test_fit_stops_and_goes_back():
    keras.utils.set_random_seed(0)
    x, y = RNG.normal(size=(2, 40, 1)).astype("float32")
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    model.compile(keras.optimizers.SGD(0.5), "mse")
    callback = EarlyStopping(patience=2)
    history = model.fit(
        x, y, epochs=50, validation_split=0.5, callbacks=[callback], verbose=0
    )
    losses = history.history["val_loss"]
    assert len(losses) < 50 and callback.best_epoch == int(np.argmin(losses))
    restored = model.evaluate(x[20:], y[20:], verbose=0)
    np.testing.assert_allclose(restored, min(losses), rtol=1e-5)


def test_a_loss_that_fit_does_not_report_is_refused():
    callback = EarlyStopping(patience=2)
    callback.on_train_begin()
    with pytest.raises(ValueError, match=r"must report val_loss. Received: \['loss'\]"):
        callback.on_epoch_end(0, {"loss": 1.0})


@pytest.mark.parametrize("settings", [(-1,), (np.nan,), (2, -0.1)])
def test_bad_settings_are_refused(settings):
    with pytest.raises(ValueError, match="must not be negative"):
        EarlyStopping(*settings)
