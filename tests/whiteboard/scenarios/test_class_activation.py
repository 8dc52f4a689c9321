import keras
import numpy as np
import pytest
from keras import layers, ops

from whiteboard.cnn import SmallConvNet
from whiteboard.scenarios import grad_cam


def linear_head(activation=None):
    """Maps, their mean, one matrix: the gradient can be written down."""
    inputs = keras.Input((8, 8, 1))
    maps = layers.Conv2D(3, 3, padding="same", name="maps")(inputs)
    pooled = layers.GlobalAveragePooling2D(name="pool")(maps)
    return keras.Model(inputs, layers.Dense(4, activation, name="head")(pooled))


@pytest.mark.parametrize("activation", [None, "softmax"])
@pytest.mark.parametrize("class_index", [0, 3])
def test_on_a_linear_head_the_weights_are_those_of_the_head(activation, class_index):
    """Zhou et al. 2016: behind a mean, Grad-CAM is CAM over the number of places."""
    model = linear_head(activation)
    images = np.random.default_rng(7).normal(size=(5, 8, 8, 1)).astype("float32")
    maps = ops.convert_to_numpy(model.get_layer("maps")(images))
    kernel = ops.convert_to_numpy(model.get_layer("head").kernel)
    expected = np.maximum(maps @ kernel[:, class_index] / 64, 0)
    found = grad_cam(model, images, "maps", class_index)
    np.testing.assert_allclose(found, expected, atol=1e-6)


def test_the_gradient_is_that_of_finite_differences():
    model = SmallConvNet((8, 8, 1), filters=(3, 4), classes=2)
    images = np.random.default_rng(7).normal(size=(2, 8, 8, 1)).astype("float32")
    maps = ops.convert_to_numpy(
        keras.Model(model.inputs[0], model.get_layer("conv2").output)(images)
    )
    kernel = ops.convert_to_numpy(model.layers[-1].kernel)[:, 1]
    # Behind a global maximum, the gradient is the kernel at the place of the maximum.
    expected = np.maximum((maps * kernel).sum(axis=-1) / 16, 0)
    found = grad_cam(model, images, "conv2", 1)
    resized = ops.image.resize(expected[..., None], (8, 8), data_format="channels_last")
    np.testing.assert_allclose(found, ops.convert_to_numpy(resized)[..., 0], atol=1e-6)


def test_a_sure_model_still_has_a_map():
    """The gradient of a probability of 1 is 0; that of the score is not."""
    model = linear_head("softmax")
    head = model.get_layer("head")
    kernel = np.abs(head.get_weights()[0]) * [0, 0, 0, 1]
    head.set_weights([kernel, np.array([0, 0, 0, 1000.0])])
    images = np.random.default_rng(7).normal(size=(3, 8, 8, 1)).astype("float32")
    assert ops.convert_to_numpy(model(images))[:, 3].min() == 1
    assert grad_cam(model, images, "maps", 3).max() > 0


@pytest.mark.parametrize(
    ("layer_name", "class_index", "message"),
    [
        ("conv9", 0, "layer_names must be names of layers"),
        ("pool", 0, "layer_name must be a layer that puts out maps"),
        ("maps", 4, "class_index must be from 0 to 3. Received: class_index=4"),
        ("maps", -1, "class_index must be from 0 to 3. Received: class_index=-1"),
    ],
)
def test_bad_arguments_are_refused(layer_name, class_index, message):
    with pytest.raises(ValueError, match=message):
        grad_cam(linear_head(), np.zeros((1, 8, 8, 1)), layer_name, class_index)


def test_a_model_without_a_dense_end_is_refused():
    inputs = keras.Input((8, 8, 1))
    model = keras.Model(inputs, layers.Conv2D(2, 3, name="maps")(inputs))
    with pytest.raises(ValueError, match="model must end in a Dense layer"):
        grad_cam(model, np.zeros((1, 8, 8, 1)), "maps", 0)
