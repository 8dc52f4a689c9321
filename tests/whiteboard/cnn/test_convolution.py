import itertools

import keras
import numpy as np
import pytest
from keras import ops
from scipy.signal import convolve2d, correlate2d

from whiteboard.cnn import Conv2D, convolve, cross_correlate, cross_correlate_loop
from whiteboard.fundamentals import value_and_gradients

IMAGES = np.random.default_rng(0).normal(size=(2, 9, 8, 4)).astype("float32")
WINDOWS = [
    {"stride": stride, "padding": padding, "dilation": dilation}
    for stride, padding, dilation in itertools.product(
        [1, 2, 3], ["valid", "same", 2], [1, 2]
    )
]


def kernel(*shape):
    return np.random.default_rng(1).normal(size=shape).astype("float32")


def to_numpy(tensor):
    return ops.convert_to_numpy(tensor)


def keras_convolution(images, kernel, stride, padding, dilation, groups=1):
    """Keras takes the groups from the shapes, and padding as a string only."""
    if isinstance(padding, int):
        amounts = [(0, 0), (padding, padding), (padding, padding), (0, 0)]
        images, padding = ops.pad(images, amounts), "valid"
    layer = keras.layers.Conv2D(
        kernel.shape[-1],
        kernel.shape[:2],
        stride,
        padding,
        data_format="channels_last",
        dilation_rate=dilation,
        groups=groups,
        use_bias=False,
    )
    layer.build(images.shape)
    layer.set_weights([kernel])
    return layer(images)


def can_be_run(window):
    """TensorFlow refuses a stride together with a dilation."""
    return window["stride"] == 1 or window["dilation"] == 1


