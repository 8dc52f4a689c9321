"""Train the diffusion models of `docs/generative/diffusion.md`: a ring and digits.

Writes `ring_diffusion.npz`, `digit_diffusion.npz` and, for ten seeds of the ring,
`ring_diffusion.csv` with the modes covered by each way of sampling. From the
repository's root, in about two minutes on one core:

    KERAS_BACKEND=jax python training/diffusion.py
"""

import csv

import keras
from keras import ops

from whiteboard.datasets import load_digit_images, ring_of_gaussians
from whiteboard.generative import (
    DiffusionModel,
    cosine_schedule,
    measure_mode_coverage,
    noise_mlp,
    save_trained_weights,
)
from whiteboard.generative.trained_weights import WEIGHTS

STEPS = 100
SAMPLERS = {"DDPM": 1.0, "DDIM": 0.0}


def train(data, seed, epochs, batch_size):
    keras.utils.set_random_seed(seed)
    network = noise_mlp(data.shape[1], STEPS)
    model = DiffusionModel(network, cosine_schedule(STEPS))
    updates = epochs * -(-len(data) // batch_size)
    rate = keras.optimizers.schedules.CosineDecay(3e-3, updates)
    model.compile(keras.optimizers.Adam(rate, use_ema=True, ema_momentum=0.995))
    history = model.fit(data, batch_size=batch_size, epochs=epochs, verbose=0)
    print(f"{seed=} {updates} updates, loss {history.history['loss'][-1]:.4f}")
    return model


def main():
    rows = []
    for seed in range(10):
        points, centres = ring_of_gaussians(8192, seed=seed)
        model = train(points, seed, epochs=250, batch_size=512)
        if seed == 0:
            print(save_trained_weights(model.network, "ring_diffusion"))
        for sampler, eta in SAMPLERS.items():
            for steps in (1, 2, 5, 10, 20, 50, 100):
                samples = model.sample(2000, steps=steps, eta=eta, seed=seed)
                samples = ops.convert_to_numpy(samples)
                found = measure_mode_coverage(samples, centres, deviation=0.05)
                row = (seed, sampler, steps, found.covered, round(found.good, 4))
                rows.append(row)
                print(*row)
    with (WEIGHTS / "ring_diffusion.csv").open("w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["seed", "sampler", "steps", "covered", "good"])
        writer.writerows(rows)
    (images, _), _ = load_digit_images()
    pixels = 2 * images.reshape(len(images), -1) - 1
    model = train(pixels, seed=0, epochs=1200, batch_size=128)
    print(save_trained_weights(model.network, "digit_diffusion"))


if __name__ == "__main__":
    main()
