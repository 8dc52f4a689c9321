import keras
import numpy as np
import pytest

from whiteboard.fundamentals import BatchNormalization, normalized_mlp


def names(model):
    return [type(layer).__name__ for layer in model.layers]


def test_layers_stand_in_the_order_of_the_paper():
    model = normalized_mlp(BatchNormalization, depth=2, width=5, inputs=3, classes=4)
    block = ["Dense", "BatchNormalization", "ReLU"]
    assert names(model) == ["InputLayer", *block, *block, "Dense"]
    shapes = [w.shape for w in model.trainable_weights if w.name == "kernel"]
    assert shapes == [(3, 5), (5, 5), (5, 4)]


def test_outputs_are_probabilities():
    model = normalized_mlp(depth=1)
    outputs = model.predict(np.ones((3, 64)), verbose=0)
    np.testing.assert_allclose(outputs.sum(axis=1), np.ones(3), rtol=1e-5)


def test_layers_start_with_different_kernels():
    kernel = keras.initializers.VarianceScaling(2.0)
    model = normalized_mlp(depth=3, kernel_initializer=kernel)
    second, third = (model.layers[i].get_weights()[0] for i in (3, 5))
    assert not np.allclose(second, third)


@pytest.mark.parametrize("name", ["depth", "width", "inputs", "classes"])
def test_bad_size_is_refused(name):
    with pytest.raises(ValueError, match=f"Received: {name}=0"):
        normalized_mlp(**{name: 0})
