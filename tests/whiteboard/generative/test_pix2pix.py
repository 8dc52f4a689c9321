import keras
import numpy as np
import pytest

from whiteboard.generative import Pix2Pix, patch_discriminator, unet_generator


def images(count=16, seed=0):
    rng = np.random.default_rng(seed)
    return rng.uniform(-1, 1, size=(count, 8, 8, 1)).astype("float32")


def pix2pix(**kwargs):
    keras.utils.set_random_seed(3)
    shape = (8, 8, 1)
    generator, judge = unet_generator(shape, (8, 8)), patch_discriminator(shape, (8,))
    model = Pix2Pix(generator, judge, **kwargs)
    model.compile({player: keras.optimizers.Adam(0.005) for player in model.players})
    return model


def test_it_learns_to_invert_from_pairs():
    model, x = pix2pix(), images(256)
    model.fit(x, -x, batch_size=16, epochs=4, verbose=0)
    error = np.abs(model.predict(x, verbose=0) + x).mean()
    assert error < 0.25 < np.abs(x).mean()


def test_losses_are_the_papers():
    model, x, y = pix2pix(l1_weight=7.0), images(), images(seed=1)
    x, y = keras.ops.convert_to_tensor(x), keras.ops.convert_to_tensor(y)
    fake = model.generator(x)
    real_logits, fake_logits = (
        keras.ops.convert_to_numpy(model.discriminator([x, image]))
        for image in (y, fake)
    )
    distance = float(keras.ops.mean(abs(y - fake)))
    expected = np.log1p(np.exp(-fake_logits)).mean() + 7 * distance
    np.testing.assert_allclose(float(model.generator_loss(x, y)), expected, rtol=1e-4)
    halves = np.log1p(np.exp(-real_logits)), np.log1p(np.exp(fake_logits))
    expected = (halves[0].mean() + halves[1].mean()) / 2
    loss = model.discriminator_loss(x, y, fake)
    np.testing.assert_allclose(float(loss), expected, rtol=1e-4)


def test_save_and_load(tmp_path):
    model, x = pix2pix(l1_weight=3.0), images()
    model.fit(x, -x, verbose=0)
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    same = loaded.predict(x, verbose=0), model.predict(x, verbose=0)
    np.testing.assert_allclose(*same, atol=1e-6)
    assert loaded.l1_weight == 3
    loaded.fit(x, -x, verbose=0)


def test_bad_input_is_refused():
    generator, judge = unet_generator((8, 8, 1)), patch_discriminator((8, 8, 1), (8,))
    for weight in (-1.0, float("nan")):
        with pytest.raises(ValueError, match="l1_weight must not be negative"):
            Pix2Pix(generator, judge, l1_weight=weight)
    blind = patch_discriminator((8, 8, 1), (8,), conditional=False)
    with pytest.raises(ValueError, match="two inputs, x and y. Received: a model of 1"):
        Pix2Pix(generator, blind)
