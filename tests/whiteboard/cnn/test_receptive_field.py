import keras
import numpy as np
import pytest
from keras import layers, ops

from whiteboard.cnn import Conv2D, MaxPooling2D, ReceptiveField, receptive_fields
from whiteboard.fundamentals import value_and_gradients


def chain(*layers, size=(32, 32)):
    return keras.Sequential([keras.Input((*size, 1)), *layers])


def seen_by(model, unit):
    """The interval of the rows whose pixels have a gradient to `unit` of a column."""
    for weight in model.weights:
        weight.assign(np.ones(weight.shape))
    column = model.output_shape[2] // 2
    images = np.random.default_rng(0).uniform(1, 2, (1, *model.input_shape[1:]))

    def output(images):
        return ops.sum(model(images)[0, unit, column])

    _, (gradient,) = value_and_gradients(output, images.astype("float32"))
    (rows,) = np.nonzero(np.abs(gradient[0]).sum(axis=(1, 2)))
    return rows.min(), rows.max() + 1


@pytest.mark.parametrize(
    "stack",
    [
        [layers.Conv2D(1, 3), layers.Conv2D(1, 3), layers.Conv2D(1, 3)],
        [layers.Conv2D(1, 3, strides=2, padding="same")] * 1
        + [layers.Conv2D(1, 5, strides=2, padding="same"), layers.Conv2D(1, 3)],
        [layers.Conv2D(1, 3, dilation_rate=2), layers.Conv2D(1, 3, dilation_rate=4)],
        [
            layers.Conv2D(1, (5, 1)),
            layers.AveragePooling2D(2),
            layers.Conv2D(1, (3, 1)),
        ],
        [layers.SeparableConv2D(1, 3), layers.DepthwiseConv2D(3, strides=2)],
        [layers.ZeroPadding2D(3), layers.Conv2D(1, 7, strides=2), layers.Conv2D(1, 3)],
        [Conv2D(1, 3, padding=2, dilation_rate=2), Conv2D(1, 4, strides=3)],
    ],
    ids=lambda stack: " ".join(type(layer).__name__ for layer in stack),
)
def test_agrees_with_the_gradient(stack):
    model = chain(*stack)
    field = receptive_fields(model)[-1]
    assert field.length == model.output_shape[1]
    for unit in (0, field.length // 2, field.length - 1):
        start = field.start + unit * field.jump
        inside = max(start, 0), min(start + field.size, 32)
        assert seen_by(model, unit) == inside


def test_branches_see_the_union():
    inputs = keras.Input((32, 32, 1))
    a = layers.Conv2D(1, 3, padding="same")(inputs)
    b = layers.Conv2D(1, 7, padding="same", name="wide")(inputs)
    model = keras.Model(inputs, layers.ReLU()(a + b + inputs))
    assert seen_by(model, 16) == (13, 20)
    *_, last = receptive_fields(model)
    assert (last.size, last.start, last.jump) == (7, -3, 1)


def test_axes_are_taken_by_themselves():
    model = chain(layers.Conv2D(1, (1, 7), strides=(1, 2)), size=(8, 20))
    height, width = (receptive_fields(model, axis)[-1] for axis in (0, 1))
    assert (height.size, height.jump, height.length) == (1, 1, 8)
    assert (width.size, width.jump, width.length) == (7, 2, 7)


@pytest.mark.parametrize(
    "last",
    [layers.GlobalAveragePooling2D(), layers.GlobalMaxPooling2D(), layers.Flatten()],
)
def test_global_layers_see_everything(last):
    model = chain(layers.Conv2D(1, 3, padding="same"), last, layers.Dense(4))
    field = receptive_fields(model)[-1]
    assert (field.start, field.size, field.length) == (-1, 34, 1)


def test_squeeze_and_excitation_sees_everything():
    inputs = keras.Input((16, 16, 4))
    x = layers.GlobalAveragePooling2D()(inputs)
    x = layers.Conv2D(4, 1, activation="sigmoid")(layers.Reshape((1, 1, 4))(x))
    *_, field = receptive_fields(keras.Model(inputs, inputs * x))
    assert (field.size, field.jump, field.length) == (16, 1, 16)


@pytest.mark.parametrize(
    "name, layer, size, jump",
    [
        ("VGG16", "block5_pool", 212, 32),  # Araujo et al. 2019, table 1
        ("ResNet50", "conv5_block3_out", 483, 32),
        ("MobileNet", "conv_pw_13_relu", 315, 32),
    ],
)
def test_published_sizes(name, layer, size, jump):
    model = getattr(keras.applications, name)(weights=None, include_top=False)
    model = keras.applications.__dict__[name](weights=None, input_shape=(224, 224, 3))
    fields = {field.layer: field for field in receptive_fields(model)}
    assert (fields[layer].size, fields[layer].jump) == (size, jump)


def test_a_row_per_call_of_a_layer():
    shared = layers.Conv2D(1, 3, name="shared")
    nested = chain(shared, layers.ReLU(name="relu"))
    inputs = keras.Input((32, 32, 1))
    first = MaxPooling2D(2, name="pool")(nested(inputs))
    fields = receptive_fields(keras.Model(inputs, shared(first)))
    assert fields == [
        ReceptiveField("shared", size=3, jump=1, start=0, length=30),
        ReceptiveField("relu", size=3, jump=1, start=0, length=30),
        ReceptiveField("pool", size=4, jump=2, start=0, length=15),
        ReceptiveField("shared", size=8, jump=2, start=0, length=13),
    ]


def test_one_dimension():
    stack = [layers.Conv1D(2, 3, dilation_rate=2), layers.MaxPooling1D(2)]
    model = keras.Sequential([keras.Input((20, 1)), *stack])
    assert receptive_fields(model)[-1].size == 6


def test_bad_models_are_refused():
    inputs = keras.Input((32, 32, 1))
    with pytest.raises(ValueError, match="is unknown.*Received: Conv2DTranspose"):
        receptive_fields(keras.Model(inputs, layers.Conv2DTranspose(1, 3)(inputs)))
    with pytest.raises(ValueError, match="is unknown.*Received: Reshape"):
        receptive_fields(keras.Model(inputs, layers.Reshape((16, 64))(inputs)))
    unknown = keras.Input((None, None, 1))
    with pytest.raises(ValueError, match="must be known along axis=0"):
        receptive_fields(keras.Model(unknown, layers.ReLU()(unknown)))
    branches = [layers.MaxPooling2D(2)(inputs), layers.Conv2D(1, 17)(inputs)]
    with pytest.raises(ValueError, match=r"jumps=\[1, 2\]"):
        receptive_fields(keras.Model(inputs, layers.Add(name="sum")(branches)))


def test_further_layers_can_be_named_pointwise():
    class Square(layers.Layer):
        def call(self, x):
            return x * x

    model = chain(layers.Conv2D(1, 3), Square())
    assert receptive_fields(model, pointwise=["Square"])[-1].size == 3
