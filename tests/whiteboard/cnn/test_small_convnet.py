import keras
import numpy as np
import pytest

from whiteboard.cnn import SmallConvNet


def test_parameters_and_layers():
    model = SmallConvNet((8, 8, 1))
    assert model.count_params() == (9 * 16 + 16) + (9 * 16 * 32 + 32) + (32 * 10 + 10)
    names = [layer.name for layer in model.layers]
    assert names == ["image", "conv1", "pool1", "conv2", "pool", "predictions"]


def test_takes_images_of_any_size():
    model = SmallConvNet((None, None, 3), filters=(4, 5, 6), classes=7)
    for size in [(4, 4), (32, 57)]:
        probabilities = keras.ops.convert_to_numpy(model(np.ones((2, *size, 3))))
        assert probabilities.shape == (2, 7)
        np.testing.assert_allclose(probabilities.sum(axis=1), 1, atol=1e-5)


def test_a_move_by_the_stride_changes_nothing_away_from_the_border():
    model = SmallConvNet((16, 16, 1))
    image = np.zeros((1, 16, 16, 1), "float32")
    image[0, 5:8, 5:8, 0] = np.random.default_rng(0).uniform(size=(3, 3))
    moved = np.roll(image, (2, 2), axis=(1, 2))
    before, after = (keras.ops.convert_to_numpy(model(x)) for x in (image, moved))
    np.testing.assert_allclose(before, after, atol=1e-6)


def test_learns():
    keras.utils.set_random_seed(0)
    rng = np.random.default_rng(0)
    x = rng.uniform(size=(256, 8, 8, 1)).astype("float32")
    y = rng.integers(0, 2, size=256)
    x[y == 1, :, 4] = 1  # a line
    model = SmallConvNet((8, 8, 1), filters=(8, 8), classes=2)
    adam = keras.optimizers.Adam(0.01)
    model.compile(adam, "sparse_categorical_crossentropy", metrics=["accuracy"])
    history = model.fit(x, y, 32, epochs=15, verbose=0)
    assert history.history["accuracy"][-1] > 0.9


@pytest.mark.parametrize("filters", [(), (16, 0), (-1,)])
def test_bad_filters_are_refused(filters):
    with pytest.raises(ValueError, match="filters must be numbers of at least 1"):
        SmallConvNet((8, 8, 1), filters)


@pytest.mark.parametrize("input_shape", [(1, 8, 1), (8, 8), (8, 8, 0)])
def test_bad_shape_is_refused(input_shape):
    with pytest.raises(ValueError, match="input_shape must be.*Received"):
        SmallConvNet(input_shape)
