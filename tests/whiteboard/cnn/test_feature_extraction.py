import keras
import numpy as np
import pytest

from whiteboard.cnn import LeNet5, feature_maps


def test_maps_are_those_of_the_model():
    model = LeNet5()
    images = np.random.default_rng(0).normal(size=(2, 32, 32, 1)).astype("float32")
    maps = feature_maps(model, ["c1", "s4", "predictions"])(images)
    x = images
    for layer in model.layers[1:]:
        x = layer(x)
        if layer.name in maps:
            expected = keras.ops.convert_to_numpy(x)
            actual = keras.ops.convert_to_numpy(maps[layer.name])
            np.testing.assert_allclose(actual, expected, atol=1e-6)
    assert set(maps) == {"c1", "s4", "predictions"}


def test_shares_the_weights():
    model = LeNet5()
    maps = feature_maps(model, ["c1"])
    model.get_layer("c1").set_weights([np.zeros((5, 5, 1, 6)), np.ones(6)])
    c1 = keras.ops.convert_to_numpy(maps(np.zeros((1, 32, 32, 1)))["c1"])
    np.testing.assert_allclose(c1, np.full((1, 28, 28, 6), np.tanh(1)), rtol=1e-6)


def test_takes_a_sequential_model():
    layers = [keras.Input((3,)), keras.layers.Dense(2, name="hidden")]
    model = keras.Sequential(layers)
    assert feature_maps(model, ["hidden"])(np.zeros((1, 3)))["hidden"].shape == (1, 2)


def test_unknown_name_is_refused():
    with pytest.raises(ValueError, match="image, c1, s2.*Received: c9"):
        feature_maps(LeNet5(), ["c1", "c9"])
