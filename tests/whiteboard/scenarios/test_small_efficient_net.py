import keras
import numpy as np
import pytest

from whiteboard.scenarios import SmallEfficientNet, inverted_bottleneck


def block(channels=4, **arguments):
    inputs = keras.Input((8, 8, channels))
    return keras.Model(inputs, inverted_bottleneck(inputs, **arguments))


def test_parameters_are_those_of_its_parts():
    c, f, wide = 4, 6, 16
    convolutions = c * wide + 9 * wide + wide * f
    squeeze = wide * 1 + 1 + 1 * wide + wide
    statistics = 4 * (wide + wide + f)
    count = block(filters=6).count_params()
    assert count == convolutions + squeeze + statistics


def test_it_adds_its_input_where_the_shapes_agree():
    x = np.random.default_rng(7).normal(size=(2, 8, 8, 4)).astype("float32")
    same = block(filters=4)
    projection = [layer for layer in same.layers if layer.name.startswith("conv2d")][-1]
    projection.set_weights([0 * w for w in projection.get_weights()])
    np.testing.assert_allclose(keras.ops.convert_to_numpy(same(x)), x, atol=1e-6)
    assert block(filters=4, strides=2).output_shape == (None, 4, 4, 4)


def test_the_network_trains_and_takes_any_size():
    model = SmallEfficientNet((None, None, 1), filters=(4, 6))
    x = np.zeros((4, 12, 12, 1), "float32")
    model.compile("adam", "sparse_categorical_crossentropy")
    loss = model.fit(x, np.array([0, 1, 0, 1]), verbose=0).history["loss"]
    assert np.isfinite(loss).all() and model(x).shape == (4, 2)


@pytest.mark.parametrize("filters", [(), (0,), (4, -1)])
def test_bad_filters_are_refused(filters):
    with pytest.raises(ValueError, match="filters must"):
        SmallEfficientNet((24, 24, 1), filters)
