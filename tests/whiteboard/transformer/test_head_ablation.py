import keras
import numpy as np
import pytest
from keras import ops

from whiteboard.transformer import MultiHeadAttention, without_heads


@pytest.fixture
def x():
    return np.random.default_rng(0).normal(size=(2, 5, 8)).astype("float32")


@pytest.fixture
def layer(x):
    layer = MultiHeadAttention(num_heads=3, key_dim=4)
    layer.build(x.shape, x.shape)
    rng = np.random.default_rng(1)
    layer.set_weights([rng.normal(size=w.shape) for w in layer.get_weights()])
    return layer


def output(layer, x):
    return ops.convert_to_numpy(layer(x, x))


def test_the_output_is_the_bias_and_what_each_head_adds(layer, x):
    whole, bias = output(layer, x), ops.convert_to_numpy(layer.output_bias)
    with without_heads(layer, [0, 1, 2]):
        np.testing.assert_allclose(output(layer, x), np.zeros_like(x) + bias, atol=1e-6)
    alone = []
    for head in range(3):
        with without_heads(layer, {0, 1, 2} - {head}):
            alone.append(output(layer, x) - bias)
    np.testing.assert_allclose(sum(alone) + bias, whole, atol=1e-4)
    with without_heads(layer, [1]):
        np.testing.assert_allclose(output(layer, x), whole - alone[1], atol=1e-4)


@pytest.mark.parametrize("heads", [[], [0], [0, 0, 2]])
def test_weights_are_restored(layer, heads):
    before = [weight.copy() for weight in layer.get_weights()]
    with pytest.raises(RuntimeError), without_heads(layer, heads):
        zero = [not head.any() for head in layer.get_weights()[6]]
        assert zero == [head in heads for head in range(3)]
        raise RuntimeError
    for old, new in zip(before, layer.get_weights(), strict=True):
        np.testing.assert_array_equal(old, new)


def test_a_compiled_model_sees_the_change(layer, x):
    inputs = keras.Input(x.shape[1:])
    model = keras.Model(inputs, layer(inputs, inputs))
    whole = model.predict(x, verbose=0)
    with without_heads(layer, [0]):
        assert np.abs(model.predict(x, verbose=0) - whole).max() > 0.1
    np.testing.assert_array_equal(model.predict(x, verbose=0), whole)


@pytest.mark.parametrize("heads", [[3], [-1], [0.5]])
def test_no_such_head(layer, heads):
    message = f"heads must be numbers from 0 to 2. Received: heads=.{heads[0]}"
    with pytest.raises(ValueError, match=message), without_heads(layer, heads):
        pass


def test_a_layer_that_is_not_built():
    removed = without_heads(MultiHeadAttention(2, 4, name="fresh"), [0])
    with pytest.raises(ValueError, match="built. Received: layer=fresh"), removed:
        pass
