import keras
import numpy as np
import pytest

from whiteboard.generative import GAN, StyleGenerator, dcgan_discriminator, mix_styles


def to_numpy(tensor):
    return keras.ops.convert_to_numpy(tensor)


def latents(count, size=6):
    return np.random.default_rng(0).normal(size=(count, size)).astype("float32")


def noisy_generator(**kwargs):
    keras.utils.set_random_seed(3)
    generator = StyleGenerator(6, width=8, seed=1, **kwargs)
    for layer in generator.noises:
        layer.strength.assign(np.ones(8))
    return generator


@pytest.mark.parametrize(("size", "count"), [(4, 2), (16, 6)])
def test_two_layers_take_a_style_at_each_size(size, count):
    generator = StyleGenerator(6, image_size=size, channels=3, width=8)
    assert generator.styles(latents(2)).shape == (2, count, 6)
    assert generator.predict(latents(5), verbose=0).shape == (5, size, size, 3)


def test_the_mapping_looks_at_the_direction_of_a_latent_only():
    generator, z = noisy_generator(), latents(3)
    same = to_numpy(generator.styles(z)), to_numpy(generator.styles(5 * z))
    np.testing.assert_allclose(*same, atol=1e-4)


def test_an_image_is_decided_by_styles_and_noise():
    generator = noisy_generator()
    styles, noise = generator.styles(latents(2)), generator.noise(2)
    first, again = (to_numpy(generator.synthesize(styles, noise)) for _ in range(2))
    np.testing.assert_array_equal(first, again)
    other = to_numpy(generator.synthesize(styles))
    assert np.abs(first - other).max() > 0.01


def test_the_crossover_counts_the_coarse_layers():
    generator = noisy_generator()
    one, two = generator.styles(latents(2)), generator.styles(-latents(2))
    np.testing.assert_array_equal(to_numpy(mix_styles(one, two, 0)), to_numpy(two))
    np.testing.assert_array_equal(to_numpy(mix_styles(one, two, 4)), to_numpy(one))
    mixed = to_numpy(mix_styles(one, two, 1))
    np.testing.assert_array_equal(mixed[:, 0], to_numpy(one)[:, 0])
    np.testing.assert_array_equal(mixed[:, 1:], to_numpy(two)[:, 1:])


def test_it_trains_as_a_generator_and_each_weight_moves():
    gan = GAN(noisy_generator(), dcgan_discriminator(width=4), seed=1)
    gan.compile({player: keras.optimizers.Adam(0.01) for player in gan.players})
    before = [np.array(to_numpy(w)) for w in gan.generator.trainable_weights]
    images = np.random.default_rng(0).normal(size=(64, 8, 8, 1)).astype("float32")
    gan.fit(images, batch_size=16, epochs=2, verbose=0)
    after = [to_numpy(w) for w in gan.generator.trainable_weights]
    names = [w.path for w in gan.generator.trainable_weights]
    for name, a, b in zip(names, before, after, strict=True):
        assert 0 < np.abs(a - b).max() < 1, name
    assert gan.sample(3, seed=1).shape == (3, 8, 8, 1)


def test_save_and_load(tmp_path):
    generator = noisy_generator()
    styles, noise = generator.styles(latents(2)), generator.noise(2)
    expected = to_numpy(generator.synthesize(styles, noise))
    generator.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    found = to_numpy(loaded.synthesize(loaded.styles(latents(2)), noise))
    np.testing.assert_allclose(found, expected, atol=1e-5)


@pytest.mark.parametrize("policy", ["mixed_float16", "mixed_bfloat16"])
def test_mixed_precision(policy):
    images = to_numpy(noisy_generator(dtype=policy)(latents(2))).astype("float32")
    assert np.isfinite(images).all()


def test_bad_input_is_refused():
    for size in (6, 12, 2):
        with pytest.raises(ValueError, match="image_size must be 4 times a power of 2"):
            StyleGenerator(6, image_size=size)
    with pytest.raises(ValueError, match="latent_size must be positive"):
        StyleGenerator(0)
    styles = np.zeros((2, 4, 6))
    for crossover in (-1, 5):
        with pytest.raises(ValueError, match=f"Received: crossover={crossover}"):
            mix_styles(styles, styles, crossover)
