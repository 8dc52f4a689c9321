"""Time a training step of one recurrent layer against one attention layer, by length.

    KERAS_BACKEND=jax python benchmarks/attention_vs_rnn.py

Keras' own layers, of one width, on the same sequences; a step is a batch of `model.fit`.
They take turns, so that a change in the load of the machine meets all of them; trust
the ratios, not the milliseconds.
"""

import os
import platform
from functools import partial

import keras
import numpy as np
from _turns import ratio, take_turns

BATCH_SIZE, WIDTH, NUM_HEADS, REPEATS = 4, 128, 4, 5
TOKENS = 4096  # of an epoch, in each row of its batches, at every length
LENGTHS = (32, 128, 512, 2048)
LAYERS = {
    "LSTM": lambda x: keras.layers.LSTM(WIDTH, return_sequences=True)(x),
    "GRU": lambda x: keras.layers.GRU(WIDTH, return_sequences=True)(x),
    "attention": lambda x: keras.layers.MultiHeadAttention(
        NUM_HEADS, WIDTH // NUM_HEADS
    )(x, x, use_causal_mask=True),
}


def make_model(layer, length):
    inputs = keras.Input((length, WIDTH))
    model = keras.Model(inputs, layer(inputs))
    model.compile("sgd", "mse")
    return model


def seconds_per_step(models, length):
    """One list of times for each model, from turns of one epoch each."""
    batches = TOKENS // length
    shape = (batches * BATCH_SIZE, length, WIDTH)
    x = np.random.default_rng(7).normal(size=shape).astype("float32")
    fit = {"x": x, "y": x, "batch_size": BATCH_SIZE, "shuffle": False, "verbose": 0}
    calls = {name: partial(model.fit, **fit) for name, model in models.items()}
    times = take_turns(calls, REPEATS)
    return {name: [t / batches for t in epochs] for name, epochs in times.items()}


def main():
    print(
        f"Keras {keras.__version__}, {keras.backend.backend()}, {platform.machine()}, "
        f"{os.cpu_count()} cores; batch {BATCH_SIZE}, width {WIDTH}, {NUM_HEADS} heads"
    )
    print("median of the ratios (ratio of the minima)")
    print(f"{'length':>6} {'attention':>13} {'LSTM / attention':>18}", end="")
    print(f" {'GRU / attention':>17}")
    for length in LENGTHS:
        models = {name: make_model(layer, length) for name, layer in LAYERS.items()}
        times = seconds_per_step(models, length)
        milliseconds = 1000 * min(times["attention"])
        print(f"{length:6} {milliseconds:10.1f} ms", end="")
        lstm, gru = (ratio(times, name, "attention") for name in ("LSTM", "GRU"))
        print(f" {lstm:>18} {gru:>17}", flush=True)


if __name__ == "__main__":
    main()
