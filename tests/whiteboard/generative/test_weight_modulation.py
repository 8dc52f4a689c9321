import keras
import numpy as np
import pytest

from whiteboard.generative import ModulatedConv2D, modulated_convolution


def to_numpy(tensor):
    return keras.ops.convert_to_numpy(tensor)


def normal(*shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape).astype("float32")


def test_it_is_a_convolution_by_each_images_own_kernel():
    """As the paper writes it: modulate, demodulate, convolve image by image."""
    x, kernel, scale = normal(3, 6, 7, 4), normal(3, 3, 4, 5, seed=1), normal(3, 4)
    mine = to_numpy(modulated_convolution(x, kernel, scale))
    for image, style, result in zip(x, scale, mine, strict=True):
        own = kernel * style[:, None]
        own = own / np.sqrt((own**2).sum(axis=(0, 1, 2)) + 1e-8)
        expected = keras.ops.conv(image[None], own, padding="same")
        np.testing.assert_allclose(result, to_numpy(expected)[0], atol=1e-5)


def test_white_inputs_keep_their_variance_whatever_the_style():
    x, kernel = normal(4, 64, 64, 16), normal(3, 3, 16, 8, seed=1)
    for factor in (0.01, 1, 100):
        style = factor * np.exp(normal(4, 16))
        y = to_numpy(modulated_convolution(x, kernel, style.astype("float32")))
        inside = y[:, 1:-1, 1:-1]
        np.testing.assert_allclose(inside.std(axis=(1, 2)), 1, atol=0.1)


def test_a_style_of_zeros_gives_zeros():
    x, kernel = normal(1, 4, 4, 2), normal(3, 3, 2, 2)
    y = modulated_convolution(x, kernel, np.zeros((1, 2), "float32"))
    assert not to_numpy(y).any()


@pytest.mark.parametrize("name", ["filters", "kernel_size"])
def test_sizes_must_be_positive(name):
    with pytest.raises(ValueError, match=f"{name} must be positive"):
        ModulatedConv2D(**{"filters": 3, name: 0})
