import keras
import numpy as np
import pytest
from keras import ops

from whiteboard.generative import GAN, PacGAN, pack_samples


def random(*shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape).astype("float32")


def make_gan(pack_size=2, takes=None, kind=PacGAN, **arguments):
    keras.utils.set_random_seed(1)
    takes = 2 * pack_size if takes is None else takes
    generator = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)])
    discriminator = keras.Sequential([keras.Input((takes,)), keras.layers.Dense(1)])
    if kind is PacGAN:
        arguments["pack_size"] = pack_size
    return kind(generator, discriminator, seed=2, **arguments)


def compiled(gan):
    gan.compile(
        {name: keras.optimizers.SGD(0.1) for name in ("discriminator", "generator")}
    )
    return gan


class TestPackSamples:
    def test_neighbours_stand_side_by_side(self):
        packed = pack_samples(np.arange(12.0).reshape(6, 2), size=3)
        expected = [[0, 1, 2, 3, 4, 5], [6, 7, 8, 9, 10, 11]]
        np.testing.assert_array_equal(ops.convert_to_numpy(packed), expected)

    def test_wrong_rank_is_refused(self):
        with pytest.raises(ValueError, match=r"samples.shape=\(6, 2, 1\)"):
            pack_samples(np.zeros((6, 2, 1)), size=2)

    def test_a_remainder_is_refused(self):
        with pytest.raises(ValueError, match=r"multiple of 4.*shape=\(6, 2\)"):
            pack_samples(np.zeros((6, 2)), size=4)


class TestPacGAN:
    def test_both_players_see_packs(self):
        gan = make_gan()
        real, fake, latents = random(4, 2), random(4, 2, seed=1), random(4, 3)
        plain = GAN(gan.generator, gan.discriminator)
        expected = plain.discriminator_loss(real.reshape(2, 4), fake.reshape(2, 4))
        loss = gan.discriminator_loss(real, fake)
        assert float(loss) == pytest.approx(float(expected), abs=1e-6)
        logits = gan.discriminator(ops.reshape(gan.generator(latents), (2, 4)))
        expected = np.log1p(np.exp(-ops.convert_to_numpy(logits))).mean()
        assert float(gan.generator_loss(latents)) == pytest.approx(expected, abs=1e-6)

    def test_packs_of_one_are_the_plain_gan(self):
        x = random(32, 2)
        pac = compiled(make_gan(pack_size=1))
        plain = compiled(make_gan(pack_size=1, kind=GAN))
        for gan in (pac, plain):
            gan.fit(x, batch_size=8, epochs=2, shuffle=False, verbose=0)
        for mine, expected in zip(pac.get_weights(), plain.get_weights(), strict=True):
            np.testing.assert_allclose(mine, expected, atol=1e-6)

    def test_save_and_load(self, tmp_path):
        gan = compiled(make_gan(pack_size=4, loss="hinge"))
        gan.fit(random(16, 2), batch_size=8, verbose=0)
        gan.save(tmp_path / "gan.keras")
        loaded = keras.saving.load_model(tmp_path / "gan.keras")
        assert (loaded.pack_size, loaded.loss_name) == (4, "hinge")
        np.testing.assert_array_equal(loaded.sample(4, seed=1), gan.sample(4, seed=1))

    def test_bad_input_is_refused(self):
        with pytest.raises(ValueError, match="pack_size must be positive.*=0"):
            make_gan(pack_size=0, takes=2)
        with pytest.raises(ValueError, match="packs of 6 numbers.*pack_size=3"):
            make_gan(pack_size=3, takes=4)

    def test_a_batch_that_is_no_multiple_of_the_pack_is_refused(self):
        with pytest.raises(Exception, match="reshape|size|shape"):
            compiled(make_gan()).fit(random(5, 2), batch_size=5, verbose=0)
