import keras
import numpy as np
import pytest
from architecture_contract import (
    check_agrees_with_application,
    check_refuses_bad_arguments,
    check_saves_and_loads,
    check_trains_in_mixed_precision,
    random_images,
    to_numpy,
)

from whiteboard.cnn import DenseNet121, dense_layer


@pytest.fixture(scope="module")
def model():
    return DenseNet121((64, 64, 3))


def test_has_the_layers_of_the_paper(model):
    convolutions = [x for x in model.layers if isinstance(x, keras.layers.Conv2D)]
    assert len(convolutions) + 1 == 121
    assert model.count_params() == 8_062_504
    widths = [
        model.get_layer(f"stage{i}_layer1_1_bn").input.shape[-1] for i in range(2, 6)
    ]
    assert widths == [64, 128, 256, 512]
    assert model.get_layer("final_relu").output.shape[1:] == (2, 2, 1024)


def test_agrees_with_keras():
    shape = (64, 32, 3)
    application = keras.applications.DenseNet121(
        weights=None, input_shape=shape, classes=5
    )
    check_agrees_with_application(DenseNet121(shape, classes=5), application)


def test_layer_keeps_what_it_read_and_appends():
    inputs = keras.Input((5, 6, 4))
    layer = keras.Model(inputs, dense_layer(inputs, 3, "layer"))
    images = random_images(2, 5, 6, 4)
    outputs = to_numpy(layer(images))
    assert outputs.shape == (2, 5, 6, 7)
    np.testing.assert_array_equal(outputs[..., :4], images)


def test_trains_in_mixed_precision():
    check_trains_in_mixed_precision(DenseNet121, (64, 64, 3))


def test_saves_and_loads(tmp_path):
    check_saves_and_loads(DenseNet121, (32, 32, 3), tmp_path)


def test_bad_arguments_are_refused():
    check_refuses_bad_arguments(DenseNet121, min_size=32, any_size=True)
