import keras
import numpy as np
import pytest

from whiteboard.generative import (
    load_trained_weights,
    save_trained_weights,
    trained_weights,
)


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.setattr(trained_weights, "WEIGHTS", tmp_path)
    return tmp_path


def small_model(units=3):
    return keras.Sequential(
        [
            keras.Input((2,)),
            keras.layers.Dense(units),
            keras.layers.BatchNormalization(),
        ]
    )


def test_weights_come_back(folder):
    model, other = small_model(), small_model()
    model.set_weights([w + 0.5 for w in model.get_weights()])
    path = save_trained_weights(model, "small")
    assert path == folder / "small.npz" and [*folder.iterdir()] == [path]
    assert load_trained_weights(other, "small") is other
    for got, expected in zip(other.get_weights(), model.get_weights(), strict=True):
        np.testing.assert_array_equal(got, expected)


def test_more_than_ten_arrays_keep_their_order():
    layers = [keras.layers.Dense(2) for _ in range(7)]
    model = keras.Sequential([keras.Input((2,)), *layers])
    model.set_weights([w * 0 + i for i, w in enumerate(model.get_weights())])
    save_trained_weights(model, "deep")
    loaded = load_trained_weights(keras.models.clone_model(model), "deep")
    assert [w.flat[0] for w in loaded.get_weights()] == list(range(14))


def test_saving_again_replaces(folder):
    model = small_model()
    save_trained_weights(model, "small")
    model.set_weights([w + 1 for w in model.get_weights()])
    save_trained_weights(model, "small")
    assert len([*folder.iterdir()]) == 1
    loaded = load_trained_weights(small_model(), "small").get_weights()
    np.testing.assert_array_equal(loaded[0], model.get_weights()[0])


def test_unknown_names_are_refused():
    save_trained_weights(small_model(), "small")
    with pytest.raises(ValueError, match=r"one of \['small'\]. Received: name='large'"):
        load_trained_weights(small_model(), "large")


def test_weights_of_another_architecture_are_refused():
    save_trained_weights(small_model(3), "small")
    model = small_model(4)
    before = model.get_weights()
    with pytest.raises(ValueError, match=r"must have the weights of 'small'.*\(2, 4\)"):
        load_trained_weights(model, "small")
    np.testing.assert_array_equal(model.get_weights()[0], before[0])
