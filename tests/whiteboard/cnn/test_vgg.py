import keras
import pytest
from architecture_contract import (
    check_agrees_with_application,
    check_refuses_bad_arguments,
    check_saves_and_loads,
    check_trains_in_mixed_precision,
)

from whiteboard.cnn import VGG16, VGG19


@pytest.mark.parametrize(
    ("builder", "parameters", "convolutions"),
    [(VGG16, 138_357_544, 13), (VGG19, 143_667_240, 16)],
)
def test_has_the_layers_of_the_paper(builder, parameters, convolutions):
    model = builder()
    kinds = [type(layer).__name__ for layer in model.layers]
    assert model.count_params() == parameters
    assert kinds.count("Conv2D") == convolutions
    assert kinds.count("Dense") == 3
    assert {
        x.kernel_size for x in model.layers if isinstance(x, keras.layers.Conv2D)
    } == {(3, 3)}


@pytest.mark.parametrize("name", ["VGG16", "VGG19"])
def test_agrees_with_keras(name):
    builder = {"VGG16": VGG16, "VGG19": VGG19}[name]
    application = getattr(keras.applications, name)(
        weights=None, input_shape=(48, 32, 3), classes=5
    )
    check_agrees_with_application(builder((48, 32, 3), classes=5), application)


def test_trains_in_mixed_precision():
    check_trains_in_mixed_precision(VGG16, (32, 32, 3))


def test_saves_and_loads(tmp_path):
    check_saves_and_loads(VGG16, (32, 32, 3), tmp_path)


def test_bad_arguments_are_refused():
    check_refuses_bad_arguments(VGG16, min_size=32, any_size=False)
