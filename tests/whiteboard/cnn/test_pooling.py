import keras
import numpy as np
import pytest
from keras import ops

from whiteboard.cnn import (
    AveragePooling2D,
    MaxPooling2D,
    average_pool,
    global_average_pool,
    max_pool,
    padding_amounts,
    pool_loop,
)
from whiteboard.fundamentals import value_and_gradients

IMAGES = np.random.default_rng(0).normal(size=(2, 9, 8, 3)).astype("float32")
KINDS = {
    "max": (max_pool, ops.max_pool, MaxPooling2D, np.nanmax),
    "average": (average_pool, ops.average_pool, AveragePooling2D, np.nanmean),
}
WINDOWS = [
    {"pool_size": pool_size, "stride": stride, "padding": padding}
    for pool_size in (2, 3)
    for stride in (None, 1, 2)
    for padding in ("valid", "same")
]


def keras_agrees(kind, pool_size, stride, padding):
    """Keras 3.15 on PyTorch counts the padding of a mean where it is uneven."""
    stride = pool_size if stride is None else stride
    amounts = [padding_amounts(n, pool_size, stride, padding) for n in (9, 8)]
    is_even = all(before == after for before, after in amounts)
    return is_even or kind == "max" or keras.backend.backend() != "torch"


def to_numpy(tensor):
    return ops.convert_to_numpy(tensor)


def keras_pool(kind, images, pool_size, stride, padding):
    stride = pool_size if stride is None else stride
    return KINDS[kind][1](images, pool_size, stride, padding, "channels_last")


@pytest.mark.parametrize("window", WINDOWS, ids=str)
@pytest.mark.parametrize("kind", KINDS)
def test_loop_tensors_and_keras_agree(kind, window):
    pool, _, layer, reduce = KINDS[kind]
    mine = to_numpy(pool(IMAGES, **window))
    np.testing.assert_allclose(
        mine, pool_loop(IMAGES, **window, reduce=reduce), atol=1e-6
    )
    if keras_agrees(kind, **window):
        expected = to_numpy(keras_pool(kind, IMAGES, **window))
        np.testing.assert_allclose(mine, expected, atol=1e-6)
    strides = window["stride"]
    layer = layer(window["pool_size"], strides, window["padding"])
    np.testing.assert_array_equal(to_numpy(layer(IMAGES)), mine)
    assert layer.compute_output_shape(IMAGES.shape) == mine.shape


@pytest.mark.parametrize("window", WINDOWS, ids=str)
@pytest.mark.parametrize("kind", KINDS)
def test_gradients_agree_with_keras(kind, window):
    if not keras_agrees(kind, **window):
        pytest.skip("Keras counts the padding here")
    pool = KINDS[kind][0]
    shape = to_numpy(pool(IMAGES, **window)).shape
    upstream = np.random.default_rng(1).normal(size=shape).astype("float32")
    (mine,), (theirs,) = (
        value_and_gradients(
            lambda x, f=function: ops.sum(ops.multiply(f(x), upstream)), IMAGES
        )[1]
        for function in (
            lambda x: pool(x, **window),
            lambda x: keras_pool(kind, x, **window),
        )
    )
    np.testing.assert_allclose(mine, theirs, atol=1e-5)


def test_the_first_of_equal_maxima_gets_the_gradient():
    images = np.zeros((1, 2, 2, 1), "float32")
    _, (gradient,) = value_and_gradients(lambda x: ops.sum(max_pool(x)), images)
    np.testing.assert_array_equal(gradient[0, ..., 0], [[1, 0], [0, 0]])


@pytest.mark.parametrize("kind", KINDS)
def test_integer_padding_does_not_count(kind):
    pool = KINDS[kind][0]
    outputs = to_numpy(pool(-np.ones((1, 4, 4, 1), "float32"), 2, 2, padding=1))
    np.testing.assert_array_equal(outputs, -np.ones((1, 3, 3, 1)))


@pytest.mark.parametrize("kind", KINDS)
def test_windows_and_steps_may_be_oblong(kind):
    pool, builtin, *_ = KINDS[kind]
    window = (2, 3), (1, 2), "valid"
    np.testing.assert_allclose(
        to_numpy(pool(IMAGES, *window)),
        to_numpy(builtin(IMAGES, *window, "channels_last")),
        atol=1e-6,
    )


def test_global_average_pool_agrees_with_keras():
    expected = keras.layers.GlobalAveragePooling2D(data_format="channels_last")(IMAGES)
    np.testing.assert_allclose(
        to_numpy(global_average_pool(IMAGES)), to_numpy(expected), atol=1e-6
    )


@pytest.mark.parametrize("pool", [max_pool, average_pool, pool_loop])
@pytest.mark.parametrize(
    "shape, arguments, message",
    [
        ((9, 8, 3), {}, "must be .batch, height, width, channels"),
        ((1, 9, 8, 3), {"pool_size": 0}, "kernel_size must be positive"),
        ((1, 9, 8, 3), {"pool_size": 10}, "smaller than the dilated kernel"),
        ((1, 9, 8, 3), {"stride": 0}, "stride must be positive"),
        ((1, 9, 8, 3), {"padding": "full"}, "padding must be"),
        ((1, 9, 8, 3), {"padding": 2}, "padding must be below pool_size"),
    ],
)
def test_bad_input_is_refused(pool, shape, arguments, message):
    with pytest.raises(ValueError, match=message):
        pool(np.zeros(shape), **arguments)
