import keras
import numpy as np
import pytest
from keras import ops

from whiteboard.fundamentals import value_and_gradients
from whiteboard.generative import GAN, UnrolledGAN, unrolled_weights


def random(*shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape).astype("float32")


def make_gan(kind=UnrolledGAN, **arguments):
    keras.utils.set_random_seed(1)
    generator = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)])
    discriminator = keras.Sequential(
        [keras.Input((2,)), keras.layers.Dense(5, "tanh"), keras.layers.Dense(1)]
    )
    return kind(generator, discriminator, seed=2, **arguments)


def compiled(gan):
    gan.compile(
        {name: keras.optimizers.SGD(0.1) for name in ("discriminator", "generator")}
    )
    return gan


class TestUnrolledWeights:
    def test_is_gradient_descent(self):
        # f = a.w^2 / 2 + b.v: w shrinks by 1 - rate * a each step, v moves by rate * b
        a, b = random(2, 3) ** 2, random(4, seed=1)
        w, v = random(2, 3, seed=2), random(4, seed=3)

        def loss(weights):
            quadratic = ops.sum(ops.multiply(a, weights[0] ** 2)) / 2
            return quadratic + ops.sum(ops.multiply(b, weights[1]))

        start = [ops.convert_to_tensor(w), ops.convert_to_tensor(v)]
        after = unrolled_weights(loss, start, steps=3, learning_rate=0.1)
        np.testing.assert_allclose(
            ops.convert_to_numpy(after[0]), w * (1 - 0.1 * a) ** 3, atol=1e-6
        )
        np.testing.assert_allclose(
            ops.convert_to_numpy(after[1]), v - 3 * 0.1 * b, atol=1e-6
        )

    def test_no_steps_give_the_weights_back(self):
        start = [ops.convert_to_tensor(random(2, 3)), ops.convert_to_tensor(random(4))]
        for after, before in zip(
            unrolled_weights(lambda w: ops.sum(w[0]), start, 0, 0.1), start, strict=True
        ):
            np.testing.assert_array_equal(
                ops.convert_to_numpy(after), ops.convert_to_numpy(before)
            )

    def test_gradient_passes_through_the_steps(self):
        # f = (w - x)^2 / 2, K steps from 0: w = x (1 - (1 - rate)^K)
        def end(x):
            (w,) = unrolled_weights(
                lambda weights: ops.sum((weights[0] - x) ** 2) / 2,
                [ops.zeros((1,))],
                steps=4,
                learning_rate=0.3,
            )
            return ops.sum(w)

        value, (gradient,) = value_and_gradients(end, np.array([2.0], "float32"))
        assert value == pytest.approx(2 * (1 - 0.7**4), abs=1e-6)
        np.testing.assert_allclose(gradient, [1 - 0.7**4], atol=1e-6)


class TestUnrolledGAN:
    @pytest.mark.parametrize("steps", [1, 3])
    def test_generator_gradient_is_that_of_the_looked_ahead_loss(self, steps):
        gan = make_gan(unrolled_steps=steps, unrolled_learning_rate=0.5)
        real, latents = random(6, 2), random(6, 3, seed=1)
        (kernel, bias), step = gan.generator.get_weights(), 1e-2

        def loss(kernel):
            values = [kernel, ops.convert_to_tensor(bias)]
            pairs = list(zip(gan.generator.trainable_variables, values, strict=True))
            with keras.StatelessScope(pairs):
                return gan.unrolled_generator_loss(real, latents)

        def value(kernel):
            return float(loss(ops.convert_to_tensor(kernel.astype("float32"))))

        _, (gradient,) = value_and_gradients(loss, kernel)
        for index in np.ndindex(kernel.shape):
            up, down = kernel.copy(), kernel.copy()
            up[index] += step
            down[index] -= step
            slope = (value(up) - value(down)) / (2 * step)
            assert gradient[index] == pytest.approx(slope, abs=2e-4)

    def test_no_steps_are_the_plain_gan(self):
        x = random(32, 2)
        plain = compiled(make_gan(GAN))
        unrolled = compiled(make_gan(unrolled_steps=0))
        for gan in (plain, unrolled):
            gan.fit(x, batch_size=8, epochs=2, shuffle=False, verbose=0)
        for mine, expected in zip(
            unrolled.get_weights(), plain.get_weights(), strict=True
        ):
            np.testing.assert_allclose(mine, expected, atol=1e-6)

    def test_looking_ahead_does_not_move_the_discriminator(self):
        gan = make_gan(unrolled_steps=3)
        before = gan.discriminator.get_weights()
        gan.unrolled_generator_loss(random(6, 2), random(6, 3))
        for was, now in zip(before, gan.discriminator.get_weights(), strict=True):
            np.testing.assert_array_equal(now, was)

    @pytest.mark.parametrize("loss", ["minimax", "hinge"])
    @pytest.mark.parametrize("discriminator_steps", [1, 3])
    def test_fit_with_other_losses_and_steps(self, loss, discriminator_steps):
        gan = make_gan(loss=loss, discriminator_steps=discriminator_steps)
        before = gan.generator.get_weights()
        history = compiled(gan).fit(random(20, 2), batch_size=8, verbose=0)
        assert all(np.isfinite(v).all() for v in history.history.values())
        assert np.abs(gan.generator.get_weights()[0] - before[0]).max() > 1e-4

    def test_save_and_load(self, tmp_path):
        gan = compiled(make_gan(unrolled_steps=2, unrolled_learning_rate=0.3))
        gan.fit(random(16, 2), batch_size=8, verbose=0)
        gan.save(tmp_path / "gan.keras")
        loaded = keras.saving.load_model(tmp_path / "gan.keras")
        assert (loaded.unrolled_steps, loaded.unrolled_learning_rate) == (2, 0.3)
        np.testing.assert_array_equal(loaded.sample(4, seed=1), gan.sample(4, seed=1))

    @pytest.mark.parametrize(
        ("arguments", "message"),
        [
            ({"unrolled_steps": -1}, "unrolled_steps must not be negative.*=-1"),
            ({"unrolled_learning_rate": 0.0}, "learning_rate must be positive.*=0.0"),
            ({"unrolled_learning_rate": np.nan}, "learning_rate must be positive"),
            ({"loss": "l2"}, "loss must be one of"),
        ],
    )
    def test_bad_input_is_refused(self, arguments, message):
        with pytest.raises(ValueError, match=message):
            make_gan(**arguments)
