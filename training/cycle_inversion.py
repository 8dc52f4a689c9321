"""Teach CycleGANs to swap black and white without pairs; ship how each run ended.

Run from the repository's root: `python training/cycle_inversion.py` (three minutes).
It writes `src/whiteboard/generative/weights/cycle_inversion.csv`: a row for each weight
of the cycle and each seed.
"""

import csv

import keras
import numpy as np
from _fresh_starts import fresh_starts
from keras import layers

from whiteboard.datasets import load_digit_images
from whiteboard.generative import CycleGAN, patch_discriminator
from whiteboard.generative.trained_weights import WEIGHTS

EPOCHS, BATCH, SEEDS = 10, 32, 20


def generator():
    return keras.Sequential(
        [
            keras.Input((8, 8, 1)),
            layers.Conv2D(16, 3, padding="same", activation="leaky_relu"),
            layers.Conv2D(1, 3, padding="same", activation="tanh"),
        ]
    )


def build(cycle_weight):
    judges = [patch_discriminator((8, 8, 1), (16,), conditional=False) for _ in "xy"]
    game = CycleGAN([generator(), generator()], judges, cycle_weight)
    game.compile({p: keras.optimizers.Adam(2e-3, beta_1=0.5) for p in game.players})
    return game


def main():
    (images, _), (test, _) = load_digit_images()
    images, test = 2 * images - 1, 2 * test - 1
    half = len(images) // 2 // BATCH * BATCH
    x, y = images[:half], -images[half : 2 * half]  # no digit is in both
    rows = []
    for weight in (0.0, 1.0, 10.0):
        start = fresh_starts(lambda weight=weight: build(weight))
        for seed in range(SEEDS):
            game = start(seed)
            game.fit(x, y, batch_size=BATCH, epochs=EPOCHS, verbose=0)
            fake = game.generators[0].predict(test, verbose=0)
            correlation = np.corrcoef(fake.ravel(), -test.ravel())[0, 1]
            cycle, _ = game.cycle_distances(test, -test)
            rows.append([weight, seed, f"{correlation:.4f}", f"{cycle:.4f}"])
            print(*rows[-1], flush=True)
    path = WEIGHTS / "cycle_inversion.csv"
    with path.open("w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["cycle_weight", "seed", "correlation", "cycle_distance"])
        writer.writerows(rows)
    print(path)


if __name__ == "__main__":
    main()
