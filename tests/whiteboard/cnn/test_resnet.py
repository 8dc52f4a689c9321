import functools

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
    trainable_parameters,
)

from whiteboard.cnn import (
    ResNet18,
    ResNet34,
    ResNet50,
    ResNet101,
    ResNet152,
    basic_convolutions,
    bottleneck_convolutions,
    feature_maps,
    residual_unit,
)

SMALL = (32, 32, 3)


def names(model, kind):
    return [layer.name for layer in model.layers if isinstance(layer, kind)]


@pytest.mark.parametrize(
    ("builder", "parameters"),
    [
        (ResNet18, 11_689_512),
        (ResNet34, 21_797_672),
        (functools.partial(ResNet50, use_bias=False), 25_557_032),
    ],
)
def test_has_the_trainable_parameters_of_torchvision(builder, parameters):
    assert trainable_parameters(builder(SMALL)) == parameters


@pytest.mark.parametrize(
    ("builder", "depth", "parameters"),
    [(ResNet101, 101, 44_707_176), (ResNet152, 152, 60_419_944)],
)
def test_has_the_parameters_of_keras(builder, depth, parameters):
    model = builder(SMALL)
    assert model.count_params() == parameters
    convolutions = names(model, keras.layers.Conv2D)
    projections = [name for name in convolutions if "shortcut" in name]
    assert len(projections) == 4
    assert len(convolutions) - len(projections) + 1 == depth


def test_agrees_with_keras():
    shape = (96, 64, 3)
    application = keras.applications.ResNet50(
        weights=None, input_shape=shape, classes=5
    )
    check_agrees_with_application(ResNet50(shape, classes=5), application, gain=1.0)


@pytest.mark.parametrize(
    "convolutions", [basic_convolutions(16), bottleneck_convolutions(4)]
)
@pytest.mark.parametrize("strides", [1, 2])
@pytest.mark.parametrize("channels", [16, 8])
def test_unit_adds_its_input_before_the_last_relu(convolutions, strides, channels):
    filters, kernel_size, _ = convolutions[0]
    convolutions = [(filters, kernel_size, strides), *convolutions[1:]]
    inputs = keras.Input((7, 8, channels))
    unit = keras.Model(inputs, residual_unit(inputs, convolutions, False, "unit"))
    unit.set_weights(random_weights(unit))
    assert unit.output_shape == (None, -(-7 // strides), 8 // strides, 16)

    x = random_images(2, 7, 8, channels)
    last = f"unit_{len(convolutions)}_bn"
    projected = [n for n in names(unit, keras.layers.Layer) if n == "unit_shortcut_bn"]
    assert bool(projected) == (strides == 2 or channels != 16)
    maps = {
        name: to_numpy(value)
        for name, value in feature_maps(unit, [last, *projected, "unit_out"])(x).items()
    }
    shortcut = maps["unit_shortcut_bn"] if projected else x
    expected = np.maximum(shortcut + maps[last], 0)
    np.testing.assert_allclose(maps["unit_out"], expected, atol=1e-6)
    wrong = shortcut + np.maximum(maps[last], 0)
    assert np.abs(maps["unit_out"] - wrong).max() > 0.1
    assert np.abs(maps["unit_out"] - np.maximum(maps[last], 0)).max() > 0.1


def test_strided_convolution_is_padded_on_all_sides():
    """As in the paper and torch: it commutes with a flip of an image of odd size."""
    inputs = keras.Input((9, 9, 4))
    unit = keras.Model(
        inputs, residual_unit(inputs, basic_convolutions(8, 2), False, "unit")
    )
    assert unit.output_shape == (None, 5, 5, 8)
    even = keras.Input((8, 8, 4))
    unit = keras.Model(
        even, residual_unit(even, basic_convolutions(8, 2), False, "unit")
    )
    corner = np.zeros((1, 8, 8, 4), "float32")
    corner[0, 0, 0] = 1
    seen = to_numpy(feature_maps(unit, ["unit_1_conv"])(corner)["unit_1_conv"])
    kernel = unit.get_layer("unit_1_conv").get_weights()[0]
    np.testing.assert_allclose(seen[0, 0, 0], kernel[1, 1].sum(axis=0), atol=1e-6)


def test_the_stride_may_stand_on_the_3x3():
    late = ResNet50(SMALL, stride_on_3x3=True)
    strided = [x for x in late.layers if isinstance(x, keras.layers.Conv2D)]
    strided = [x for x in strided if x.strides == (2, 2) and "shortcut" not in x.name]
    assert [x.kernel_size[0] for x in strided] == [7, 3, 3, 3]
    assert late.count_params() == 25_636_712


def test_takes_images_of_any_size():
    model = ResNet18((None, None, 1), classes=4)
    for size in [(32, 32), (33, 57), (64, 40)]:
        probabilities = to_numpy(model(random_images(2, *size, 1)))
        np.testing.assert_allclose(probabilities.sum(axis=1), np.ones(2), atol=1e-5)


def test_bias_before_batch_norm_changes_nothing_in_training():
    inputs = keras.Input((6, 6, 4))
    unit = keras.Model(
        inputs, residual_unit(inputs, bottleneck_convolutions(4), True, "unit")
    )
    images = random_images(2, 6, 6, 4)
    before = to_numpy(unit(images, training=True))
    for layer in unit.layers:
        if isinstance(layer, keras.layers.Conv2D):
            layer.bias.assign(np.ones(layer.bias.shape))
    np.testing.assert_allclose(to_numpy(unit(images, training=True)), before, atol=1e-4)


def test_trains_in_mixed_precision():
    check_trains_in_mixed_precision(ResNet18, (64, 64, 3))


def test_saves_and_loads(tmp_path):
    check_saves_and_loads(ResNet18, SMALL, tmp_path)


def test_bad_arguments_are_refused():
    check_refuses_bad_arguments(ResNet18, min_size=32, any_size=True)
