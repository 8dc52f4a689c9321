import keras
import numpy as np
import pytest

from whiteboard.fundamentals import value_and_gradients
from whiteboard.generative import (
    ADVERSARIAL_LOSSES,
    GAN,
    dirac_gan_gradients,
    dirac_gan_trajectory,
)

POINTS = [(1.0, 1.0), (-0.5, 2.0), (0.3, -1.2), (0.0, 0.7)]
LOSSES = ("minimax", "non_saturating", "wasserstein")


def dirac_gan(theta, psi, loss):
    """The same game as networks: a generator of one bias, a line as discriminator."""
    generator = keras.Sequential(
        [keras.Input((1,)), keras.layers.Dense(1, kernel_initializer="zeros")]
    )
    generator.layers[0].kernel.trainable = False
    discriminator = keras.Sequential(
        [keras.Input((1,)), keras.layers.Dense(1, use_bias=False)]
    )
    generator.set_weights([np.zeros((1, 1)), np.array([theta])])
    discriminator.set_weights([np.array([[psi]])])
    return GAN(generator, discriminator, loss=loss)


class TestGradients:
    @pytest.mark.parametrize("loss", LOSSES)
    @pytest.mark.parametrize(("theta", "psi"), POINTS)
    def test_are_those_of_the_losses_of_the_library(self, loss, theta, psi):
        discriminator_loss, generator_loss = ADVERSARIAL_LOSSES[loss]
        _, (of_psi,) = value_and_gradients(
            lambda p: discriminator_loss(p * 0.0, p * theta), np.float32(psi)
        )
        _, (of_theta,) = value_and_gradients(
            lambda t: generator_loss(t * psi), np.float32(theta)
        )
        gradients = dirac_gan_gradients(theta, psi, loss)
        np.testing.assert_allclose(gradients, (of_theta, of_psi), atol=1e-6)

    @pytest.mark.parametrize("target", [0.0, 1.0])
    @pytest.mark.parametrize(("theta", "psi"), POINTS)
    def test_penalty_is_the_slope_of_a_parabola(self, target, theta, psi):
        def penalty(p):
            return 0.3 / 2 * (abs(p) - target) ** 2

        _, plain = dirac_gan_gradients(theta, psi)
        _, with_penalty = dirac_gan_gradients(theta, psi, "non_saturating", 0.3, target)
        expected = (penalty(psi + 1e-6) - penalty(psi - 1e-6)) / 2e-6
        assert with_penalty - plain == pytest.approx(expected, abs=1e-6)

    @pytest.mark.parametrize("loss", LOSSES)
    def test_vanish_at_the_equilibrium_and_broadcast(self, loss):
        assert np.abs(dirac_gan_gradients(0.0, 0.0, loss, 1.0)).max() == 0
        theta, psi = np.meshgrid(np.linspace(-1, 1, 3), np.linspace(-1, 1, 4))
        field = dirac_gan_gradients(theta, psi, loss)
        assert [part.shape for part in field] == [(4, 3), (4, 3)]
        corner = dirac_gan_gradients(1.0, -1.0, loss)
        np.testing.assert_allclose([part[0, -1] for part in field], corner)

    def test_extreme_logits_stay_finite(self):
        assert np.isfinite(dirac_gan_gradients(1e4, 1e4, "minimax")).all()


class TestTrajectory:
    @pytest.mark.parametrize("loss", LOSSES)
    def test_alternating_is_what_the_gan_does_in_fit(self, loss):
        gan = dirac_gan(1.0, 0.5, loss)
        gan.compile(
            {
                "generator": keras.optimizers.SGD(0.1),
                "discriminator": keras.optimizers.SGD(0.3),
            }
        )
        gan.fit(np.zeros((20, 1), "float32"), batch_size=1, verbose=0)
        path = dirac_gan_trajectory(
            (0.1, 0.3), 20, alternating=True, start=(1.0, 0.5), loss=loss
        )
        trained = [gan.generator.get_weights(), gan.discriminator.get_weights()]
        reached = [weights[-1].item() for weights in trained]
        np.testing.assert_allclose(path[-1], reached, atol=1e-5)

    def test_wasserstein_spirals_as_derived(self):
        rate = 0.1
        path = dirac_gan_trajectory((rate, rate), 50, loss="wasserstein")
        radius = np.linalg.norm(path, axis=1)
        growth = np.sqrt(1 + rate**2) ** np.arange(51)
        np.testing.assert_allclose(radius, np.sqrt(2) * growth, rtol=1e-12)

    def test_many_starts_at_once_are_each_alone(self):
        starts = np.array([[1.0, -0.5, 0.2], [0.3, 2.0, -1.0]])
        options = {"alternating": True, "penalty": 0.3, "target_slope": 1.0}
        together = dirac_gan_trajectory(steps=20, start=starts, **options)
        assert together.shape == (21, 2, 3)
        for i, start in enumerate(starts.T):
            alone = dirac_gan_trajectory(steps=20, start=start, **options)
            np.testing.assert_allclose(together[..., i], alone)

    def test_no_step_is_the_start(self):
        path = dirac_gan_trajectory(steps=0, start=(0.2, -0.3))
        np.testing.assert_array_equal(path, [[0.2, -0.3]])


class TestBadInput:
    @pytest.mark.parametrize(
        ("arguments", "message"),
        [
            ({"loss": "hinge"}, "loss must be one of minimax, .* loss='hinge'"),
            ({"penalty": -1.0}, "penalty must not be negative. .* penalty=-1.0"),
            ({"target_slope": np.nan}, "target_slope must not be negative"),
            ({"steps": -1}, "steps must not be negative. .* steps=-1"),
            ({"learning_rates": (0.0, 1.0)}, "generator_rate must be positive"),
            ({"learning_rates": (1.0, np.nan)}, "discriminator_rate must be positive"),
            ({"start": (1.0, np.inf)}, "start must be finite"),
        ],
    )
    def test_is_refused(self, arguments, message):
        with pytest.raises(ValueError, match=message):
            dirac_gan_trajectory(**arguments)
