"""What a training step of each architecture costs, by the size of its input.

    KERAS_BACKEND=jax python benchmarks/architecture_costs.py [family ...]

Each family has about 33,000 parameters at every size: pixels, steps, tokens, columns. Each
size runs in a process of its own, forked from one that has imported Keras and done no
more. The sizes of a family take turns, so that a change in the load of the machine meets
all of them. Time is that of the processor, all threads added: on a busy machine it says
more than the clock. Memory is the peak of one warm step over what the process held before
it: activations, gradients and scratch space, not weights, optimizer or compiler. It is
read from /proc, so only on Linux.
"""

import ctypes
import gc
import multiprocessing
import os
import platform
import statistics
import sys
import time

import keras
import numpy as np
from keras.layers import (
    LSTM,
    Conv2D,
    Conv2DTranspose,
    Dense,
    GlobalAveragePooling2D,
    MultiHeadAttention,
    Reshape,
    UpSampling2D,
)

TURNS, WARM_UP = 5, 2
SIDES = (8, 16, 24, 32, 48)
SIZES = tuple(side**2 for side in SIDES)
LARGEST = 3  # sizes that the exponents are fitted to; at smaller ones fixed costs weigh


def supervised(*stack):
    """A model, the parts to count and the shapes of what a step takes."""
    model = keras.Sequential(stack)
    model.compile("adam", "mse")
    return model, [model], {"x": model.input_shape, "y": model.output_shape}


def image(size):
    side = round(size**0.5)
    return keras.Input((side, side, 3))


def cnn(size):
    convolutions = [Conv2D(f, 3, padding="same") for f in (32, 32, 64)]
    return supervised(image(size), *convolutions, GlobalAveragePooling2D(), Dense(64))


def lstm(size):
    return supervised(keras.Input((size, 64)), LSTM(64))


def transformer_layer(size):
    x = keras.Input((size, 64))
    h = x + MultiHeadAttention(4, key_dim=16)(x, x)
    y = h + Dense(64)(Dense(128, "relu")(h))
    return supervised(x, keras.Model(x, y))


def autoencoder(size):
    options = {"strides": 2, "padding": "same", "activation": "relu"}
    encoder = [Conv2D(34, 3, **options) for _ in range(2)]
    decoder = [Conv2DTranspose(34, 3, **options) for _ in range(2)]
    return supervised(image(size), *encoder, *decoder, Conv2D(3, 3, padding="same"))


