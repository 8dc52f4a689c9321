"""Early stopping with patience."""

import math

import keras

from whiteboard.fundamentals.argument_checks import require_not_negative


def stopping_epoch(losses, patience, min_delta=0.0):
    """Find where early stopping ends a run, and the epoch whose weights it keeps.

    Training stops when no loss of the last `patience` epochs was lower than the best
    one by more than `min_delta`. Goodfellow et al. 2016, algorithm 7.1.

    Args:
        losses: The validation losses, one per epoch.
        patience: How many epochs without improvement to wait, not negative.
        min_delta: How much lower counts as an improvement, not negative.

    Returns:
        `(stopped, best)`: the epoch after which training stops, or None if it goes
        on, and the epoch of the best loss, or None if there was none. NaN and `inf`
        are never an improvement.

    Raises:
        ValueError: If `patience` or `min_delta` is negative.

    Examples:
        >>> stopping_epoch([0.9, 0.5, 0.6, 0.7, 0.4], patience=2)
        (3, 1)
    """
    require_not_negative(patience=patience, min_delta=min_delta)
    best, best_loss, wait = None, math.inf, 0
    for epoch, loss in enumerate(losses):
        wait += 1
        if loss < best_loss - min_delta:
            best, best_loss, wait = epoch, loss, 0
        elif wait >= patience:
            return epoch, best
    return None, best


class EarlyStopping(keras.callbacks.Callback):
    """Stop `fit` as `stopping_epoch` says, and go back to the best weights.

    Args:
        patience: How many epochs without improvement to wait.
        min_delta: How much lower counts as an improvement.
        monitor: The loss to watch; lower is better.

    Attributes:
        losses: The losses seen.
        best_epoch: The epoch whose weights the model has after `fit`, None if no
            loss was finite.

    Raises:
        ValueError: If `patience` or `min_delta` is negative, or an epoch does not
            report `monitor`.

    Examples:
        >>> model.fit(x, y, validation_split=0.2, callbacks=[EarlyStopping(patience=5)])
    """

    def __init__(self, patience, min_delta=0.0, monitor="val_loss"):
        super().__init__()
        stopping_epoch([], patience, min_delta)  # refuses bad settings
        self.patience = patience
        self.min_delta = min_delta
        self.monitor = monitor

    def on_train_begin(self, logs=None):
        self.losses, self.best_epoch, self.best_weights = [], None, None

    def on_epoch_end(self, epoch, logs=None):
        if self.monitor not in (logs or {}):
            raise ValueError(
                f"fit must report {self.monitor}. Received: {sorted(logs or {})}"
            )
        self.losses.append(logs[self.monitor])
        stopped, best = stopping_epoch(self.losses, self.patience, self.min_delta)
        if best != self.best_epoch:
            self.best_epoch, self.best_weights = best, self.model.get_weights()
        self.model.stop_training = stopped is not None

    def on_train_end(self, logs=None):
        if self.best_weights is not None:
            self.model.set_weights(self.best_weights)
