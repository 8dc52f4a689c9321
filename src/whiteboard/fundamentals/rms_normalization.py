"""RMS normalization: layer norm without the mean."""

import keras
from keras import ops

from whiteboard.fundamentals.argument_checks import require_not_negative
from whiteboard.fundamentals.layer_normalization import (
    FeatureNormalization,
    along,
    feature_axes,
)
from whiteboard.fundamentals.normalization import at_least_float32


def rms_normalize(x, axes, epsilon=1e-6):
    r"""Divide by the root of the mean square over `axes`.

    $$\hat{x} = \frac{x}{\sqrt{\frac{1}{d} \sum_i x_i^2 + \epsilon}}$$

    Zhang and Sennrich 2019, "Root Mean Square Layer Normalization".

    Args:
        x: A tensor of any shape.
        axes: The axes that share one mean square.
        epsilon: Added to the mean square, under the root.

    Returns:
        A tensor of the shape of `x`, float32 (float64 for float64 inputs
        on TensorFlow).

    Raises:
        ValueError: If `epsilon` is negative.

    Examples:
        >>> rms_normalize(np.array([[3.0, 4.0]], "float32"), axes=-1)
        array([[0.84852815, 1.1313709 ]], dtype=float32)
    """
    require_not_negative(epsilon=epsilon)
    x = at_least_float32(x)
    mean_square = ops.mean(ops.square(x), axes, keepdims=True)
    return x / ops.sqrt(mean_square + epsilon)


@keras.saving.register_keras_serializable(package="whiteboard")
class RMSNormalization(FeatureNormalization):
    r"""Scale each example so that its features have mean square 1.

    $$y = \mathrm{scale} \cdot \frac{x}{\sqrt{\mathrm{mean}(x^2) + \epsilon}}$$

    Zhang and Sennrich 2019. Neither mean nor bias. The weight is that of
    `keras.layers.RMSNormalization`.

    Args:
        axis: The axis or axes that share one mean square.
        epsilon: Added to the mean square, under the root.
        **kwargs: Passed to `keras.layers.Layer`.

    Call arguments:
        inputs: A tensor of shape `(N, ..., D)`.

    Returns:
        A tensor of the shape of `inputs`.

    Raises:
        ValueError: If `epsilon` is negative, or `axis` is out of range, repeated,
            the batch axis, or of unknown size.

    Examples:
        >>> RMSNormalization()(keras.ops.ones((32, 10, 64))).shape
        (32, 10, 64)
    """

    def __init__(self, axis=-1, epsilon=1e-6, **kwargs):
        super().__init__(axis, epsilon, **kwargs)

    def build(self, input_shape):
        self.scale = self.add_feature_weight(input_shape, "ones", "scale")
        self.built = True

    def call(self, inputs):
        axes = feature_axes(self.axis, inputs.shape)
        scale = along(self.scale, axes, inputs.shape)
        outputs = scale * rms_normalize(inputs, axes, self.epsilon)
        return ops.cast(outputs, self.compute_dtype)
