"""Batch normalization: statistics of the batch in training, averages at inference."""

import keras
from keras import ops

from whiteboard.fundamentals.argument_checks import require_not_negative
from whiteboard.fundamentals.normalization import (
    at_least_float32,
    moments,
    require_channels,
)


@keras.saving.register_keras_serializable(package="whiteboard")
class BatchNormalization(keras.layers.Layer):
    r"""Normalize each channel over the batch and over space or time.

    $$y = \gamma \, \frac{x - \mu}{\sqrt{\sigma^2 + \epsilon}} + \beta$$

    Ioffe and Szegedy 2015. In training the moments are those of the batch, and the
    moving averages follow: `moving = momentum * moving + (1 - momentum) * batch`.
    At inference, and always when the layer is frozen (`trainable = False`), the
    moments are the moving averages. The weights are those of
    `keras.layers.BatchNormalization`; the channels are the last axis.

    Args:
        momentum: How much of the moving averages stays at each step. PyTorch calls
            `1 - momentum` momentum.
        epsilon: Added to the variance, under the root.
        **kwargs: Passed to `keras.layers.Layer`.

    Call arguments:
        inputs: A tensor of shape `(N, ..., C)`.
        training: Whether to use and to record the statistics of this batch.
        mask: Boolean of shape `(N, ...)`. False positions do not count in the
            statistics; they are normalized all the same.

    Returns:
        A tensor of the shape of `inputs`.

    Raises:
        ValueError: If `momentum` is not in [0, 1], `epsilon` is negative, the
            inputs have one axis, C is unknown, the mask has the wrong rank, or the
            batch is empty in training.

    Examples:
        >>> BatchNormalization()(keras.ops.ones((32, 8, 8, 3)), training=True).shape
        (32, 8, 8, 3)
    """

    def __init__(self, momentum=0.99, epsilon=1e-3, **kwargs):
        super().__init__(**kwargs)
        if not 0 <= momentum <= 1:
            raise ValueError(
                f"momentum must be between 0 and 1. Received: momentum={momentum}"
            )
        require_not_negative(epsilon=epsilon)
        self.momentum = momentum
        self.epsilon = epsilon
        self.supports_masking = True

    def build(self, input_shape):
        require_channels(self, input_shape)
        for name, initializer, trainable in [
            ("gamma", "ones", True),
            ("beta", "zeros", True),
            ("moving_mean", "zeros", False),
            ("moving_variance", "ones", False),
        ]:
            weight = self.add_weight(
                shape=(input_shape[-1],),
                initializer=initializer,
                trainable=trainable,
                autocast=False,
                name=name,
            )
            setattr(self, name, weight)
        self.input_spec = keras.layers.InputSpec(axes={-1: input_shape[-1]})
        self.built = True

    def call(self, inputs, training=False, mask=None):
        x = at_least_float32(inputs)  # (N, ..., C)
        if training and self.trainable:
            mean, variance = self.batch_moments(x, mask)  # (C,), (C,)
            self.record(self.moving_mean, mean)
            self.record(self.moving_variance, variance)
        else:
            mean, variance = self.moving_mean, self.moving_variance  # (C,), (C,)
        normalized = (x - mean) / ops.sqrt(variance + self.epsilon)
        return ops.cast(self.gamma * normalized + self.beta, self.compute_dtype)

    def batch_moments(self, x, mask):
        if mask is not None:
            if len(mask.shape) != len(x.shape) - 1:
                raise ValueError(
                    "mask must have one axis less than the inputs. Received: "
                    f"mask.shape={mask.shape}, inputs.shape={x.shape}"
                )
            mask = ops.expand_dims(ops.cast(mask, "bool"), -1)  # (N, ..., 1)
        all_but_channels = range(len(x.shape) - 1)
        return [ops.reshape(m, (-1,)) for m in moments(x, all_but_channels, mask)]

    def record(self, moving, batch):
        moving.assign(self.momentum * moving + (1 - self.momentum) * batch)

    def compute_output_shape(self, input_shape):
        return input_shape

    def get_config(self):
        config = {"momentum": self.momentum, "epsilon": self.epsilon}
        return {**super().get_config(), **config}
