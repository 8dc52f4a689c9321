"""Layer normalization: each example by its own features."""

import keras
from keras import ops

from whiteboard.fundamentals.argument_checks import require_not_negative
from whiteboard.fundamentals.normalization import normalize


class FeatureNormalization(keras.layers.Layer):
    """What layer norm and RMS norm share: axes of the features, weights along them."""

    def __init__(self, axis, epsilon, **kwargs):
        super().__init__(**kwargs)
        require_not_negative(epsilon=epsilon)
        self.axis = axis if isinstance(axis, int) else list(axis)
        self.epsilon = epsilon
        self.supports_masking = True

    def add_feature_weight(self, input_shape, initializer, name):
        sizes = [input_shape[axis] for axis in feature_axes(self.axis, input_shape)]
        return self.add_weight(sizes, initializer, autocast=False, name=name)

    def compute_output_shape(self, input_shape):
        return input_shape

    def get_config(self):
        config = {"axis": self.axis, "epsilon": self.epsilon}
        return {**super().get_config(), **config}


@keras.saving.register_keras_serializable(package="whiteboard")
class LayerNormalization(FeatureNormalization):
    r"""Normalize each example over its features.

    $$y = \gamma \, \frac{x - \mu}{\sqrt{\sigma^2 + \epsilon}} + \beta$$

    Ba, Kiros and Hinton 2016. No other example enters, and nothing differs between
    training and inference. The weights are those of
    `keras.layers.LayerNormalization`.

    Args:
        axis: The axis or axes that share one mean and one variance. A Transformer
            takes the last, so each token is normalized alone.
        epsilon: Added to the variance, under the root.
        **kwargs: Passed to `keras.layers.Layer`.

    Call arguments:
        inputs: A tensor of shape `(N, ..., D)`.

    Returns:
        A tensor of the shape of `inputs`.

    Raises:
        ValueError: If `epsilon` is negative, or `axis` is out of range, repeated,
            the batch axis, or of unknown size.

    Examples:
        >>> LayerNormalization()(keras.ops.ones((32, 10, 64))).shape
        (32, 10, 64)
    """

    def __init__(self, axis=-1, epsilon=1e-3, **kwargs):
        super().__init__(axis, epsilon, **kwargs)

    def build(self, input_shape):
        self.gamma = self.add_feature_weight(input_shape, "ones", "gamma")
        self.beta = self.add_feature_weight(input_shape, "zeros", "beta")
        self.built = True

    def call(self, inputs):
        axes = feature_axes(self.axis, inputs.shape)
        gamma, beta = (along(w, axes, inputs.shape) for w in (self.gamma, self.beta))
        outputs = gamma * normalize(inputs, axes, self.epsilon) + beta
        return ops.cast(outputs, self.compute_dtype)


def feature_axes(axis, shape):
    """The axes counted from the front, in order; never the batch axis."""
    axes = [axis] if isinstance(axis, int) else axis
    rank = len(shape)
    found = sorted({a % rank for a in axes if -rank <= a < rank})
    if len(found) != len(axes) or not axes or 0 in found:
        raise ValueError(
            "axis must name different axes of the inputs after the batch axis. "
            f"Received: axis={axis}, shape={tuple(shape)}"
        )
    if any(shape[a] is None for a in found):
        raise ValueError(
            "axis must name axes of known size. "
            f"Received: axis={axis}, shape={tuple(shape)}"
        )
    return found


def along(weight, axes, shape):
    """A weight of the sizes of `axes`, shaped to broadcast against `shape`."""
    return ops.reshape(weight, [n if i in axes else 1 for i, n in enumerate(shape)])
