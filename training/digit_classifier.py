"""Train the digit classifier that judges generated digits, and ship its weights.

Run from the repository's root: `python training/digit_classifier.py` (half a minute).
"""

import keras
import numpy as np

from whiteboard.datasets import load_digit_images, translate_randomly
from whiteboard.generative import build_digit_classifier, save_trained_weights

EPOCHS, BATCH_SIZE, COPIES = 15, 64, 9

keras.utils.set_random_seed(0)
(x_train, y_train), (x_test, y_test) = load_digit_images()
moved = [translate_randomly(x_train, max_shift=1, seed=i) for i in range(COPIES - 1)]
images, labels = np.concatenate([x_train, *moved]), np.tile(y_train, COPIES)

model = build_digit_classifier()
steps = EPOCHS * -(-len(images) // BATCH_SIZE)
model.compile(
    keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(2e-3, steps)),
    loss={"predictions": "sparse_categorical_crossentropy"},
)
model.fit(images, {"predictions": labels}, BATCH_SIZE, EPOCHS, verbose=2)
for name, x, y in [("train", x_train, y_train), ("test", x_test, y_test)]:
    accuracy = (model.predict(x, verbose=0)["predictions"].argmax(-1) == y).mean()
    print(f"{name} accuracy: {accuracy:.3f}")
features = model.predict(x_test, verbose=0)["pool"]
print(
    f"features that vary: {(features.std(axis=0) > 0.01).sum()} of {features.shape[1]}"
)
path = save_trained_weights(model, "digit_classifier")
print(f"wrote {path}, {path.stat().st_size / 1000:.0f} kB")
