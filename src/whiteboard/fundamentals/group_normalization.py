"""Group normalization, from layer norm (one group) to instance norm (C groups)."""

import keras
from keras import ops

from whiteboard.fundamentals.argument_checks import require_not_negative
from whiteboard.fundamentals.normalization import normalize, require_channels

# Shapes: N examples, ... space or time, C channels, G groups.


@keras.saving.register_keras_serializable(package="whiteboard")
class GroupNormalization(keras.layers.Layer):
    r"""Normalize each example over groups of channels and over space or time.

    $$y = \gamma \, \frac{x - \mu_g}{\sqrt{\sigma_g^2 + \epsilon}} + \beta$$

    Wu and He 2018. One group is layer norm over all axes of the example, with
    gamma and beta per channel. As many groups as channels is instance norm
    (Ulyanov, Vedaldi and Lempitsky 2016). The weights are those of
    `keras.layers.GroupNormalization`; the channels are the last axis.

    Args:
        groups: Number of groups G, a divisor of C; -1 for as many as channels.
        epsilon: Added to the variance, under the root.
        **kwargs: Passed to `keras.layers.Layer`.

    Call arguments:
        inputs: A tensor of shape `(N, ..., C)`. A mask passes through, but masked
            positions count in the statistics, as in Keras.

    Returns:
        A tensor of the shape of `inputs`.

    Raises:
        ValueError: If `groups` is neither positive nor -1 or does not divide C,
            `epsilon` is negative, the inputs have one axis, or C is unknown.

    Examples:
        >>> GroupNormalization(groups=4)(keras.ops.ones((32, 8, 8, 64))).shape
        (32, 8, 8, 64)
    """

    def __init__(self, groups=32, epsilon=1e-3, **kwargs):
        super().__init__(**kwargs)
        if groups < 1 and groups != -1:
            raise ValueError(
                f"groups must be positive, or -1. Received: groups={groups}"
            )
        require_not_negative(epsilon=epsilon)
        self.groups = groups
        self.epsilon = epsilon
        self.supports_masking = True

    def build(self, input_shape):
        require_channels(self, input_shape)
        channels = input_shape[-1]
        if channels % self.groups:
            raise ValueError(
                "groups must divide the number of channels. "
                f"Received: groups={self.groups}, channels={channels}"
            )
        self.gamma = self.add_weight((channels,), "ones", autocast=False, name="gamma")
        self.beta = self.add_weight((channels,), "zeros", autocast=False, name="beta")
        self.input_spec = keras.layers.InputSpec(axes={-1: input_shape[-1]})
        self.built = True

    def call(self, inputs):
        shape = ops.shape(inputs)  # (N, ..., C)
        groups = shape[-1] if self.groups == -1 else self.groups
        split = (*shape[:-1], groups, shape[-1] // groups)  # (N, ..., G, C / G)
        rank = len(split)
        axes = [axis for axis in range(1, rank) if axis != rank - 2]
        normalized = normalize(ops.reshape(inputs, split), axes, self.epsilon)
        outputs = self.gamma * ops.reshape(normalized, shape) + self.beta
        return ops.cast(outputs, self.compute_dtype)

    def compute_output_shape(self, input_shape):
        return input_shape

    def get_config(self):
        config = {"groups": self.groups, "epsilon": self.epsilon}
        return {**super().get_config(), **config}
