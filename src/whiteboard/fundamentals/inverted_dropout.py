"""Inverted dropout."""

import keras
from keras import ops

from whiteboard.fundamentals.argument_checks import require_below_one


def dropout(inputs, rate, seed=None):
    r"""Set each entry to 0 with probability `rate`, and scale up the others.

    $$y_i = \frac{b_i}{1 - p} x_i, \quad b_i \sim \mathrm{Bernoulli}(1 - p), \quad
    E[y_i] = x_i$$

    Srivastava et al. 2014, in the inverted form: the scaling happens in training, so
    that nothing is left to do at test time.

    Args:
        inputs: A floating-point tensor of any shape.
        rate: The probability $p$ to drop, at least 0 and below 1.
        seed: An integer, a `keras.random.SeedGenerator`, or None.

    Returns:
        A tensor of the shape and dtype of `inputs`.

    Raises:
        ValueError: If `rate` is not in `[0, 1)`.

    Examples:
        >>> dropout(np.ones(4, "float32"), rate=0.5, seed=7)  # zeros and twos
        [2.0, 0.0, 2.0, 2.0]
    """
    require_below_one(rate=rate)
    inputs = ops.convert_to_tensor(inputs)
    kept = keras.random.uniform(ops.shape(inputs), dtype="float32", seed=seed) >= rate
    return ops.where(kept, inputs / (1 - rate), ops.zeros_like(inputs))


@keras.saving.register_keras_serializable(package="whiteboard")
class Dropout(keras.layers.Layer):
    """Apply `dropout` in training, and nothing otherwise.

    Srivastava et al. 2014.

    Args:
        rate: The probability to drop an entry, at least 0 and below 1.
        seed: An integer or None.
        **kwargs: Passed to `keras.layers.Layer`.

    Call arguments:
        inputs: A floating-point tensor of any shape.
        training: Whether to drop; `fit` sets it to True, `predict` to False.

    Returns:
        A tensor of the shape of `inputs`.

    Raises:
        ValueError: If `rate` is not in `[0, 1)`.

    Examples:
        >>> Dropout(0.5)(np.ones(4, "float32"))
        [1.0, 1.0, 1.0, 1.0]
    """

    def __init__(self, rate, seed=None, **kwargs):
        super().__init__(**kwargs)
        require_below_one(rate=rate)
        self.rate = rate
        self.seed = seed
        self.seed_generator = keras.random.SeedGenerator(seed)
        self.supports_masking = True
        self.built = True

    def call(self, inputs, training=False):
        if not training:
            return inputs
        return dropout(inputs, self.rate, self.seed_generator)

    def compute_output_shape(self, input_shape):
        return input_shape

    def get_config(self):
        return {**super().get_config(), "rate": self.rate, "seed": self.seed}
