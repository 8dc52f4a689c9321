"""Compare ways to train on few scans: transfer, augmentation, architectures.

Run from the repository's root: `python training/scan_experiments.py`, or with the names
of some experiments (transfer, augmentation, architecture). A quarter of an hour on one
core; writes `src/whiteboard/scenarios/weights/scan_experiments.csv`.

Each row is one training: `steps` batches of 32 scans from scanner A, one patient in ten
sick, and the area under the ROC curve on 2000 scans of other patients.
"""

import csv
import sys

import keras
import numpy as np
from _fresh_starts import fresh_starts
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from whiteboard.cnn import cifar_network
from whiteboard.datasets import load_digit_images, make_scans, translate_randomly
from whiteboard.scenarios import (
    SmallEfficientNet,
    load_scan_model,
    scan_convnet,
    scan_transformer,
    with_new_head,
)
from whiteboard.scenarios.scan_models import IMAGE_SHAPE, WEIGHTS

BATCH, PATH = 32, WEIGHTS / "scan_experiments.csv"
TEST = make_scans(500, seed=1_000_000)


def compiled(model, rate):
    model.compile(keras.optimizers.Adam(rate), "sparse_categorical_crossentropy")
    model.optimizer.build(model.trainable_variables)
    return model


def train(model, scans, steps, seed, augment=lambda images, rng: images):
    rng = np.random.default_rng(seed)
    for _ in range(steps):
        batch = rng.integers(len(scans.labels), size=BATCH)
        model.train_on_batch(augment(scans.images[batch], rng), scans.labels[batch])


def area(model):
    scores = keras.ops.convert_to_numpy(model(TEST.images, training=False))[:, 1]
    return roc_auc_score(TEST.labels, scores)


def digit_backbone():
    (x, y), _ = load_digit_images(canvas_size=24)
    x = np.concatenate([x, translate_randomly(x, max_shift=8, seed=0)]) * 4 - 1
    model = compiled(scan_convnet(classes=10), 5e-3)
    model.fit(x, np.tile(y, 2), 64, epochs=8, verbose=0)
    return model


def transfer():
    """From scratch, or on a backbone that is frozen and then, gently, unfrozen."""
    sources = {"shapes": load_scan_model("shapes"), "digits": digit_backbone()}
    sources["random"] = scan_convnet(classes=8)
    scratch = fresh_starts(lambda: compiled(scan_convnet(), 2e-3))
    thawed = fresh_starts(lambda: compiled(all_trainable(sources["shapes"]), 5e-4))
    for patients in (30, 60, 150, 500):
        for seed in range(4):
            scans = make_scans(patients, seed=seed)
            model = scratch(seed)
            train(model, scans, 800, seed)
            yield "from scratch", patients, seed, area(model)
            for name, source in sources.items():
                model = all_trainable(source)
                model.layers[-1].set_weights(
                    best_head(model.get_layer("backbone"), scans)
                )
                yield f"{name} frozen", patients, seed, area(model)
                if name == "shapes":
                    weights = model.get_weights()
                    model = thawed(seed)
                    model.set_weights(weights)
                    train(model, scans, 400, seed)
                    yield f"{name} unfrozen", patients, seed, area(model)


def best_head(backbone, scans):
    """Kernel and bias of the softmax that a logistic regression finds on the features."""
    features = keras.ops.convert_to_numpy(backbone(scans.images, training=False))
    probe = LogisticRegression(C=1.0, max_iter=2000).fit(features, scans.labels)
    kernel = np.stack([0 * probe.coef_[0], probe.coef_[0]], axis=1)
    return [kernel, np.array([0.0, probe.intercept_[0]])]


def all_trainable(source):
    model = with_new_head(source, "pool", classes=2)
    model.get_layer("backbone").trainable = True
    return model


def turned(images, rng):
    """Each image by its own quarter turns and mirroring."""
    return np.stack(
        [np.rot90(x[:, :: rng.choice([1, -1])], rng.integers(4)) for x in images]
    )


def shifted(images, rng):
    return translate_randomly(images, max_shift=12, seed=rng)


def augmentation():
    """Changes that keep the label, and one that can push the lesion off the picture."""
    start = fresh_starts(lambda: compiled(scan_convnet(), 2e-3))
    ways = {"none": lambda x, rng: x, "turned": turned, "shifted by 12": shifted}
    for seed in range(4):
        scans = make_scans(150, seed=seed)
        for name, augment in ways.items():
            model = start(seed)
            train(model, scans, 800, seed, augment)
            yield name, 150, seed, area(model)


def architecture():
    networks = {
        "convnet": (scan_convnet, 2e-3),
        "ResNet": (
            lambda: cifar_network(8, filters=8, input_shape=IMAGE_SHAPE, classes=2),
            2e-3,
        ),
        "EfficientNet": (lambda: SmallEfficientNet(IMAGE_SHAPE, (8, 12, 20)), 2e-3),
        "ViT": (scan_transformer, 1e-3),
    }
    for name, (build, rate) in networks.items():
        start = fresh_starts(lambda build=build, rate=rate: compiled(build(), rate))
        for seed in range(3):
            model, scans = start(seed), make_scans(500, seed=seed)
            train(model, scans, 600, seed)
            yield name, 500, seed, area(model)
            if name == "ViT":
                train(model, scans, 2400, seed + 1)
                yield "ViT 5 times as long", 500, seed, area(model)


EXPERIMENTS = {f.__name__: f for f in (transfer, augmentation, architecture)}
chosen = sys.argv[1:] or [*EXPERIMENTS]
kept = []
if PATH.exists():
    with PATH.open() as file:
        kept = [row for row in csv.reader(file)][1:]
rows = [row for row in kept if row[0] not in chosen]
for experiment in chosen:
    for setting, patients, seed, value in EXPERIMENTS[experiment]():
        rows.append([experiment, setting, patients, seed, f"{value:.4f}"])
        print(*rows[-1], flush=True)
order = [*EXPERIMENTS]
rows.sort(key=lambda row: order.index(row[0]))
with PATH.open("w", newline="") as file:
    writer = csv.writer(file, lineterminator="\n")
    writer.writerows([["experiment", "setting", "patients", "seed", "auc"], *rows])
