"""Modes that a GAN covers, by both learning rates, by stabilizer and by seed.

Run from the repository's root: `KERAS_BACKEND=jax python training/learning_rates.py`, as
the shipped table was made. It trains 270 GANs on the ring of Gaussians in about four
minutes on one core and writes `src/whiteboard/generative/weights/learning_rates.csv`.
"""

import csv
import itertools
import sys

import keras
from _fresh_starts import fresh_starts
from keras import layers

from whiteboard.datasets import ring_of_gaussians
from whiteboard.generative import (
    GAN,
    R1GAN,
    SpectralNormalization,
    measure_mode_coverage,
)
from whiteboard.generative.trained_weights import WEIGHTS

RATES, SEEDS, STEPS, BATCH = (2e-4, 1e-3, 5e-3), range(10), 600, 256
STABILIZERS = ("none", "spectral", "r1")


def build_gan(stabilizer):
    def mlp(inputs, outputs, wrap=lambda layer: layer):
        dense = [layers.Dense(64, "relu"), layers.Dense(64, "relu")]
        last = layers.Dense(outputs)
        stack = [wrap(layer) for layer in (*dense, last)]
        return keras.Sequential([keras.Input((inputs,)), *stack])

    spectral = {"wrap": SpectralNormalization} if stabilizer == "spectral" else {}
    networks = mlp(8, 2), mlp(2, 1, **spectral)
    gan = R1GAN(*networks, 0.1) if stabilizer == "r1" else GAN(*networks)
    gan.compile({player: keras.optimizers.Adam(1e-3, 0.5) for player in gan.players})
    return gan


def train(gan, rates, seed):
    for player, rate in rates.items():
        gan.optimizer.players[player].learning_rate = rate
    points, centres = ring_of_gaussians(STEPS * BATCH, seed=seed)
    gan.fit(points, batch_size=BATCH, verbose=0)
    return measure_mode_coverage(gan.sample(2000, seed=seed), centres, deviation=0.05)


rows = []
for stabilizer in STABILIZERS:
    start = fresh_starts(lambda stabilizer=stabilizer: build_gan(stabilizer))
    for generator, discriminator, seed in itertools.product(RATES, RATES, SEEDS):
        rates = {"generator": generator, "discriminator": discriminator}
        found = train(start(seed), rates, seed)
        rows.append((stabilizer, generator, discriminator, seed, found.covered))
        rows[-1] = (*rows[-1], round(found.good, 4))
        print(*rows[-1], file=sys.stderr)
with (WEIGHTS / "learning_rates.csv").open("w", newline="") as file:
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(
        ["stabilizer", "generator", "discriminator", "seed", "covered", "good"]
    )
    writer.writerows(rows)
print(f"{len(rows)} runs in {file.name}")
