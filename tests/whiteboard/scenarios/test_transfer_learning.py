import keras
import numpy as np
import pytest

from whiteboard.cnn import SmallConvNet
from whiteboard.scenarios import fine_tune, with_new_head


@pytest.fixture
def task():
    rng = np.random.default_rng(7)
    return rng.normal(size=(32, 8, 8, 1)).astype("float32"), rng.integers(0, 2, 32)


def backbone():
    return SmallConvNet((8, 8, 1), filters=(3, 4), classes=5)


def test_the_new_head_stands_on_the_same_features():
    source = backbone()
    model = with_new_head(source, "pool", classes=2)
    x = np.random.default_rng(7).normal(size=(3, 8, 8, 1)).astype("float32")
    features = keras.Model(source.inputs[0], source.get_layer("pool").output)
    np.testing.assert_allclose(
        keras.ops.convert_to_numpy(model.get_layer("backbone")(x)),
        keras.ops.convert_to_numpy(features(x)),
        atol=1e-6,
    )
    assert [tuple(v.shape) for v in model.trainable_variables] == [(4, 2), (2,)]


def test_frozen_means_frozen_and_fine_tuning_thaws(task):
    source = backbone()
    before = source.get_weights()
    model = with_new_head(source, "pool", classes=2)
    model.compile("adam", "sparse_categorical_crossentropy")
    model.fit(*task, epochs=1, verbose=0)
    frozen = model.get_layer("backbone").get_weights()
    for a, b in zip(before[:4], frozen, strict=True):
        np.testing.assert_array_equal(a, b)
    assert fine_tune(model, *task, learning_rate=0.01, epochs=1) is model
    assert not np.array_equal(model.get_layer("backbone").get_weights()[0], frozen[0])
    for a, b in zip(before, source.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)


def test_batch_statistics_stay_when_the_backbone_thaws(task):
    inputs = keras.Input((8, 8, 1))
    x = keras.layers.BatchNormalization(name="norm")(inputs)
    x = keras.layers.GlobalMaxPooling2D(name="pool")(x)
    model = with_new_head(keras.Model(inputs, x), "pool", classes=2)
    fine_tune(model, *task, learning_rate=0.01, epochs=1)
    norm = model.get_layer("backbone").get_layer("norm")
    moving_mean = keras.ops.convert_to_numpy(norm.moving_mean)
    np.testing.assert_array_equal(moving_mean, [0])


def test_bad_layers_are_refused():
    with pytest.raises(ValueError, match="Received: layer_name='top'"):
        with_new_head(backbone(), "top", classes=2)
    with pytest.raises(ValueError, match="features .* Received: layer_name='conv2'"):
        with_new_head(backbone(), "conv2", classes=2)
    with pytest.raises(ValueError, match="backbone"):
        fine_tune(backbone(), np.zeros((1, 8, 8, 1)), [0], 0.1, 1)
