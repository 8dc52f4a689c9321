import keras
import numpy as np
import pytest
from keras import ops

from whiteboard.transformer import (
    EncoderBlock,
    MultiHeadAttention,
    attention_maps,
    plot_attention_weights,
)


class Encoder(keras.Model):
    """Subclassed, with its attention two levels down and built at the first call."""

    def __init__(self):
        super().__init__(name="encoder")
        self.first = EncoderBlock(num_heads=2, mlp_dim=8, name="first")
        self.second = EncoderBlock(num_heads=4, mlp_dim=8, name="second")

    def call(self, inputs):
        return self.second(self.first(inputs))


@pytest.fixture
def x():
    return np.random.default_rng(0).normal(size=(3, 5, 8)).astype("float32")


def functional(layer, **call_arguments):
    inputs = keras.Input((5, 8))
    return keras.Model(inputs, layer(inputs, inputs, **call_arguments))


@pytest.mark.parametrize("dropout", [0.0, 0.5])
def test_equals_what_the_layer_returns_when_asked(x, dropout):
    layer = MultiHeadAttention(2, 4, dropout=dropout, name="attention")
    model = functional(layer, use_causal_mask=True)
    _, expected = layer(x, x, use_causal_mask=True, return_attention_scores=True)
    maps = attention_maps(model, x)
    assert list(maps) == ["attention"]
    np.testing.assert_allclose(maps["attention"], ops.convert_to_numpy(expected))


def test_equals_the_maps_of_keras(x):
    layer = MultiHeadAttention(2, 4, name="attention")
    model = functional(layer)
    builtin = keras.layers.MultiHeadAttention(2, 4)
    builtin.build(x.shape, x.shape)
    builtin.set_weights(layer.get_weights())
    _, expected = builtin(x, x, return_attention_scores=True)
    maps = attention_maps(model, x)
    expected = ops.convert_to_numpy(expected)
    np.testing.assert_allclose(maps["attention"], expected, atol=1e-5)


def test_layers_deep_inside_in_the_order_of_the_calls(x):
    model = Encoder()
    model(x)
    maps = attention_maps(model, x)
    first, second = maps
    assert "first" in first and "second" in second
    assert maps[first].shape == (3, 2, 5, 5) and maps[second].shape == (3, 4, 5, 5)
    for weights in maps.values():
        np.testing.assert_allclose(weights.sum(axis=-1), 1, atol=1e-6)


def test_a_shared_layer_has_an_entry_for_each_call(x):
    layer = MultiHeadAttention(2, 4, name="shared")
    inputs = keras.Input((5, 8))
    once = layer(inputs, inputs)
    maps = attention_maps(keras.Model(inputs, layer(once, once)), x)
    assert list(maps) == ["shared", "shared#2"]
    assert np.abs(maps["shared"] - maps["shared#2"]).max() > 1e-4


def test_a_layer_that_returns_its_scores_and_a_cache_still_does(x):
    class Step(keras.Model):
        def __init__(self):
            super().__init__()
            self.attention = MultiHeadAttention(2, 4)

        def call(self, inputs):
            self.returned = self.attention(
                inputs,
                inputs,
                return_attention_scores=True,
                cache=self.attention.empty_cache(3, 6),
                cache_index=0,
            )
            return self.attention(inputs, inputs)

    model = Step()
    model(x)
    first, second = attention_maps(model, x).values()
    shapes = [tuple(tensor.shape) for tensor in model.returned]
    assert shapes == [(3, 5, 8), (3, 2, 5, 6), (3, 2, 2, 6, 4)]
    assert first.shape == (3, 2, 5, 6) and second.shape == (3, 2, 5, 5)


def test_the_model_stays_as_it_is(x):
    call, model = MultiHeadAttention.call, Encoder()
    before = ops.convert_to_numpy(model(x))
    attention_maps(model, x)
    assert MultiHeadAttention.call is call
    np.testing.assert_array_equal(ops.convert_to_numpy(model(x)), before)
    with pytest.raises(Exception, match="shape|rank|axes|expected"):
        attention_maps(model, x[0])
    assert MultiHeadAttention.call is call


def test_a_map_can_be_drawn(x):
    model = Encoder()
    model(x)
    maps = attention_maps(model, x)
    figure = plot_attention_weights(next(iter(maps.values()))[0], list("abcde"))
    assert "Head 2 looks most" in figure.get_label()


def test_a_model_that_is_not_built_is_refused(x):
    with pytest.raises(ValueError, match="call it once. Received: model=encoder"):
        attention_maps(Encoder(), x)


def test_a_model_without_attention_is_refused(x):
    model = keras.Sequential([keras.Input((5, 8)), keras.layers.Dense(2)], name="plain")
    with pytest.raises(ValueError, match="Received: model=plain, which calls none"):
        attention_maps(model, x)
