import numpy as np
import pytest
from keras import ops
from scipy.signal import correlate2d

from whiteboard.cnn import BlurPooling2D, binomial_kernel, blur_pool, max_pool

IMAGES = np.random.default_rng(0).normal(size=(2, 8, 8, 3)).astype("float32")


def to_numpy(tensor):
    return ops.convert_to_numpy(tensor)


@pytest.mark.parametrize(
    "size, row", [(1, [1]), (2, [1, 1]), (3, [1, 2, 1]), (5, [1, 4, 6, 4, 1])]
)
def test_kernel_is_binomial_and_sums_to_one(size, row):
    expected = np.outer(row, row) / np.sum(row) ** 2
    np.testing.assert_allclose(binomial_kernel(size), expected)


def test_kernel_may_be_oblong():
    np.testing.assert_allclose(binomial_kernel((1, 3)), [[0.25, 0.5, 0.25]])


def test_is_a_blur_of_each_channel_then_subsampling():
    outputs = to_numpy(blur_pool(IMAGES, padding=1))
    for image, pooled in zip(IMAGES, outputs, strict=True):
        for channel in range(3):
            blurred = correlate2d(image[..., channel], binomial_kernel(3), "same")
            np.testing.assert_allclose(
                pooled[..., channel], blurred[::2, ::2], atol=1e-6
            )


def test_a_size_of_one_only_subsamples():
    outputs = to_numpy(blur_pool(IMAGES, kernel_size=1))
    np.testing.assert_array_equal(outputs, IMAGES[:, ::2, ::2])


def test_removes_the_highest_frequency():
    stripes = np.tile([1.0, -1.0], 4).astype("float32") * np.ones((1, 8, 1), "float32")
    outputs = to_numpy(blur_pool(stripes[..., None]))
    np.testing.assert_allclose(outputs[:, 1:-1, 1:-1], 0, atol=1e-6)


def test_a_shift_changes_a_blurred_max_pool_less_than_a_strided_one():
    images = np.random.default_rng(1).normal(size=(8, 32, 32, 1)).astype("float32")
    shifted = np.roll(images, 1, axis=2)

    def change(pool):
        before, after = (to_numpy(pool(x))[:, 1:-1, 1:-1] for x in (images, shifted))
        return np.std(after - before) / np.std(before)

    blurred = change(lambda x: blur_pool(max_pool(x, 2, stride=1)))
    assert blurred < 0.8 * change(max_pool)


def test_layer():
    layer = BlurPooling2D(3, strides=2)
    np.testing.assert_array_equal(to_numpy(layer(IMAGES)), to_numpy(blur_pool(IMAGES)))
    assert layer.count_params() == 0


def test_bad_input_is_refused():
    with pytest.raises(ValueError, match="size must be positive"):
        binomial_kernel(0)
    with pytest.raises(ValueError, match="kernel_size must be positive"):
        BlurPooling2D(0)
    with pytest.raises(ValueError, match="must be .batch, height, width, channels"):
        blur_pool(IMAGES[0])
    with pytest.raises(ValueError, match="padding must be"):
        blur_pool(IMAGES, padding="reflect")
