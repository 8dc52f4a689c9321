"""Pre-norm against post-norm, with and without warm-up: the loss of a deep small model.

python benchmarks/norm_placement.py
"""

import keras
from keras import layers, ops

from whiteboard.datasets import load_character_windows
from whiteboard.transformer import DecoderBlock, TokenAndPositionEmbedding

LENGTH, WIDTH, DEPTH, BATCH, EPOCHS, WARMUP = 32, 32, 12, 64, 11, 80


class WarmUp(keras.callbacks.Callback):
    """Raise the learning rate from 0 to its peak over the first steps."""

    def __init__(self, peak, steps):
        super().__init__()
        self.peak, self.steps, self.step = peak, steps, 0

    def on_train_batch_begin(self, batch, logs=None):
        self.step += 1
        share = min(1, self.step / self.steps)
        self.model.optimizer.learning_rate.assign(self.peak * share)


def language_model(norm_first, vocabulary_size):
    ids = keras.Input((LENGTH,), dtype="int32")
    x = TokenAndPositionEmbedding(vocabulary_size, WIDTH, LENGTH)(ids)
    for _ in range(DEPTH):
        x = DecoderBlock(2, 2 * WIDTH, norm_first=norm_first)(x)
    if norm_first:
        x = layers.LayerNormalization()(x)
    return keras.Model(ids, layers.Dense(vocabulary_size)(x))


def main():
    (train, _), characters = load_character_windows(LENGTH)
    train = train[: len(train) // BATCH * BATCH]
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    for name, norm_first in {"post-norm": False, "pre-norm": True}.items():
        keras.utils.set_random_seed(1)
        model = language_model(norm_first, len(characters))
        model.compile(keras.optimizers.Adam(), loss)
        model.optimizer.build(model.trainable_variables)
        weights = model.get_weights()
        for peak in (3e-3, 1e-2):
            for steps in (1, WARMUP):
                model.set_weights(weights)
                for variable in model.optimizer.variables:
                    variable.assign(ops.zeros_like(variable))
                losses = model.fit(
                    train[:, :-1],
                    train[:, 1:],
                    batch_size=BATCH,
                    epochs=EPOCHS,
                    verbose=0,
                    callbacks=[WarmUp(peak, steps)],
                ).history["loss"]
                print(f"{name:9} rate {peak}, warm-up {steps:2}: {losses[-1]:.2f}")


if __name__ == "__main__":
    main()
