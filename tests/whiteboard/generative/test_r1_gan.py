import keras
import numpy as np
import pytest
from keras import ops

from whiteboard.generative import GAN, R1GAN


def networks():
    generator = keras.Sequential([keras.Input((2,)), keras.layers.Dense(3)])
    discriminator = keras.Sequential(
        [
            keras.Input((3,)),
            keras.layers.Dense(8, "tanh"),
            keras.layers.Dense(1),
        ]
    )
    return generator, discriminator


def samples(count=6, seed=0):
    return np.random.default_rng(seed).normal(size=(count, 3)).astype("float32")


def to_number(x):
    return float(ops.convert_to_numpy(x))


def compiled(gan):
    players = ("generator", "discriminator")
    gan.compile({player: keras.optimizers.Adam(1e-2) for player in players})
    return gan


def test_penalty_is_half_gamma_times_the_mean_squared_slope_at_real_data():
    generator, discriminator = networks()
    real, fake = samples(seed=1), samples(seed=2)
    plain = GAN(generator, discriminator).discriminator_loss(real, fake)
    r1 = R1GAN(generator, discriminator, penalty_weight=3.0)
    hidden, hidden_bias, output, _ = discriminator.get_weights()
    active = 1 - np.tanh(real @ hidden + hidden_bias) ** 2
    slopes = (active * output[:, 0]) @ hidden.T
    expected = 3.0 / 2 * (slopes**2).sum(axis=1).mean()
    added = to_number(r1.discriminator_loss(real, fake)) - to_number(plain)
    assert added == pytest.approx(expected, rel=1e-4)


def test_penalty_flattens_the_discriminator_in_fit():
    change = {}
    for weight in (0.0, 30.0):
        keras.utils.set_random_seed(1)
        generator, discriminator = networks()
        gan = compiled(R1GAN(generator, discriminator, weight, seed=1))
        real = samples(256)
        gan.fit(real, batch_size=32, epochs=10, verbose=0)
        change[weight] = discriminator.predict(real, verbose=0).std()
    assert change[30.0] < 0.5 * change[0.0]


def test_saves_and_loads_with_its_penalty(tmp_path):
    gan = compiled(R1GAN(*networks(), penalty_weight=2.0, loss="hinge", seed=3))
    gan.fit(samples(8), batch_size=4, verbose=0)
    gan.save(tmp_path / "gan.keras")
    loaded = keras.models.load_model(tmp_path / "gan.keras")
    assert (loaded.penalty_weight, loaded.loss_name) == (2.0, "hinge")
    np.testing.assert_allclose(loaded.sample(4, seed=5), gan.sample(4, seed=5))


@pytest.mark.parametrize("weight", [-1.0, float("nan")])
def test_negative_penalty_is_refused(weight):
    with pytest.raises(ValueError, match="penalty_weight must not be negative"):
        R1GAN(*networks(), penalty_weight=weight)
