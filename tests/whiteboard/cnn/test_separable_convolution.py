import keras
import numpy as np
import pytest
from keras import ops

from whiteboard.cnn import (
    DepthwiseConv2D,
    SeparableConv2D,
    cross_correlate,
    depthwise_convolution,
    pointwise_convolution,
)
from whiteboard.fundamentals import value_and_gradients

IMAGES = np.random.default_rng(0).normal(size=(2, 9, 8, 3)).astype("float32")


def draw(*shape):
    return np.random.default_rng(1).normal(size=shape).astype("float32")


def to_numpy(tensor):
    return ops.convert_to_numpy(tensor)


@pytest.mark.parametrize("stride, dilation", [(1, 1), (2, 1), (1, 2)])
@pytest.mark.parametrize("padding", ["valid", "same"])
@pytest.mark.parametrize("multiplier", [1, 2])
def test_depthwise_agrees_with_keras(stride, dilation, padding, multiplier):
    kernel = draw(3, 3, 3, multiplier)
    mine = depthwise_convolution(IMAGES, kernel, stride, padding, dilation)
    theirs = ops.depthwise_conv(
        IMAGES, kernel, stride, padding, "channels_last", dilation
    )
    np.testing.assert_allclose(to_numpy(mine), to_numpy(theirs), atol=1e-5)


def test_depthwise_gradients_agree_with_keras():
    kernel, upstream = draw(3, 3, 3, 2), draw(2, 9, 8, 6)

    def loss(images, kernel):
        outputs = depthwise_convolution(images, kernel, padding="same")
        return ops.sum(ops.multiply(outputs, upstream))

    def keras_loss(images, kernel):
        outputs = ops.depthwise_conv(images, kernel, 1, "same", "channels_last")
        return ops.sum(ops.multiply(outputs, upstream))

    _, mine = value_and_gradients(loss, IMAGES, kernel)
    _, theirs = value_and_gradients(keras_loss, IMAGES, kernel)
    for gradient, expected in zip(mine, theirs, strict=True):
        np.testing.assert_allclose(gradient, expected, atol=1e-4)


def test_pointwise_is_a_1x1_convolution_and_a_dense_layer():
    kernel = draw(3, 5)
    mine = to_numpy(pointwise_convolution(IMAGES, kernel))
    convolved = to_numpy(cross_correlate(IMAGES, kernel[None, None]))
    np.testing.assert_allclose(mine, convolved, atol=1e-5)
    np.testing.assert_allclose(mine, IMAGES @ kernel, atol=1e-5)


@pytest.mark.parametrize("padding", ["valid", "same"])
@pytest.mark.parametrize("strides", [1, 2])
def test_layers_agree_with_keras(padding, strides):
    arguments = {"kernel_size": 3, "strides": strides, "padding": padding}
    for mine, theirs in [
        (DepthwiseConv2D(**arguments), keras.layers.DepthwiseConv2D(**arguments)),
        (SeparableConv2D(5, **arguments), keras.layers.SeparableConv2D(5, **arguments)),
    ]:
        theirs.build(IMAGES.shape)
        theirs.set_weights([draw(*w.shape) for w in theirs.weights])
        mine.build(IMAGES.shape)
        mine.set_weights(theirs.get_weights())
        np.testing.assert_allclose(
            to_numpy(mine(IMAGES)), to_numpy(theirs(IMAGES)), atol=1e-5
        )


def test_a_separable_kernel_is_a_full_one_of_rank_one_per_filter_and_channel():
    layer = SeparableConv2D(5, 3, use_bias=False)
    outputs = to_numpy(layer(IMAGES))
    depthwise, pointwise = layer.get_weights()
    full = depthwise * pointwise  # (3, 3, C, 1) * (1, 1, C, F)
    np.testing.assert_allclose(
        outputs, to_numpy(cross_correlate(IMAGES, full)), atol=1e-5
    )


def test_bad_input_is_refused():
    with pytest.raises(ValueError, match="kernel must have the shape"):
        depthwise_convolution(IMAGES, draw(3, 3, 3))
    with pytest.raises(ValueError, match="The channels of the images"):
        depthwise_convolution(IMAGES, draw(3, 3, 4, 1))
    with pytest.raises(ValueError, match="must be .batch, height, width, channels"):
        SeparableConv2D(4, 3)(IMAGES[0])
    with pytest.raises(ValueError, match="depth_multiplier must be positive"):
        DepthwiseConv2D(3, depth_multiplier=0)
    with pytest.raises(ValueError, match="filters must be positive"):
        SeparableConv2D(0, 3)
    with pytest.raises(ValueError, match="stride must be positive"):
        DepthwiseConv2D(3, strides=0)(IMAGES)
