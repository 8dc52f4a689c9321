import keras
import numpy as np
import pytest
from keras import layers, ops

from whiteboard.cnn import PreActivationBlock, ResidualBlock, zero_padding_shortcut
from whiteboard.fundamentals import model_gradients, value_and_gradients

BLOCKS = (ResidualBlock, PreActivationBlock)


def images(*shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape).astype("float32")


def to_numpy(x):
    return ops.convert_to_numpy(x)


def randomize(layer, seed=0):
    rng = np.random.default_rng(seed)
    drawn = [rng.normal(0, 0.5, weight.shape) for weight in layer.weights]
    names = [weight.name for weight in layer.weights]
    layer.set_weights(
        [abs(w) if "variance" in n else w for n, w in zip(names, drawn, strict=True)]
    )


def reference(block, input_shape):
    """The same block out of Keras' layers, as a Functional model, with its weights."""
    pairs = []

    def convolution(x, like, strides=1):
        size, filters = like.kernel.shape[0], like.kernel.shape[-1]
        mine = layers.Conv2D(filters, size, strides, padding="same", use_bias=False)
        pairs.append((mine, like))
        return mine(x)

    def norm(x, like):
        mine = layers.BatchNormalization(momentum=0.9, epsilon=1e-5)
        pairs.append((mine, like))
        return mine(x)

    x = h = skip = keras.Input(input_shape)
    steps = [block.strides, 1, 1]
    if isinstance(block, PreActivationBlock):
        h = activated = layers.ReLU()(norm(x, block.norms[0]))
        h = convolution(h, block.convolutions[0], block.strides)
        for like, n in zip(block.convolutions[1:], block.norms[1:], strict=True):
            h = convolution(layers.ReLU()(norm(h, n)), like)
        if block.projection:
            skip = convolution(activated, block.projection, block.strides)
        y = layers.Add()([h, skip])
    else:
        for i, like in enumerate(block.convolutions):
            h = norm(convolution(h, like, steps[i]), block.norms[i])
            h = layers.ReLU()(h) if i < len(block.convolutions) - 1 else h
        if block.projection:
            skip = convolution(x, block.projection, block.strides)
            skip = norm(skip, block.projection_norm)
        y = layers.ReLU()(layers.Add()([h, skip]))
    model = keras.Model(x, y)
    for mine, like in pairs:
        mine.set_weights(like.get_weights())
    return model


class TestZeroPaddingShortcut:
    def test_is_the_identity_where_the_shapes_agree(self):
        x = images(2, 4, 5, 3)
        np.testing.assert_array_equal(to_numpy(zero_padding_shortcut(x, 3)), x)

    @pytest.mark.parametrize("strides", [1, 2, 3])
    def test_keeps_every_s_th_pixel_and_adds_zero_channels(self, strides):
        x = images(2, 5, 6, 3)
        y = to_numpy(zero_padding_shortcut(x, 7, strides))
        np.testing.assert_array_equal(y[..., :3], x[:, ::strides, ::strides])
        assert y.shape[-1] == 7 and not y[..., 3:].any()

    def test_too_few_filters_are_refused(self):
        with pytest.raises(ValueError, match="Received: 2 channels out, 3 in"):
            zero_padding_shortcut(images(1, 2, 2, 3), 2)


