import keras
import numpy as np
import pytest

from whiteboard.generative import GAN, dcgan_discriminator, dcgan_generator


def layers_of(model, *types):
    return [layer for layer in model.layers if isinstance(layer, types)]


CONVOLUTIONS = keras.layers.Conv2D, keras.layers.Conv2DTranspose


@pytest.mark.parametrize(
    ("image_size", "channels", "width", "stages"),
    [(8, 1, 8, 2), (16, 3, 2, 3), (6, 2, 3, 1)],
)
def test_shapes_and_channels(image_size, channels, width, stages):
    generator = dcgan_generator(5, image_size, channels, width, stages)
    discriminator = dcgan_discriminator(image_size, channels, width, stages)
    assert generator.output_shape == (None, image_size, image_size, channels)
    assert discriminator.input_shape == generator.output_shape
    assert discriminator.output_shape == (None, 1)
    widths = [width * 2**stage for stage in range(stages)]
    halving = [layer.filters for layer in layers_of(discriminator, *CONVOLUTIONS)]
    doubling = [layer.filters for layer in layers_of(generator, *CONVOLUTIONS)]
    assert halving == widths and doubling == [*widths[:-1][::-1], channels]


def test_parameters_add_up():
    generator, discriminator = dcgan_generator(16), dcgan_discriminator()
    assert generator.count_params() == sum(
        [16 * 256 + 4 * 64, 16 * 64 * 32 + 4 * 32, 16 * 32 + 1]
    )
    assert discriminator.count_params() == sum(
        [16 * 32 + 32, 16 * 32 * 64 + 4 * 64, 256 + 1]
    )


def test_the_rules_of_the_paper():
    generator, discriminator = dcgan_generator(16), dcgan_discriminator()
    for model in (generator, discriminator):
        assert all(c.strides == (2, 2) for c in layers_of(model, *CONVOLUTIONS))
        assert not layers_of(model, keras.layers.MaxPooling2D)
        for kernel in (w for w in model.weights if w.name == "kernel"):
            assert np.std(keras.ops.convert_to_numpy(kernel)) == pytest.approx(
                0.02, rel=0.2
            )
    normal = keras.layers.BatchNormalization
    assert len(layers_of(generator, normal)) == 2
    assert len(layers_of(discriminator, normal)) == 1
    assert isinstance(discriminator.layers[1], keras.layers.LeakyReLU)
    assert discriminator.layers[1].negative_slope == 0.2
    assert generator.layers[-1].activation is keras.activations.tanh
    assert len(layers_of(generator, keras.layers.ReLU)) == 2


def test_layers_of_one_shape_start_with_different_weights():
    first, second = (dcgan_discriminator().get_weights()[0] for _ in range(2))
    assert not np.array_equal(first, second)


def test_without_batch_normalization_images_do_not_interact():
    generator = dcgan_generator(5, width=2, batch_normalization=False)
    discriminator = dcgan_discriminator(width=2, batch_normalization=False)
    for model in (generator, discriminator):
        assert not layers_of(model, keras.layers.BatchNormalization)
        assert all(layer.use_bias for layer in layers_of(model, *CONVOLUTIONS))
    z = np.random.default_rng(0).normal(size=(6, 5)).astype("float32")
    together = discriminator(generator(z, training=True), training=True)
    alone = discriminator(generator(z[:2], training=True), training=True)
    np.testing.assert_allclose(
        keras.ops.convert_to_numpy(together)[:2],
        keras.ops.convert_to_numpy(alone),
        atol=1e-6,
    )


def test_trains_on_images_and_saves(tmp_path):
    keras.utils.set_random_seed(0)
    generator, discriminator = dcgan_generator(4, width=2), dcgan_discriminator(width=2)
    gan = GAN(generator, discriminator, seed=0)
    gan.compile({player: keras.optimizers.Adam(1e-3) for player in gan.players})
    before = gan.sample(3, seed=1)
    images = np.random.default_rng(0).uniform(-1, 1, (40, 8, 8, 1)).astype("float32")
    history = gan.fit(images, batch_size=16, epochs=2, verbose=0).history
    assert np.isfinite([*history.values()]).all()
    after = gan.sample(3, seed=1)
    assert after.shape == (3, 8, 8, 1) and np.abs(after).max() <= 1
    assert not np.array_equal(before, after)
    gan.save(tmp_path / "gan.keras")
    loaded = keras.models.load_model(tmp_path / "gan.keras")
    np.testing.assert_allclose(loaded.sample(3, seed=1), after, atol=1e-6)


@pytest.mark.parametrize("name", ["image_size", "channels", "width", "stages"])
@pytest.mark.parametrize("builder", [dcgan_generator, dcgan_discriminator])
def test_numbers_that_are_not_positive_are_refused(builder, name):
    arguments = {"latent_size": 4} if builder is dcgan_generator else {}
    with pytest.raises(
        ValueError, match=f"{name} must be positive. Received: {name}=0"
    ):
        builder(**arguments, **{name: 0})


def test_an_empty_latent_is_refused():
    with pytest.raises(ValueError, match="latent_size must be positive"):
        dcgan_generator(0)


def test_stages_that_do_not_fit_are_refused():
    message = r"multiple of 2\*\*stages. Received: image_size=28, stages=3"
    with pytest.raises(ValueError, match=message):
        dcgan_generator(4, image_size=28, stages=3)
    with pytest.raises(ValueError, match=message):
        dcgan_discriminator(image_size=28, stages=3)