@pytest.mark.parametrize("window", WINDOWS, ids=str)
@pytest.mark.parametrize("groups", [1, 2, 4])
def test_loop_and_tensors_agree(window, groups):
    k = kernel(3, 2, 4 // groups, 8)
    loop = cross_correlate_loop(IMAGES, k, groups=groups, **window)
    tensors = to_numpy(cross_correlate(IMAGES, k, groups=groups, **window))
    np.testing.assert_allclose(tensors, loop, atol=1e-5)


@pytest.mark.parametrize("window", list(filter(can_be_run, WINDOWS)), ids=str)
def test_agrees_with_keras(window):
    k = kernel(3, 2, 4, 6)
    expected = to_numpy(keras_convolution(IMAGES, k, **window))
    np.testing.assert_allclose(
        to_numpy(cross_correlate(IMAGES, k, **window)), expected, atol=1e-5
    )


@pytest.mark.parametrize("window", list(filter(can_be_run, WINDOWS)), ids=str)
def test_gradients_agree_with_keras(window):
    k = kernel(3, 3, 4, 6)
    shape = to_numpy(cross_correlate(IMAGES, k, **window)).shape
    upstream = kernel(*shape)

    def loss(images, kernel):
        outputs = cross_correlate(images, kernel, **window)
        return ops.sum(ops.multiply(outputs, upstream))

    def keras_loss(images, kernel):
        padded, padding = images, window["padding"]
        if isinstance(padding, int):
            padded = ops.pad(images, [(0, 0), (2, 2), (2, 2), (0, 0)])
            padding = "valid"
        stride, dilation = window["stride"], window["dilation"]
        outputs = ops.conv(
            padded,
            kernel,
            strides=stride,
            padding=padding,
            data_format="channels_last",
            dilation_rate=dilation,
        )
        return ops.sum(ops.multiply(outputs, upstream))

    value, mine = value_and_gradients(loss, IMAGES, k)
    expected_value, expected = value_and_gradients(keras_loss, IMAGES, k)
    assert value == pytest.approx(expected_value, rel=1e-4, abs=1e-4)
    for gradient, other in zip(mine, expected, strict=True):
        np.testing.assert_allclose(gradient, other, atol=1e-4)


@pytest.mark.parametrize(
    "mine, theirs", [(cross_correlate, correlate2d), (convolve, convolve2d)]
)
@pytest.mark.parametrize("mode, size", [("valid", (3, 4)), ("same", (3, 5))])
def test_agrees_with_scipy(mine, theirs, mode, size):
    image, k = IMAGES[0, ..., 0], kernel(*size)
    outputs = mine(image[None, ..., None], k[..., None, None], padding=mode)
    expected = theirs(image, k, mode)
    np.testing.assert_allclose(to_numpy(outputs)[0, ..., 0], expected, atol=1e-5)


def test_convolution_and_cross_correlation_differ():
    k = kernel(3, 3, 4, 1)
    gap = to_numpy(convolve(IMAGES, k)) - to_numpy(cross_correlate(IMAGES, k))
    assert np.abs(gap).max() > 1


def test_groups_do_not_see_one_another():
    k = kernel(3, 3, 2, 6)
    changed = IMAGES.copy()
    changed[..., 2:] += 1
    before, after = (cross_correlate(x, k, groups=2) for x in (IMAGES, changed))
    difference = np.abs(to_numpy(after) - to_numpy(before)).max(axis=(0, 1, 2))
    assert (difference[:3] == 0).all() and (difference[3:] > 0.1).all()


@pytest.mark.parametrize("groups", [1, 2])
@pytest.mark.parametrize("padding", ["valid", "same"])
@pytest.mark.parametrize("strides, dilation_rate", [(1, 1), ((2, 3), 1), (1, (2, 1))])
def test_layer_agrees_with_keras(groups, padding, strides, dilation_rate):
    arguments = {
        "filters": 6,
        "kernel_size": (3, 2),
        "strides": strides,
        "padding": padding,
        "dilation_rate": dilation_rate,
        "groups": groups,
    }
    mine = Conv2D(**arguments)
    builtin = keras.layers.Conv2D(data_format="channels_last", **arguments)
    outputs = mine(IMAGES)
    builtin.build(IMAGES.shape)
    builtin.set_weights([mine.get_weights()[0], kernel(6)])
    mine.set_weights(builtin.get_weights())
    np.testing.assert_allclose(
        to_numpy(mine(IMAGES)), to_numpy(builtin(IMAGES)), atol=1e-5
    )
    assert outputs.shape == mine.compute_output_shape(IMAGES.shape)


@pytest.mark.parametrize("correlate", [cross_correlate, cross_correlate_loop])
@pytest.mark.parametrize(
    "images, weights, arguments, message",
    [
        ((9, 8, 4), (3, 3, 4, 6), {}, "must be .batch, height, width, channels"),
        ((2, 9, 8, 4), (3, 3, 4), {}, "kernel must have the shape"),
        ((2, 9, 8, 4), (3, 3, 3, 6), {}, "images.shape=.2, 9, 8, 4."),
        ((2, 9, 8, 4), (3, 3, 1, 6), {"groups": 3}, "groups=3"),
        ((2, 9, 8, 4), (3, 3, 2, 5), {"groups": 2}, "groups must divide the filters"),
        ((2, 9, 8, 4), (3, 3, 4, 6), {"groups": 0}, "groups must be positive"),
        ((2, 9, 8, 4), (10, 3, 4, 6), {}, "smaller than the dilated kernel"),
        ((2, 9, 8, 4), (3, 3, 4, 6), {"padding": "full"}, "padding must be"),
        ((2, 9, 8, 4), (3, 3, 4, 6), {"stride": 0}, "stride must be positive"),
        ((2, 9, 8, 4), (3, 3, 4, 6), {"dilation": 0}, "dilation must be positive"),
    ],
)
def test_bad_input_is_refused(correlate, images, weights, arguments, message):
    with pytest.raises(ValueError, match=message):
        correlate(np.zeros(images), np.zeros(weights), **arguments)


def test_nan_stays_within_the_reach_of_the_kernel():
    images = np.zeros((1, 7, 7, 1), "float32")
    images[0, 3, 3] = np.nan
    outputs = to_numpy(cross_correlate(images, kernel(3, 3, 1, 1), padding="same"))
    expected = np.zeros((7, 7), bool)
    expected[2:5, 2:5] = True
    np.testing.assert_array_equal(np.isnan(outputs[0, ..., 0]), expected)


def test_an_empty_batch_passes():
    outputs = cross_correlate(np.zeros((0, 5, 5, 1), "float32"), kernel(3, 3, 1, 2))
    assert outputs.shape == (0, 3, 3, 2)


def test_the_layer_refuses_groups_that_do_not_divide():
    with pytest.raises(ValueError, match="groups=3, channels=4, filters=6"):
        Conv2D(6, 3, groups=3)(IMAGES)
    with pytest.raises(ValueError, match="filters must be positive"):
        Conv2D(0, 3)


def test_the_layer_refuses_an_unknown_size():
    with pytest.raises(ValueError, match="all but the batch known"):
        Conv2D(6, 3)(keras.Input((None, None, 3)))
