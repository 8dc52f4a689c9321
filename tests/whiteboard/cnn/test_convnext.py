import keras
import numpy as np
import pytest
from architecture_contract import (
    check_agrees_with_application,
    check_refuses_bad_arguments,
    check_saves_and_loads,
    check_trains_in_mixed_precision,
    random_images,
    random_weights,
    to_numpy,
)

from whiteboard.cnn import ConvNeXtTiny, LayerScale, convnext_block


def test_agrees_with_keras():
    shape = (64, 32, 3)
    application = keras.applications.ConvNeXtTiny(
        weights=None, input_shape=shape, classes=5, include_preprocessing=False
    )
    check_agrees_with_application(ConvNeXtTiny(shape, classes=5), application)


def test_has_the_parameters_of_keras():
    model = ConvNeXtTiny((32, 32, 3))
    kinds = [type(layer).__name__ for layer in model.layers]
    assert model.count_params() == 28_589_128
    assert kinds.count("DepthwiseConv2D") == kinds.count("LayerScale") == 3 + 3 + 9 + 3
    assert not any("Attention" in kind for kind in kinds)


def test_block_starts_near_the_identity():
    inputs = keras.Input((8, 9, 6))
    block = keras.Model(inputs, convnext_block(inputs, "block"))
    images = random_images(2, 8, 9, 6)
    np.testing.assert_allclose(to_numpy(block(images)), images, atol=1e-4)
    block.set_weights(random_weights(block))
    assert np.abs(to_numpy(block(images)) - images).max() > 0.1


def test_layer_scale_multiplies_each_channel():
    layer = LayerScale(0.5)
    images = random_images(2, 3, 3, 4)
    np.testing.assert_allclose(to_numpy(layer(images)), images / 2)
    layer.set_weights([np.arange(4)])
    np.testing.assert_allclose(to_numpy(layer(images)), images * np.arange(4))


def test_layer_scale_needs_known_channels():
    with pytest.raises(ValueError, match="known number of channels"):
        LayerScale().build((None, 4, 4, None))


def test_trains_in_mixed_precision():
    check_trains_in_mixed_precision(ConvNeXtTiny, (64, 64, 3))


def test_saves_and_loads(tmp_path):
    check_saves_and_loads(ConvNeXtTiny, (32, 32, 3), tmp_path)


def test_bad_arguments_are_refused():
    check_refuses_bad_arguments(ConvNeXtTiny, min_size=32, any_size=True)
