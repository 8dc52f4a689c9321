"""Train the WGAN-GP of digits, on all and with each digit left out; ship the weights.

Run from the repository's root: `python training/digit_gan.py` (a few minutes). It writes
the GAN of all digits, the one that has never seen `SHIPPED`, and `digit_anomalies.csv`,
how well six scores find the digit left out, to `src/whiteboard/generative/weights/`.
"""

import csv

import keras
import numpy as np
from _fresh_starts import fresh_starts
from sklearn.decomposition import PCA
from sklearn.ensemble import IsolationForest
from sklearn.metrics import roc_auc_score
from sklearn.neighbors import NearestNeighbors

from whiteboard.datasets import load_digit_images
from whiteboard.generative import (
    build_digit_gan,
    data_copying_score,
    load_digit_classifier,
    save_trained_weights,
    search_latents,
)
from whiteboard.generative.trained_weights import WEIGHTS

EPOCHS, EPOCHS_LEFT_OUT, BATCH, SHIPPED = 400, 120, 192, 0


def build():
    gan = build_digit_gan(seed=0)
    gan.compile({p: keras.optimizers.Adam(1e-3, 0.5, 0.9) for p in gan.players})
    return gan


def train(gan, images, epochs):
    whole_batches = images[: len(images) // BATCH * BATCH]
    gan.fit(whole_batches, batch_size=BATCH, epochs=epochs, verbose=0)


def flat(images):
    return images.reshape(len(images), -1)


def anomaly_scores(gan, x, test):
    """The larger, the more anomalous."""
    pca = PCA(16).fit(flat(x))
    back = pca.inverse_transform(pca.transform(flat(test)))
    forest = IsolationForest(random_state=0).fit(flat(x))
    neighbors = NearestNeighbors(n_neighbors=1).fit(flat(x))
    return {
        "critic": -gan.discriminator.predict(test, verbose=0)[:, 0],
        "latent search": search_latents(gan, test, steps=100, seed=0)[1],
        "latent search (4 starts)": search_latents(gan, test, 100, starts=4, seed=0)[1],
        "16 principal components": ((flat(test) - back) ** 2).sum(axis=1),
        "isolation forest": -forest.score_samples(flat(test)),
        "nearest neighbour": neighbors.kneighbors(flat(test))[0][:, 0],
    }


(x_train, y_train), (x_test, y_test) = load_digit_images()
x_train, x_test = 2 * x_train - 1, 2 * x_test - 1
start = fresh_starts(build)
gan = start(seed=0)
train(gan, x_train, EPOCHS)
samples = gan.sample(1000, seed=1)
outputs = load_digit_classifier().predict((samples + 1) / 2, verbose=0)["predictions"]
copying = data_copying_score(*map(flat, (x_train, x_test, samples)))
print(f"of each digit: {np.bincount(outputs.argmax(-1), minlength=10)}")
print(f"recognized: {(outputs.max(-1) > 0.9).mean():.2f}, copying: {copying:.2f}")
paths = [save_trained_weights(gan, "digit_gan")]

rows = []
for digit in range(10):
    gan = start(seed=digit)
    train(gan, x_train[y_train != digit], EPOCHS_LEFT_OUT)
    scores = anomaly_scores(gan, x_train[y_train != digit], x_test)
    for name, score in scores.items():
        rows.append((digit, name, round(roc_auc_score(y_test == digit, score), 4)))
        print(*rows[-1], flush=True)
    if digit == SHIPPED:
        paths.append(save_trained_weights(gan, f"digit_gan_without_{digit}"))
paths.append(WEIGHTS / "digit_anomalies.csv")
with paths[-1].open("w", newline="") as file:
    writer = csv.writer(file, lineterminator="\n")
    writer.writerows([("left_out", "score", "auc"), *rows])
for path in paths:
    print(f"wrote {path}, {path.stat().st_size / 1000:.0f} kB")
