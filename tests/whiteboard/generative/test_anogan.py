import keras
import numpy as np
import pytest
from keras import ops

from whiteboard.generative import GAN, search_latents

RNG = np.random.default_rng(0)
MIXING = RNG.normal(size=(3, 6)).astype("float32")


@pytest.fixture
def gan():
    """A linear generator: its nearest sample is known."""
    keras.utils.set_random_seed(0)
    generator = keras.Sequential([keras.Input((3,)), keras.layers.Dense(6)])
    generator.set_weights([MIXING, np.zeros(6, "float32")])
    discriminator = keras.Sequential(
        [
            keras.Input((6,)),
            keras.layers.Dense(5, activation="tanh"),
            keras.layers.Dense(1),
        ]
    )
    return GAN(generator, discriminator)


def absolute_sum(x):
    return np.abs(ops.convert_to_numpy(x)).sum(axis=1)


class TestSearchLatents:
    def test_finds_the_latents_of_samples(self, gan):
        z = RNG.normal(size=(20, 3)).astype("float32")
        latents, losses = search_latents(
            gan, z @ MIXING, steps=300, learning_rate=0.05, seed=1
        )
        np.testing.assert_allclose(latents, z, atol=0.1)
        assert losses.max() < 0.5

    def test_no_sample_is_nearer_than_the_least_absolute_deviation(self, gan):
        from scipy.optimize import linprog

        x = RNG.normal(size=(5, 6)).astype("float32")
        _, losses = search_latents(gan, x, steps=800, learning_rate=0.02, weight=0)
        best = []
        for row in x:  # min sum t, -t <= z @ MIXING - row <= t
            eye = np.eye(6)
            above = np.block([[MIXING.T, -eye], [-MIXING.T, -eye]])
            cost = np.concatenate([np.zeros(3), np.ones(6)])
            bounds = [(None, None)] * 3 + [(0, None)] * 6
            solved = linprog(cost, above, np.concatenate([row, -row]), bounds=bounds)
            best.append(solved.fun)
        assert (losses >= np.array(best) - 1e-4).all()
        np.testing.assert_allclose(losses, best, rtol=0.1)

    @pytest.mark.parametrize("weight", [0.0, 0.1, 0.7])
    def test_loss_is_that_of_the_paper(self, gan, weight):
        x = RNG.normal(size=(4, 6)).astype("float32")
        latents, losses = search_latents(gan, x, steps=3, weight=weight, seed=2)
        imitation = latents @ MIXING
        hidden = gan.discriminator.layers[0]
        deep = absolute_sum(hidden(imitation) - hidden(x))
        expected = (1 - weight) * absolute_sum(imitation - x) + weight * deep
        np.testing.assert_allclose(losses, expected, rtol=1e-4)

    def test_adam_is_that_of_keras(self, gan):
        x = RNG.normal(size=(3, 6)).astype("float32")
        first, _ = search_latents(gan, x, steps=0, seed=3)
        found, _ = search_latents(gan, x, steps=5, learning_rate=0.2, weight=0, seed=3)
        z = keras.Variable(first)
        adam = keras.optimizers.Adam(0.2)
        for _ in range(5):
            sign = np.sign(ops.convert_to_numpy(z.value) @ MIXING - x)
            adam.apply([ops.convert_to_tensor(sign @ MIXING.T)], [z])
        np.testing.assert_allclose(found, ops.convert_to_numpy(z.value), atol=1e-4)

    def test_steps_lower_the_loss_and_more_starts_never_raise_it(self, gan):
        x = RNG.normal(size=(8, 6)).astype("float32")
        drawn = search_latents(gan, x, steps=0, seed=1)[1]
        found = search_latents(gan, x, steps=50, seed=1)[1]
        best = search_latents(gan, x, steps=50, starts=5, seed=1)[1]
        assert found.mean() < drawn.mean()
        assert best.mean() <= found.mean() + 0.05

    def test_an_image_does_not_influence_another(self, gan):
        x = RNG.normal(size=(2, 6)).astype("float32")
        latents, losses = search_latents(gan, x, steps=20, seed=4)
        again, losses_again = search_latents(gan, [x[0], 9 * x[1]], steps=20, seed=4)
        np.testing.assert_allclose(again[0], latents[0], atol=1e-4)
        assert losses_again[0] == pytest.approx(losses[0], abs=1e-4)

    def test_the_networks_stay_as_they_are(self, gan):
        before = [weight.copy() for weight in gan.get_weights()]
        search_latents(gan, RNG.normal(size=(2, 6)), steps=5)
        for old, new in zip(before, gan.get_weights(), strict=True):
            np.testing.assert_array_equal(old, new)

    @pytest.mark.parametrize(
        ("arguments", "message"),
        [
            ({"images": np.zeros((2, 5))}, r"shape \(N, 6\). Received.*\(2, 5\)"),
            ({"images": np.zeros(6)}, r"shape \(N, 6\). Received.*\(6,\)"),
            ({"images": np.zeros((0, 6))}, r"shape \(N, 6\). Received.*\(0, 6\)"),
            ({"images": np.full((2, 6), np.nan)}, "must be finite"),
            ({"images": np.full((2, 6), np.inf)}, "must be finite"),
            ({"steps": -1}, "steps must not be negative. Received: steps=-1"),
            ({"learning_rate": 0.0}, "learning_rate must be positive"),
            ({"starts": 0}, "starts must be positive. Received: starts=0"),
            ({"weight": 1.0}, "weight must be at least 0 and below 1"),
            ({"weight": -0.1}, "weight must be at least 0 and below 1"),
        ],
    )
    def test_bad_input_is_refused(self, gan, arguments, message):
        with pytest.raises(ValueError, match=message):
            search_latents(gan, **{"images": np.zeros((2, 6)), **arguments})
