import keras
import numpy as np
import pytest

from whiteboard.cnn import receptive_fields
from whiteboard.fundamentals import value_and_gradients
from whiteboard.generative import patch_discriminator, unet_generator


@pytest.mark.parametrize(
    ("filters", "size"),
    [((64, 128), 16), ((64, 128, 256), 34), ((64, 128, 256, 512), 70)],
)
def test_patches_have_the_size_of_the_paper(filters, size):
    model = patch_discriminator((256, 256, 3), filters, conditional=False)
    assert receptive_fields(model)[-1].size == size


def test_it_judges_images_of_any_size():
    model = patch_discriminator((None, None, 1), (4, 4, 4))
    x = np.ones((2, 24, 16, 1), "float32")
    assert model([x, x]).shape == (2, 6, 4, 1)


@pytest.mark.parametrize("filters", [(6,), (6, 8)])
def test_unet_keeps_the_shape_and_uses_each_weight(filters):
    model = unet_generator((8, 16, 2), filters)
    x = np.random.default_rng(0).normal(size=(2, 8, 16, 2)).astype("float32")
    assert model(x).shape == (2, 8, 16, 2)
    assert np.abs(keras.ops.convert_to_numpy(model(x))).max() <= 1
    _, (gradient,) = value_and_gradients(lambda x: keras.ops.sum(model(x) ** 2), x)
    assert np.abs(gradient).min(axis=(1, 2)).max() > 0
    downs = [layer for layer in model.layers if type(layer).__name__ == "Conv2D"]
    assert [layer.filters for layer in downs[:-1]] == list(filters)


@pytest.mark.parametrize(
    ("shape", "filters"), [((8, 6, 1), (4, 4)), ((8, 8, 1), ()), ((7, 8, 1), (4,))]
)
def test_unet_steps_must_fit_the_image(shape, filters):
    with pytest.raises(ValueError, match="multiples of 2..len.filters"):
        unet_generator(shape, filters)


def test_bad_filters_are_refused():
    with pytest.raises(ValueError, match="filters must not be empty"):
        patch_discriminator((8, 8, 1), ())
    with pytest.raises(ValueError, match="must be positive"):
        patch_discriminator((8, 8, 1), (4, 0))
