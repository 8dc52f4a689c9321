"""What a cache, blocks and a window save; our layer against Keras' own.

    KERAS_BACKEND=jax python benchmarks/attention.py            # all that is timed
    KERAS_BACKEND=jax python benchmarks/attention.py decoding
    KERAS_BACKEND=jax python benchmarks/attention.py blocks
    KERAS_BACKEND=jax python benchmarks/attention.py training
    KERAS_BACKEND=numpy python benchmarks/attention.py memory

Those compared take turns, so that a change in the load of the machine meets all of
them; trust the ratios, not the milliseconds. Memory is what `tracemalloc` sees of the
same functions on Keras' NumPy backend: the same in every run.
"""

import os
import platform
import sys
import tracemalloc
from functools import partial

import keras
import numpy as np
from _turns import ratio, take_turns

from whiteboard.transformer import (
    CausalLanguageModel,
    MultiHeadAttention,
    blockwise_attention,
    blockwise_attention_gradients,
    causal_mask,
    scaled_dot_product_attention,
    sliding_window_attention,
)

REPEATS, BLOCK, WINDOW, DEPTH = 9, 128, 128, 64
VOCABULARY, WIDTH, LAYERS, HEADS = 256, 128, 4, 4
RNG = np.random.default_rng(7)


def compiled(function):
    """The function through XLA; on PyTorch as it is."""
    if keras.backend.backend() == "tensorflow":
        import tensorflow

        return tensorflow.function(function, jit_compile=True)
    if keras.backend.backend() == "jax":
        import jax

        return jax.jit(function)
    return function


def seconds(calls):
    """One list of times for each call; a result that is read back is there."""

    def finished(call):
        keras.ops.convert_to_numpy(call()[0])

    return take_turns(
        {name: partial(finished, call) for name, call in calls.items()}, REPEATS
    )


def report(length, times):
    milliseconds = [f"{name} {1000 * min(times[name]):.2f} ms" for name in times]
    first, *others = times
    ratios = [f"/ {other} {ratio(times, first, other)}" for other in others]
    print(f"{length:6}  {'  '.join([*milliseconds, *ratios])}", flush=True)


def decoding():
    """The n-th token: a pass over all n tokens, against one step with a full cache."""
    print(f"{LAYERS} layers, width {WIDTH}, {HEADS} heads, rotary, batch 1")
    for length in (64, 128, 256, 512, 1024, 2048):
        model = CausalLanguageModel(
            VOCABULARY, WIDTH, LAYERS, HEADS, length, position="rotary"
        )
        ids = keras.ops.convert_to_tensor(RNG.integers(0, VOCABULARY, (1, length)))
        cache = model.empty_cache(1, length)
        last = keras.ops.convert_to_tensor(length - 1, "int32")
        model(ids[:, :1])
        calls = {
            "full": partial(compiled(partial(last_logits, model)), ids),
            "cached": partial(compiled(model.step), ids[:, -1:], cache, last),
        }
        report(length, seconds(calls))


def last_logits(model, ids):
    return model(ids)[:, -1]


def attentions(length):
    query, key, value = (
        keras.ops.convert_to_tensor(RNG.normal(size=(length, DEPTH)).astype("float32"))
        for _ in range(3)
    )

    def plain(query, key, value):
        mask = causal_mask(length, length)
        return scaled_dot_product_attention(query, key, value, mask)[0]

    def blocks(query, key, value):
        return blockwise_attention(query, key, value, BLOCK, lambda t, s: s <= t)[0]

    def gradients(query, key, value):
        return blockwise_attention_gradients(
            query, key, value, value, BLOCK, lambda t, s: s <= t
        )[0]

    def window(query, key, value):
        return sliding_window_attention(query, key, value, WINDOW)

    functions = {
        "plain": plain,
        "blocks": blocks,
        "gradients": gradients,
        "window": window,
    }
    return functions, (query, key, value)


def blocks():
    print(f"one causal head of {DEPTH}, blocks and window of {BLOCK}, forward pass")
    for length in (512, 1024, 2048, 4096):
        functions, arrays = attentions(length)
        calls = {
            name: partial(compiled(functions[name]), *arrays)
            for name in ("plain", "blocks", "window")
        }
        report(length, seconds(calls))


def memory():
    print(f"peak MiB: one causal head of {DEPTH}, blocks and window of {BLOCK}")
    for length in (512, 1024, 2048, 4096):
        functions, arrays = attentions(length)
        peaks = []
        for name, function in functions.items():
            tracemalloc.start()
            function(*arrays)
            peaks.append(f"{name} {tracemalloc.get_traced_memory()[1] / 2**20:.1f}")
            tracemalloc.stop()
        print(f"{length:6}  {'  '.join(peaks)}", flush=True)


def training():
    """A step of `model.fit`, ours against Keras' own."""
    batch_size, width, batches = 8, 256, 4
    print(f"batch {batch_size}, width {width}, 8 heads, causal")
    for length in (64, 256):
        data = RNG.normal(size=(batches * batch_size, length, width)).astype("float32")
        calls = {}
        for name, layer in (
            ("ours", MultiHeadAttention(8, width // 8)),
            ("keras", keras.layers.MultiHeadAttention(8, width // 8)),
        ):
            tokens = keras.Input((length, width))
            model = keras.Model(tokens, layer(tokens, tokens, use_causal_mask=True))
            model.compile("sgd", "mse")
            calls[name] = partial(epoch, model, data, batch_size)
        times = seconds(calls)
        report(length, {n: [t / batches for t in ts] for n, ts in times.items()})


def epoch(model, data, batch_size):
    history = model.fit(data, data, batch_size=batch_size, shuffle=False, verbose=0)
    return history.history["loss"]


TIMED = {"decoding": decoding, "blocks": blocks, "training": training}
SECTIONS = {**TIMED, "memory": memory}


def main():
    names = sys.argv[1:] or TIMED
    if not set(names) <= set(SECTIONS):
        sys.exit(f"usage: attention.py [{'] ['.join(SECTIONS)}]")
    print(
        f"Keras {keras.__version__}, {keras.backend.backend()}, {platform.machine()}, "
        f"{os.cpu_count()} cores; minimum, median of the ratios (ratio of the minima)"
    )
    for name in names:
        SECTIONS[name]()


if __name__ == "__main__":
    main()
