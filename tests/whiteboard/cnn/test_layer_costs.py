import keras
import numpy as np
import pytest
from keras import layers, ops

from whiteboard import cnn
from whiteboard.cnn import count_flops


def cost(layer, shape, calls=1):
    inputs = outputs = keras.Input(shape)
    for _ in range(calls):
        outputs = layer(outputs)
    return count_flops(keras.Model(inputs, outputs))


@pytest.mark.parametrize(
    "layer, shape, expected",
    [
        (layers.Conv2D(8, 3), (10, 12, 4), 8 * 10 * 9 * 4 * 8),
        (layers.Conv2D(8, 3, strides=2, padding="same"), (10, 12, 4), 30 * 9 * 4 * 8),
        (layers.Conv2D(8, 3, dilation_rate=2), (10, 12, 4), 6 * 8 * 9 * 4 * 8),
        (layers.Conv2D(8, (1, 3), groups=4), (10, 12, 4), 10 * 10 * 3 * 8),
        (layers.Conv2D(8, 3, use_bias=False), (10, 12, 4), 8 * 10 * 9 * 4 * 8),
        (layers.DepthwiseConv2D(3, depth_multiplier=2), (10, 12, 4), 80 * 9 * 8),
        (layers.SeparableConv2D(8, 3), (10, 12, 4), 80 * (9 * 4 + 4 * 8)),
        (layers.Conv2DTranspose(8, 3, strides=2), (5, 6, 4), 30 * 9 * 4 * 8),
        (layers.Conv1D(8, 3), (10, 4), 8 * 3 * 4 * 8),
        (layers.Dense(8), (4,), 32),
        (layers.Dense(8), (10, 4), 320),
        (layers.SimpleRNN(8), (10, 4), 10 * (4 + 8) * 8),
        (layers.LSTM(8), (10, 4), 10 * 4 * (4 + 8) * 8),
        (layers.GRU(8), (10, 4), 10 * 3 * (4 + 8) * 8),
        (layers.Bidirectional(layers.GRU(8)), (10, 4), 2 * 10 * 3 * (4 + 8) * 8),
        (layers.MaxPooling2D(2), (10, 12, 4), 0),
        (layers.BatchNormalization(), (10, 12, 4), 0),
        (cnn.Conv2D(8, 3, groups=2), (10, 12, 4), 8 * 10 * 9 * 2 * 8),
        (cnn.DepthwiseConv2D(3), (10, 12, 4), 80 * 9 * 4),
        (cnn.SeparableConv2D(8, 3), (10, 12, 4), 80 * (9 * 4 + 4 * 8)),
    ],
)
def test_by_hand(layer, shape, expected):
    result = cost(layer, shape)
    assert result.multiply_adds == expected
    assert result.flops == 2 * expected
    assert result.parameters == layer.count_params()


def test_attention_by_hand():
    query, value = keras.Input((10, 8)), keras.Input((7, 6))
    layer = layers.MultiHeadAttention(2, key_dim=4, value_dim=3, output_shape=5)
    model = keras.Model([query, value], layer(query, value=value))
    projections = 10 * 8 * 8 + 7 * 6 * 8 + 7 * 6 * 6 + 10 * 6 * 5
    products = 2 * 10 * 7 * (4 + 3)
    assert count_flops(model).multiply_adds == projections + products


def published(name, **kwargs):
    model = getattr(keras.applications, name)(weights=None, **kwargs)
    return count_flops(model)


@pytest.mark.parametrize(
    "name, billions",
    [
        ("VGG16", 15.47),  # Canziani et al. 2016: about 15.5
        ("ResNet50", 3.86),  # He et al. 2016: 3.8; 4.1 with the stride in the 3x3
        ("MobileNet", 0.569),  # Howard et al. 2017: 569 million
        ("MobileNetV2", 0.300),  # Sandler et al. 2018: 300 million
        ("DenseNet121", 2.83),  # Huang et al. 2017, figure 3: 2.8
        ("ConvNeXtTiny", 4.46),  # Liu et al. 2022: 4.5
    ],
)
def test_published_multiply_adds(name, billions):
    assert published(name).multiply_adds == pytest.approx(billions * 1e9, rel=0.005)


def test_a_shared_layer_costs_per_call_and_is_stored_once():
    layer = layers.Dense(4)
    result = cost(layer, (4,), calls=3)
    assert [row.multiply_adds for row in result.layers] == [16] * 3
    assert (result.multiply_adds, result.parameters) == (48, 20)


def test_nested_models_are_counted_at_the_size_of_the_call():
    nested = keras.Sequential(
        [keras.Input((None, None, 3)), layers.Conv2D(3, 3, padding="same")]
    )
    result = cost(nested, (8, 8, 3), calls=2)
    assert result.multiply_adds == 2 * 64 * 81


def test_unknown_layers_are_refused_unless_a_rule_is_given():
    class Twice(layers.Layer):
        def build(self, shape):
            self.kernel = self.add_weight((shape[-1], 4), name="kernel")

        def call(self, x):
            return x @ self.kernel

    inputs = keras.Input((5,))
    model = keras.Model(inputs, Twice(name="mine")(inputs))
    with pytest.raises(ValueError, match=r"Received: Twice \(mine\)"):
        count_flops(model)
    rules = {"Twice": lambda layer, output, x: x.shape[-1] * output.shape[-1]}
    assert count_flops(model, rules).multiply_adds == 20


def test_products_of_tensors_are_refused():
    inputs = keras.Input((5, 5))
    with pytest.raises(ValueError, match="Received: Matmul"):
        count_flops(keras.Model(inputs, ops.matmul(inputs, inputs)))
    with pytest.raises(ValueError, match="Received: Dot"):
        count_flops(keras.Model(inputs, layers.Dot(1)([inputs, inputs])))


def test_an_unknown_size_is_refused():
    inputs = keras.Input((None, None, 3))
    with pytest.raises(ValueError, match="shape of the input must be known"):
        count_flops(keras.Model(inputs, layers.Conv2D(3, 3)(inputs)))


def test_prints_as_a_table():
    lines = str(cost(layers.Dense(4, name="dense"), (4,))).split("\n")
    assert lines[1].split() == ["dense", "4", "20", "16"]
    assert lines[2].split() == ["total", "20", "16"]
    assert len({len(line) for line in lines}) == 1


def test_counting_leaves_the_model_as_it_was():
    model = keras.Sequential([keras.Input((4,)), layers.Dense(4)])
    x = np.ones((2, 4), "float32")
    before = model.predict(x, verbose=0)
    count_flops(model)
    np.testing.assert_array_equal(model.predict(x, verbose=0), before)
    assert model.layers[0].output.shape == (None, 4)
