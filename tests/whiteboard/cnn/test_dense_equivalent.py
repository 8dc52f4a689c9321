import keras
import numpy as np
import pytest

from whiteboard.cnn import convolution_matrix


@pytest.mark.parametrize(
    ("height", "width", "kernel_shape"),
    [
        (5, 7, (3, 2, 2, 4)),
        (4, 4, (4, 4, 3, 2)),
        (3, 5, (1, 1, 2, 3)),
        (6, 1, (3, 1, 1, 1)),
    ],
)
def test_is_the_convolution(height, width, kernel_shape):
    rng = np.random.default_rng(0)
    kernel = rng.normal(size=kernel_shape).astype("float32")
    images = rng.normal(size=(2, height, width, kernel_shape[2])).astype("float32")
    expected = keras.ops.convert_to_numpy(
        keras.ops.conv(images, kernel, padding="valid", data_format="channels_last")
    )
    matrix = convolution_matrix(kernel, height, width)
    outputs = images.reshape(2, -1) @ matrix
    np.testing.assert_allclose(outputs, expected.reshape(2, -1), atol=1e-5)


def test_one_axis_is_a_toeplitz_matrix():
    kernel = np.array([1.0, 2.0, 3.0]).reshape(3, 1, 1, 1)
    matrix = convolution_matrix(kernel, height=5, width=1)
    expected = [[1, 0, 0], [2, 1, 0], [3, 2, 1], [0, 3, 2], [0, 0, 3]]
    np.testing.assert_array_equal(matrix, expected)


@pytest.mark.parametrize("shape", [(3, 3), (3, 3, 1), (1, 3, 3, 1, 1)])
def test_kernel_of_another_rank_is_refused(shape):
    with pytest.raises(ValueError, match="kernel must have shape.*Received"):
        convolution_matrix(np.ones(shape), 8, 8)


@pytest.mark.parametrize("size", [(2, 8), (8, 2), (0, 0)])
def test_image_smaller_than_the_kernel_is_refused(size):
    with pytest.raises(ValueError, match="must not be smaller than the kernel"):
        convolution_matrix(np.ones((3, 3, 1, 1)), *size)
