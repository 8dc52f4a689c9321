import keras
import numpy as np
import pytest
from keras import layers, ops

from whiteboard.fundamentals import value_and_gradients
from whiteboard.generative import ADVERSARIAL_LOSSES, GAN


def networks(latent_size=3, width=8, features=2):
    keras.utils.set_random_seed(0)
    generator = keras.Sequential(
        [
            keras.Input((latent_size,)),
            layers.Dense(width, "tanh"),
            layers.Dense(features),
        ]
    )
    discriminator = keras.Sequential(
        [keras.Input((features,)), layers.Dense(width, "tanh"), layers.Dense(1)]
    )
    return generator, discriminator


def make(**kwargs):
    gan = GAN(*networks(), seed=0, **kwargs)
    gan.compile({player: keras.optimizers.SGD(0.1) for player in gan.players})
    return gan


def dense(x, kernel, bias):
    return ops.add(ops.matmul(x, kernel), bias)


def forward(x, weights):
    return dense(ops.tanh(dense(x, *weights[:2])), *weights[2:])


POINTS = np.random.default_rng(0).normal(size=(12, 2)).astype("float32")


@pytest.mark.parametrize("loss", ADVERSARIAL_LOSSES)
@pytest.mark.parametrize("steps", [1, 3])
def test_a_round_is_algorithm_1(loss, steps):
    gan = make(loss=loss, discriminator_steps=steps)
    generator, discriminator = (
        part.get_weights() for part in (gan.generator, gan.discriminator)
    )
    twin = GAN(*networks(), seed=0)
    share = 12 // steps
    latents = [ops.convert_to_numpy(twin.latents(share)) for _ in range(steps + 1)]
    discriminator_loss, generator_loss = ADVERSARIAL_LOSSES[loss]

    for step in range(steps):
        fake = forward(latents[step], generator)
        d_value, gradients = value_and_gradients(
            lambda *w, fake=fake, step=step: discriminator_loss(
                forward(POINTS[step::steps], w), forward(fake, w)
            ),
            *discriminator,
        )
        pairs = zip(discriminator, gradients, strict=True)
        discriminator = [w - 0.1 * g for w, g in pairs]
    g_value, gradients = value_and_gradients(
        lambda *w: generator_loss(forward(forward(latents[-1], w), discriminator)),
        *generator,
    )
    generator = [w - 0.1 * g for w, g in zip(generator, gradients, strict=True)]

    history = gan.fit(POINTS, batch_size=12, shuffle=False, verbose=0).history
    for part, expected in (("generator", generator), ("discriminator", discriminator)):
        weights = getattr(gan, part).get_weights()
        for got, wanted in zip(weights, expected, strict=True):
            np.testing.assert_allclose(got, wanted, atol=2e-6)
    assert history["discriminator_loss"][0] == pytest.approx(d_value, rel=1e-4)
    assert history["generator_loss"][0] == pytest.approx(g_value, rel=1e-4)


class FixedLatents(GAN):  # XLA draws other numbers than TensorFlow's own kernels
    def latents(self, count):
        return ops.ones((count, 1)) * ops.convert_to_tensor([[0.3, -1.0, 0.5]])


@pytest.mark.parametrize("settings", [{"run_eagerly": True}, {"jit_compile": True}])
def test_compiled_and_eager_steps_agree(settings):
    if settings.get("jit_compile") and keras.backend.backend() == "torch":
        pytest.skip("Keras compiles on torch by another compiler")
    samples = []
    for arguments in ({}, settings):
        gan = FixedLatents(*networks())
        gan.compile({p: keras.optimizers.SGD(0.1) for p in gan.players}, **arguments)
        gan.fit(POINTS, batch_size=4, shuffle=False, verbose=0)
        samples.append(gan.sample(5, seed=1))
    np.testing.assert_allclose(*samples, atol=1e-5)


@pytest.mark.parametrize("steps", [1, 5])
def test_a_last_batch_smaller_than_the_steps_does_no_harm(steps):
    gan = make(discriminator_steps=steps)
    history = gan.fit(POINTS[:7], batch_size=5, verbose=0).history  # then 2 are left
    assert np.isfinite([*history.values()]).all()
    assert np.isfinite(gan.sample(5, seed=1)).all()


def test_learns_where_the_data_are():
    points = np.random.default_rng(1).normal([2, -1], 0.5, (512, 2)).astype("float32")
    gan = GAN(*networks(width=16), seed=1)
    gan.compile({p: keras.optimizers.Adam(5e-3, beta_1=0.5) for p in gan.players})
    before = gan.sample(500, seed=2).mean(axis=0)
    gan.fit(points, batch_size=128, epochs=60, verbose=0)
    after = gan.sample(500, seed=2).mean(axis=0)
    assert np.linalg.norm(before - [2, -1]) > 1 > 2 * np.linalg.norm(after - [2, -1])


def test_samples_depend_on_the_seed_alone():
    gan = make()
    first, again, other = (gan.sample(6, seed=s) for s in (1, 1, 2))
    assert first.shape == (6, 2) and isinstance(first, np.ndarray)
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)
    z = ops.convert_to_numpy(gan.latents(2000))
    assert z.shape == (2000, 3) and abs(z.mean()) < 0.1 and abs(z.std() - 1) < 0.1
    assert not np.array_equal(z, ops.convert_to_numpy(gan.latents(2000)))


def test_saving_in_the_middle_changes_nothing(tmp_path):
    def compiled():
        gan = GAN(*networks(), loss="hinge", discriminator_steps=2, seed=3)
        gan.compile({p: keras.optimizers.Adam(1e-2) for p in gan.players})
        return gan

    straight, stopped = compiled(), compiled()
    straight.fit(np.tile(POINTS, (2, 1)), batch_size=4, shuffle=False, verbose=0)
    stopped.fit(POINTS, batch_size=4, shuffle=False, verbose=0)
    stopped.save(tmp_path / "gan.keras")
    resumed = keras.models.load_model(tmp_path / "gan.keras")
    for name, value in {"loss": "hinge", "discriminator_steps": 2, "seed": 3}.items():
        assert resumed.get_config()[name] == value
    resumed.seed_generator.state.assign(
        stopped.seed_generator.state
    )  # Keras saves none
    resumed.fit(POINTS, batch_size=4, shuffle=False, verbose=0)
    np.testing.assert_allclose(
        resumed.sample(5, seed=1), straight.sample(5, seed=1), atol=1e-5
    )


def test_call_generates():
    gan = make()
    z = np.ones((2, 3), "float32")
    np.testing.assert_allclose(
        ops.convert_to_numpy(gan(z)), ops.convert_to_numpy(gan.generator(z))
    )


def test_bad_arguments_are_refused():
    with pytest.raises(
        ValueError, match=r"loss must be one of.*Received: loss='wrong'"
    ):
        GAN(*networks(), loss="wrong")
    with pytest.raises(ValueError, match="discriminator_steps must be positive"):
        GAN(*networks(), discriminator_steps=0)
