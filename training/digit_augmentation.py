"""Does a GAN's data help a classifier that has ten labels of each digit?

Run from the repository's root: `python training/digit_augmentation.py` (four minutes).
For each seed and each way to get more training data it writes the test accuracy of a
classifier, and how often an added image is nearer to the labelled ones than a test image
is, to `src/whiteboard/generative/weights/digit_augmentation.csv`.
"""

import csv

import keras
import numpy as np
from _fresh_starts import fresh_starts
from keras import layers
from sklearn.neural_network import MLPClassifier

from whiteboard.datasets import load_digit_images, translate_randomly
from whiteboard.generative import ConditionalGAN, data_copying_score
from whiteboard.generative.trained_weights import WEIGHTS

SEEDS, LABELS_PER_CLASS, EXTRA = range(20), 10, 1000
STEPS_FEW, STEPS_ALL, BATCH = 2000, 4000, 100


def build_gan():
    z, image, label = (keras.Input((size,)) for size in (16, 64, 10))
    g = layers.Concatenate()([z, label])
    d = layers.Concatenate()([image, label])
    for _ in range(2):
        g = layers.Dense(128, use_bias=False)(g)
        g = layers.ReLU()(layers.BatchNormalization(momentum=0.9)(g))
        d = layers.LeakyReLU(negative_slope=0.2)(layers.Dense(128)(d))
    generator = keras.Model([z, label], layers.Dense(64, activation="sigmoid")(g))
    gan = ConditionalGAN(generator, keras.Model([image, label], layers.Dense(1)(d)))
    gan.compile({p: keras.optimizers.Adam(1e-3, 0.5, 0.9) for p in gan.players})
    return gan


def generate(gan, x, y, steps, rng):
    """Train on labelled images, then sample as many of each digit."""
    epochs = -(-steps * BATCH // len(x))
    rows = np.concatenate([rng.permutation(len(x)) for _ in range(epochs)])
    rows = rows[: steps * BATCH]
    one_hot = np.eye(10, dtype="float32")
    gan.fit(x[rows], one_hot[y[rows]], batch_size=BATCH, verbose=0)
    labels = np.arange(EXTRA) % 10
    return gan.sample(one_hot[labels], seed=int(rng.integers(2**31))), labels


(images, labels), (test_images, y_test) = load_digit_images()
pixels, x_test = images.reshape(-1, 64), test_images.reshape(-1, 64)
start_gan = fresh_starts(build_gan)
rows = []
for seed in SEEDS:
    rng = np.random.default_rng(seed)
    each = (np.flatnonzero(labels == digit) for digit in range(10))
    few = np.concatenate([rng.choice(i, LABELS_PER_CLASS, replace=False) for i in each])
    x, y = pixels[few], labels[few]
    copies = np.tile(few, EXTRA // len(few))
    moved = translate_randomly(images[copies], 1, rng).reshape(-1, 64)
    others = rng.choice(len(pixels), EXTRA, replace=False)
    more = {
        "nothing": (x[:0], y[:0]),
        "GAN that saw the 100": generate(start_gan(seed), x, y, STEPS_FEW, rng),
        "GAN that saw all 1347": generate(
            start_gan(seed), pixels, labels, STEPS_ALL, rng
        ),
        "moves by up to a pixel": (moved, labels[copies]),
        "1000 real images": (pixels[others], labels[others]),
    }
    for added, (x_more, y_more) in more.items():
        classifier = MLPClassifier(128, max_iter=300, random_state=seed)
        classifier.fit(np.concatenate([x, x_more]), np.concatenate([y, y_more]))
        accuracy = classifier.score(x_test, y_test)
        copying = data_copying_score(x, x_test, x_more) if len(x_more) else 0
        rows.append((seed, added, round(accuracy, 4), round(copying, 4)))
        print(*rows[-1], flush=True)

path = WEIGHTS / "digit_augmentation.csv"
with path.open("w", newline="") as file:
    writer = csv.writer(file, lineterminator="\n")
    writer.writerows([("seed", "added", "accuracy", "copying"), *rows])
print(f"wrote {path}, {len(rows)} rows")
