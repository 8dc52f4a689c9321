"""Critics on the ring of Gaussians: what they report, and how far the samples are.

Run from the repository's root: `KERAS_BACKEND=jax python training/wasserstein_ring.py`.
It trains 24 GANs in about a minute on one core and writes three files to
`src/whiteboard/generative/weights/`: `wasserstein_ring.csv` with a row for each
checkpoint, and the last seed's critics with a clip of 0.1 and a penalty of weight 1.
"""

import csv
import sys

import keras
import numpy as np
from _fresh_starts import fresh_starts
from keras import layers
from scipy.optimize import linear_sum_assignment
from scipy.spatial.distance import cdist

from whiteboard.datasets import ring_of_gaussians
from whiteboard.generative import (
    GradientPenaltyGAN,
    WassersteinGAN,
    measure_mode_coverage,
    save_trained_weights,
)
from whiteboard.generative.trained_weights import WEIGHTS

SEEDS, CHECKPOINTS, ROUNDS, BATCH, JUDGED = range(6), 12, 50, 128, 400
METHODS = {
    "clip 0.1": lambda *networks: WassersteinGAN(*networks, clip=0.1),
    "clip 0.3": lambda *networks: WassersteinGAN(*networks, clip=0.3),
    "penalty 1": lambda *networks: GradientPenaltyGAN(*networks, penalty_weight=1.0),
    "penalty 10": lambda *networks: GradientPenaltyGAN(*networks, penalty_weight=10.0),
}
SHIPPED = {"clip 0.1": "wasserstein_ring_clip", "penalty 1": "wasserstein_ring_penalty"}
COLUMNS = ["method", "seed", "round", "critic", "wasserstein", "covered", "good"]


def perceptron(inputs, outputs):
    hidden = [layers.Dense(64, "relu"), layers.Dense(64, "relu")]
    return keras.Sequential([keras.Input((inputs,)), *hidden, layers.Dense(outputs)])


def build_gan(method):
    gan = METHODS[method](perceptron(8, 2), perceptron(2, 1))
    if method.startswith("clip"):
        optimizers = {player: keras.optimizers.RMSprop(1e-3) for player in gan.players}
    else:
        optimizers = {
            player: keras.optimizers.Adam(1e-3, beta_1=0.5, beta_2=0.9)
            for player in gan.players
        }
    gan.compile(optimizers)
    return gan


def judge(gan, real, centres, seed):
    """What the critic reports, and the exact distance of as many fakes from real data."""
    fake = gan.sample(len(real), seed)
    scores = (gan.discriminator.predict(x, verbose=0).mean() for x in (real, fake))
    cost = cdist(real, fake)
    exact = cost[linear_sum_assignment(cost)].mean()
    covered, good, _, _ = measure_mode_coverage(fake, centres, deviation=0.05)
    return round(float(np.subtract(*scores)), 4), round(exact, 4), covered, good


keras.utils.set_random_seed(0)
rows = []
for method in METHODS:
    start = fresh_starts(lambda method=method: build_gan(method))
    for seed in SEEDS:
        gan = start(seed)
        batch_size = BATCH * gan.discriminator_steps
        count = CHECKPOINTS * ROUNDS * batch_size
        points, centres = ring_of_gaussians(count + JUDGED, seed=seed)
        held_out = points[:JUDGED]
        for checkpoint, part in enumerate(np.split(points[JUDGED:], CHECKPOINTS), 1):
            gan.fit(part, batch_size=batch_size, verbose=0)
            found = judge(gan, held_out, centres, seed=checkpoint)
            rows.append((method, seed, checkpoint * ROUNDS, *found))
        print(*rows[-1], file=sys.stderr)
    if method in SHIPPED:
        save_trained_weights(gan.discriminator, SHIPPED[method])
with (WEIGHTS / "wasserstein_ring.csv").open("w", newline="") as file:
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(rows)
print(f"{len(rows)} checkpoints in {file.name}")
