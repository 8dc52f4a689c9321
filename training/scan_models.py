"""Train the networks on scans that ship with the package.

Run from the repository's root: `python training/scan_models.py` (four minutes on one
core), or with the names of some of them.
"""

import sys

import keras
import numpy as np
from sklearn.metrics import roc_auc_score

from whiteboard.datasets.scans import make_scans
from whiteboard.datasets.textured_shapes import make_textured_shapes
from whiteboard.scenarios.scan_models import TRAINED, WEIGHTS

MARKER_RATES = {"markers": (0.05, 0.9)}
EPOCHS = {
    "shapes": 10,
    "lesions": 10,
    "markers": 5,
    "lesions_transformer": 30,
}
SCANS = {"scans_per_patient": 4, "prevalence": 1 / 3}


def data(name):
    if name == "shapes":
        return make_textured_shapes(16_000, seed=1), make_textured_shapes(2000, seed=2)
    rates = MARKER_RATES.get(name, (0, 0))
    pair = [make_scans(n, marker_rates=rates, seed=n, **SCANS) for n in (2500, 501)]
    return [(scans.images, scans.labels) for scans in pair]


for name in sys.argv[1:] or TRAINED:
    keras.utils.set_random_seed(0)
    (x, y), (x_test, y_test) = data(name)
    model = TRAINED[name]()
    steps = EPOCHS[name] * -(-len(x) // 128)
    peak = 2e-3 if name == "lesions_transformer" else 5e-3
    rate = keras.optimizers.schedules.CosineDecay(peak, steps)
    model.compile(keras.optimizers.Adam(rate), "sparse_categorical_crossentropy")
    model.fit(x, y, 128, EPOCHS[name], verbose=2)
    probabilities = model.predict(x_test, 500, verbose=0)
    print(f"{name}: accuracy {np.mean(probabilities.argmax(axis=1) == y_test):.3f}")
    if probabilities.shape[1] == 2:
        print(
            f"area under the ROC curve {roc_auc_score(y_test, probabilities[:, 1]):.3f}"
        )
    path = WEIGHTS / f"scan_{name}.weights.h5"
    shipped = TRAINED[name]()  # without the optimizer's slots
    shipped.set_weights(model.get_weights())
    shipped.save_weights(path)
    print(f"wrote {path}, {path.stat().st_size / 1000:.0f} kB")
