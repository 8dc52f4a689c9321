"""Train the conditional GAN that draws the digit it is asked for; ship its generator.

Run from the repository's root: `python training/conditional_digits.py` (a minute). It
writes `src/whiteboard/generative/weights/conditional_digits.npz`, which the page on
conditional GANs judges.
"""

import keras
import numpy as np

from whiteboard.datasets import load_digit_images
from whiteboard.generative import (
    build_conditional_digit_gan,
    load_digit_classifier,
    save_trained_weights,
)

EPOCHS, BATCH, SEED = 250, 64, 1


def main():
    keras.utils.set_random_seed(SEED)
    (images, digits), _ = load_digit_images()
    whole_batches = len(images) // BATCH * BATCH
    x, labels = 2 * images[:whole_batches] - 1, np.eye(10, dtype="float32")
    gan = build_conditional_digit_gan(seed=SEED)
    gan.compile({p: keras.optimizers.Adam(5e-4, beta_1=0.5) for p in gan.players})
    gan.fit(
        x, labels[digits[:whole_batches]], batch_size=BATCH, epochs=EPOCHS, verbose=0
    )

    asked = np.repeat(np.arange(10), 100)
    samples = (gan.sample(labels[asked], seed=SEED) + 1) / 2
    outputs = load_digit_classifier().predict(samples, verbose=0)
    print(f"as asked: {(outputs['predictions'].argmax(axis=1) == asked).mean():.3f}")
    print(save_trained_weights(gan.generator, "conditional_digits"))


if __name__ == "__main__":
    main()
