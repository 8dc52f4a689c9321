import keras
import numpy as np
import pytest

from whiteboard.datasets import load_digit_images
from whiteboard.generative import build_digit_classifier, load_digit_classifier


def test_the_shipped_classifier_knows_the_test_digits():
    (_, _), (images, labels) = load_digit_images()
    outputs = load_digit_classifier().predict(images, verbose=0)
    assert outputs["pool"].shape == (450, 32)
    assert outputs["predictions"].shape == (450, 10)
    assert (outputs["predictions"].argmax(axis=1) == labels).mean() > 0.98
    np.testing.assert_allclose(outputs["predictions"].sum(axis=1), 1, atol=1e-5)
    assert (outputs["pool"].std(axis=0) > 0.01).sum() >= 24


def test_two_loads_agree_and_differ_from_an_untrained_network():
    images = np.random.default_rng(0).uniform(size=(4, 8, 8, 1)).astype("float32")
    models = load_digit_classifier(), load_digit_classifier(), build_digit_classifier()
    first, again, untrained = (
        keras.ops.convert_to_numpy(model(images)["pool"]) for model in models
    )
    assert np.array_equal(first, again)
    assert np.abs(first - untrained).max() > 0.1


@pytest.mark.parametrize("shape", [(2, 16, 16, 1), (2, 8, 8, 3), (2, 64)])
def test_images_of_another_shape(shape):
    with pytest.raises(ValueError, match=r"shape|ndim"):
        load_digit_classifier()(np.zeros(shape, "float32"))