def gan(size):
    from whiteboard.generative import GAN

    side = round(size**0.5)
    grow = [Dense(256), Reshape((4, 4, 16)), UpSampling2D(side // 4)]
    paint = [Conv2D(filters, 3, padding="same") for filters in (32, 3)]
    shrink = [Conv2D(filters, 3, strides=2, padding="same") for filters in (32, 64)]
    generator = keras.Sequential([keras.Input((32,)), *grow, *paint])
    judge = [image(size), *shrink, GlobalAveragePooling2D(), Dense(1)]
    discriminator = keras.Sequential(judge)
    model = GAN(generator, discriminator, seed=7)
    model.compile({player: keras.optimizers.Adam() for player in model.players})
    return model, [generator, discriminator], {"x": discriminator.input_shape}


def network_step(make, batch_size):
    """A function of the size: a training step, the parameters, the multiply-adds."""

    def prepare(size):
        from whiteboard.cnn import count_flops

        keras.utils.set_random_seed(7)
        model, parts, shapes = make(size)
        rng = np.random.default_rng(7)
        batch = {
            name: rng.normal(size=(batch_size, *shape[1:])).astype("float32")
            for name, shape in shapes.items()
        }
        counts = [count_flops(part) for part in parts]
        parameters = sum(count.parameters for count in counts)
        work = sum(count.multiply_adds for count in counts)
        return lambda: model.train_on_batch(**batch), parameters, work

    return prepare


def boosting_step(columns, rows=512, leaves=15, trees=767):
    """A round: one tree of 43 numbers, of which 767 make the budget. Work: sums, scans."""
    from whiteboard.ensembles import HistogramTree, QuantileBinner

    rng = np.random.default_rng(7)
    codes = QuantileBinner(max_bins=63).fit_transform(rng.normal(size=(rows, columns)))
    gradients = rng.normal(size=rows)

    def step():
        tree = HistogramTree(num_leaves=leaves, min_samples_leaf=5)
        return tree.fit(codes, gradients)

    tree = step()
    numbers = 2 * len(tree.splits_) + len(tree.leaves_)
    return (
        step,
        trees * numbers,
        tree.rows_scanned_ * columns + tree.split_evaluations_,
    )


FAMILIES = {
    "Gradient boosting, columns": boosting_step,
    "CNN, pixels": network_step(cnn, 32),
    "LSTM, steps": network_step(lstm, 16),
    "Transformer layer, tokens": network_step(transformer_layer, 4),
    "GAN, pixels": network_step(gan, 32),
    "Autoencoder, pixels": network_step(autoencoder, 32),
}


def status(field):
    """Kilobytes of a field of /proc/self/status."""
    with open("/proc/self/status") as lines:
        return next(int(line.split()[1]) for line in lines if line.startswith(field))


def peak_of(step):
    """Kilobytes by which a step raises the resident memory at its highest."""
    if platform.system() != "Linux":
        return float("nan")
    gc.collect()
    ctypes.CDLL(None).malloc_trim(0)  # what earlier steps freed goes back
    with open("/proc/self/clear_refs", "w") as file:
        file.write("5")  # the peak starts anew
    before = status("VmRSS:")
    step()
    return status("VmHWM:") - before


def seconds_of(step):
    """The least processor time of a step: of 20, or of those begun within 0.3 s."""
    times, started = [], time.perf_counter()
    while len(times) < 20 and time.perf_counter() - started < 0.3:
        before = time.process_time()
        step()
        times.append(time.process_time() - before)
    return min(times)


def serve(name, size, pipe):
    """In a process of its own: what it counts, then seconds and memory on request."""
    step, parameters, work = FAMILIES[name](size)
    for _ in range(WARM_UP):
        step()
    pipe.send((parameters, work))
    while pipe.recv() == "step":
        peaks = [peak_of(step) for _ in range(3)]  # blocks held for reuse hide in some
        pipe.send((seconds_of(step), max(peaks)))


def measure(name, context):
    """Counts `(sizes, 2)`, then seconds and kilobytes `(turns, sizes, 2)`."""
    pipes, processes = [], []
    for size in SIZES:
        here, there = context.Pipe()
        process = context.Process(target=serve, args=(name, size, there), daemon=True)
        process.start()
        pipes.append(here), processes.append(process)
    counts = [pipe.recv() for pipe in pipes]
    turns = []
    for _ in range(TURNS):
        turns.append([])
        for pipe in pipes:
            pipe.send("step")
            turns[-1].append(pipe.recv())
    for pipe, process in zip(pipes, processes, strict=True):
        pipe.send("stop")
        process.join()
    return np.array(counts, float), np.array(turns, float)


def growth(values):
    """Of `(turns, sizes)`: medians over the smallest size's, and text of the exponent."""
    values = np.maximum(np.atleast_2d(values), 1e-9)  # no logarithm of zero
    medians, sizes = np.median(values, axis=0), np.log(SIZES[-LARGEST:])
    slopes = [np.polyfit(sizes, np.log(turn[-LARGEST:]), 1)[0] for turn in values]
    spread = f" ({min(slopes):.1f} to {max(slopes):.1f})" if len(slopes) > 1 else ""
    return medians / medians[0], f"{statistics.median(slopes):.2f}{spread}"


def print_table(title, columns, rows):
    print(f"\n| {' | '.join([title, *columns])} |\n|{'---|' * (len(columns) + 1)}")
    for name, cells in rows.items():
        print(f"| {' | '.join([name, *cells])} |")


def main():
    names = [n for n in FAMILIES if not sys.argv[1:] or n.split(",")[0] in sys.argv[1:]]
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["keras"])
    print(
        f"Keras {keras.__version__}, {keras.backend.backend()}, {platform.machine()}, "
        f"{os.cpu_count()} cores, {time.strftime('%Y-%m-%d')}; medians "
        f"of {TURNS} turns as multiples of the smallest size; exponents fitted to the "
        f"{LARGEST} largest sizes, median and range of the turns"
    )
    started, growths = time.perf_counter(), {}
    for name in names:
        counts, turns = measure(name, context)
        values = {
            "work": counts[:, 1],
            "time": turns[:, :, 0],
            "memory": turns[:, :, 1],
        }
        growths[name] = {
            key: growth(each) for key, each in values.items() if np.isfinite(each).all()
        }
        milliseconds, mebibytes = np.median(turns[:, 0], axis=0) / (0.001, 1024)
        print(
            f"{name}: {counts[0, 0]:,.0f} to {counts[-1, 0]:,.0f} parameters; a step at "
            f"{SIZES[0]}: {milliseconds:.1f} ms, {mebibytes:.2f} MiB",
            flush=True,
        )
    quantities = list(growths[names[0]])
    for key in quantities:
        rows = {
            name: [*(f"{times:,.1f}" for times in grown[key][0]), grown[key][1]]
            for name, grown in growths.items()
        }
        print_table(key, [*(f"{size:,}" for size in SIZES), "exponent"], rows)
    heads = [f"{key}, {SIZES[0]} to {SIZES[-1]:,}; exponent" for key in quantities]
    rows = {
        name: [f"{times[-1]:,.0f} times; {slope}" for times, slope in grown.values()]
        for name, grown in growths.items()
    }
    print_table("architecture, size", heads, rows)
    print(f"\n{time.perf_counter() - started:.0f} s in all")


if __name__ == "__main__":
    main()
