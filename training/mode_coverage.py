"""Modes that a GAN covers, by remedy against mode collapse, by momentum and by seed.

Run from the repository's root: `KERAS_BACKEND=jax python training/mode_coverage.py`. It
trains 380 GANs on the ring of Gaussians in about seven minutes on one core and writes
`src/whiteboard/generative/weights/mode_coverage.csv`.
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
    GradientPenaltyGAN,
    MinibatchDiscrimination,
    PacGAN,
    SpectralNormalization,
    UnrolledGAN,
    WassersteinGAN,
    measure_mode_coverage,
)
from whiteboard.generative.trained_weights import WEIGHTS

SEEDS, ROUNDS, BATCH = range(20), 750, 64


def generator(latent_size=8):
    hidden = [layers.Dense(64, "relu"), layers.Dense(64, "relu")]
    return keras.Sequential([keras.Input((latent_size,)), *hidden, layers.Dense(2)])


def discriminator(*before_last, inputs=2, wrap=lambda layer: layer):
    hidden = [wrap(layers.Dense(64, "relu")), wrap(layers.Dense(64, "relu"))]
    last = wrap(layers.Dense(1))
    return keras.Sequential([keras.Input((inputs,)), *hidden, *before_last, last])


REMEDIES = {
    "none": lambda: GAN(generator(), discriminator()),
    "64 latents": lambda: GAN(generator(64), discriminator()),
    "unrolled .02": lambda: UnrolledGAN(
        generator(), discriminator(), unrolled_learning_rate=0.02
    ),
    "unrolled .1": lambda: UnrolledGAN(
        generator(), discriminator(), unrolled_learning_rate=0.1
    ),
    "minibatch": lambda: GAN(
        generator(), discriminator(MinibatchDiscrimination(num_kernels=8))
    ),
    "packs of 4": lambda: PacGAN(generator(), discriminator(inputs=8), 4),
    "spectral": lambda: GAN(generator(), discriminator(wrap=SpectralNormalization)),
    "clip": lambda: WassersteinGAN(
        generator(), discriminator(), clip=0.1, discriminator_steps=3
    ),
    "penalty": lambda: GradientPenaltyGAN(
        generator(), discriminator(), 1.0, discriminator_steps=3
    ),
}
SETTINGS = [("none", 0.0), *itertools.product(REMEDIES, (0.5, 0.9))]  # with beta_1


def compiled(remedy, beta_1):
    gan = REMEDIES[remedy]()
    gan.compile(
        {player: keras.optimizers.Adam(1e-3, beta_1=beta_1) for player in gan.players}
    )
    return gan


rows = []
for remedy, beta_1 in SETTINGS:
    start = fresh_starts(lambda remedy=remedy, beta_1=beta_1: compiled(remedy, beta_1))
    for seed in SEEDS:
        gan = start(seed)
        batch_size = BATCH * gan.discriminator_steps
        points, centres = ring_of_gaussians(ROUNDS * batch_size, seed=seed)
        gan.fit(points, batch_size=batch_size, verbose=0)
        found = measure_mode_coverage(gan.sample(2000, seed), centres, deviation=0.05)
        numbers = found.covered, round(found.good, 4), round(found.balance, 4)
        rows.append((remedy, beta_1, seed, *numbers))
    print(remedy, beta_1, sorted(row[3] for row in rows[-20:]), file=sys.stderr)
with (WEIGHTS / "mode_coverage.csv").open("w", newline="") as file:
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(["remedy", "beta_1", "seed", "covered", "good", "balance"])
    writer.writerows(rows)
print(f"{len(rows)} runs in {file.name}")