@pytest.mark.parametrize("block", BLOCKS)
class TestBothBlocks:
    @pytest.mark.parametrize("bottleneck", [False, True])
    @pytest.mark.parametrize("strides", [1, 2])
    @pytest.mark.parametrize("training", [False, True])
    def test_is_the_functional_reference(self, block, bottleneck, strides, training):
        layer = block(4, strides, bottleneck)
        layer.build((None, 7, 6, 4))
        randomize(layer)
        model, x = reference(layer, (7, 6, 4)), images(3, 7, 6, 4)
        target = images(3, *layer.compute_output_shape(x.shape)[1:], seed=1)
        value, gradient = {}, {}
        for name, function in {"mine": layer, "reference": model}.items():

            def loss(x, function=function):
                with keras.StatelessScope():  # keeps the moving averages as they are
                    output = function(x, training=training)
                    return ops.sum(ops.multiply(output, target))

            value[name], (gradient[name],) = value_and_gradients(loss, x)
        np.testing.assert_allclose(value["mine"], value["reference"], rtol=1e-4)
        np.testing.assert_allclose(
            gradient["mine"], gradient["reference"], atol=1e-4, rtol=1e-3
        )
        np.testing.assert_allclose(
            to_numpy(layer(x)), to_numpy(model(x)), atol=1e-4, rtol=1e-4
        )

    @pytest.mark.parametrize("bottleneck", [False, True])
    def test_has_a_projection_only_where_the_shape_changes(self, block, bottleneck):
        channels = 16 if bottleneck else 4
        has_projection = {}
        for name, shape, strides in [
            ("same", (None, 8, 8, channels), 1),
            ("strides", (None, 8, 8, channels), 2),
            ("channels", (None, 8, 8, 3), 1),
            ("unknown size", (None, None, None, channels), 1),
        ]:
            layer = block(4, strides, bottleneck)
            layer.build(shape)
            has_projection[name] = layer.projection is not None
        assert has_projection == {
            "same": False,
            "strides": True,
            "channels": True,
            "unknown size": False,
        }

    def test_a_shortcut_with_zero_padding_has_no_weights(self, block):
        plain, padded = block(8, 2, shortcut=None), block(8, 2, shortcut="zero_padding")
        plain.build((None, 8, 8, 4))
        padded.build((None, 8, 8, 4))
        padded.set_weights(plain.get_weights())
        assert padded.count_params() == plain.count_params()
        x = images(2, 8, 8, 4)
        if block is PreActivationBlock:
            difference = to_numpy(padded(x)) - to_numpy(plain(x))
            expected = to_numpy(zero_padding_shortcut(x, 8, 2))
            np.testing.assert_allclose(difference, expected, atol=1e-5)

    @pytest.mark.parametrize("bottleneck", [False, True])
    @pytest.mark.parametrize("training", [False, True])
    def test_zero_init_starts_at_the_shortcut(self, block, bottleneck, training):
        layer = block(2, bottleneck=bottleneck, zero_init_residual=True)
        x = abs(images(3, 4, 4, 8 if bottleneck else 2))
        np.testing.assert_array_equal(to_numpy(layer(x, training=training)), x)

    def test_zero_init_does_not_kill_the_branch(self, block):
        layer = block(3, zero_init_residual=True)
        model = keras.Sequential([keras.Input((4, 4, 3)), layer])
        x = abs(images(4, 4, 4, 3)) + 0.1
        _, gradients = model_gradients(model, x, images(4, 4, 4, 3, seed=1), "mse")
        assert max(np.abs(gradient).max() for gradient in gradients) > 1e-4

    def test_any_image_size(self, block):
        inputs = keras.Input((None, None, 3))
        model = keras.Model(inputs, block(5, strides=2)(inputs))
        assert model.output.shape == (None, None, None, 5)
        for size in (1, 4, 7):
            y = model(images(2, size, size + 1, 3))
            assert y.shape == (2, -(-size // 2), -(-(size + 1) // 2), 5)

    def test_training_moves_the_moving_statistics(self, block):
        layer, x = block(3), images(4, 4, 4, 3) + 5
        layer(x)
        before = layer.norms[0].get_weights()[2]
        layer(x, training=False)
        np.testing.assert_array_equal(layer.norms[0].get_weights()[2], before)
        layer(x, training=True)
        assert np.abs(layer.norms[0].get_weights()[2] - before).max() > 0.01

    def test_nan_in_one_image_stays_there_at_inference(self, block):
        x = images(2, 4, 4, 3)
        x[0, 0, 0, 0] = np.nan
        y = to_numpy(block(3)(x, training=False))
        assert np.isnan(y[0]).any() and np.isfinite(y[1]).all()

    @pytest.mark.parametrize(
        ("arguments", "message"),
        [
            ({"filters": 0}, "filters must be positive. Received: filters=0"),
            ({"strides": -1}, "strides must be positive. Received: strides=-1"),
            ({"shortcut": "identity"}, "one of .*Received: shortcut='identity'"),
            (
                {"shortcut": None, "zero_init_residual": True},
                "needs a shortcut.*Received: shortcut=None",
            ),
        ],
    )
    def test_bad_arguments_are_refused(self, block, arguments, message):
        with pytest.raises(ValueError, match=message):
            block(**{"filters": 4, **arguments})

    @pytest.mark.parametrize("shape", [(2, 8), (2, 8, 8), (2, 8, 8, None)])
    def test_inputs_that_are_not_images_are_refused(self, block, shape):
        with pytest.raises(ValueError, match=f"{block.__name__} needs.*Received"):
            block(4).build(shape)

    def test_zero_padding_to_fewer_channels_is_refused(self, block):
        with pytest.raises(ValueError, match="Received: 2 channels out, 4 in"):
            block(2, shortcut="zero_padding")(keras.Input((8, 8, 4)))


def test_the_skip_of_the_first_form_passes_a_relu():
    layer = ResidualBlock(3, zero_init_residual=True)
    x = images(2, 4, 4, 3)
    np.testing.assert_array_equal(to_numpy(layer(x)), np.maximum(x, 0))
    layer = PreActivationBlock(3, zero_init_residual=True)
    np.testing.assert_array_equal(to_numpy(layer(x)), x)
