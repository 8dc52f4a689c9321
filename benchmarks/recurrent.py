"""Time a training step of our recurrent layers against Keras' own, in one run.

    KERAS_BACKEND=jax python benchmarks/recurrent.py

A step is a batch of `model.fit`. The models take turns, so that a change in the load
of the machine meets all of them; trust the ratios, not the milliseconds.
"""

from functools import partial

import keras
import numpy as np
from _turns import ratio, take_turns

from whiteboard import rnn

BATCH_SIZE, FEATURES, UNITS, BATCHES, REPEATS = 64, 32, 64, 6, 9
NAMES = ("SimpleRNN", "LSTM", "GRU")


def make_model(layer, steps):
    inputs = keras.Input((steps, FEATURES))
    model = keras.Model(inputs, keras.layers.Dense(1)(layer(inputs)))
    model.compile("sgd", "mse")
    return model


def seconds_per_step(models, steps):
    """One list of times for each model, from turns of one epoch each."""
    rng = np.random.default_rng(7)
    x = rng.normal(size=(BATCHES * BATCH_SIZE, steps, FEATURES)).astype("float32")
    fit = {"x": x, "y": np.zeros((len(x), 1), "float32"), "batch_size": BATCH_SIZE}
    calls = {
        name: partial(model.fit, **fit, shuffle=False, verbose=0)
        for name, model in models.items()
    }
    times = take_turns(calls, REPEATS)
    return {name: [t / BATCHES for t in epochs] for name, epochs in times.items()}


def main():
    print(f"{keras.backend.backend()}: median of the ratios (ratio of the minima)")
    for steps in (50, 200):
        models = {}
        for name in NAMES:
            for origin, package in (("ours", rnn), ("keras", keras.layers)):
                layer = getattr(package, name)(UNITS)
                models[f"{origin} {name}"] = make_model(layer, steps)
        times = seconds_per_step(models, steps)
        print(f"{steps} steps")
        for name in NAMES:
            milliseconds = 1000 * min(times[f"ours {name}"])
            against_keras = ratio(times, f"ours {name}", f"keras {name}")
            ours = ratio(times, f"ours {name}", "ours LSTM")
            builtin = ratio(times, f"keras {name}", "keras LSTM")
            print(
                f"  {name:10} {milliseconds:6.1f} ms   / keras {against_keras}"
                f"   / LSTM: ours {ours}, keras {builtin}",
                flush=True,
            )


if __name__ == "__main__":
    main()
