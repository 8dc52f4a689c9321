import numpy as np
import pytest

from whiteboard.datasets import load_digit_images
from whiteboard.generative import (
    build_digit_gan,
    load_digit_classifier,
    load_digit_gan,
)


class TestDigitGan:
    def test_shapes_and_range(self):
        gan = build_digit_gan(seed=1)
        assert gan.sample(3, seed=1).shape == (3, 8, 8, 1)
        assert gan.discriminator.output_shape == (None, 1)

    @pytest.mark.parametrize("without", [None, 0])
    def test_trained_networks_draw_digits(self, without):
        images = (load_digit_gan(without).sample(500, seed=1) + 1) / 2
        assert images.min() >= 0 and images.max() <= 1
        outputs = load_digit_classifier().predict(images, verbose=0)["predictions"]
        shares = np.bincount(outputs.argmax(axis=1), minlength=10) / len(images)
        drawn = [digit for digit in range(10) if digit != without]
        assert shares[drawn].min() > 0.02

    def test_the_same_seed_draws_the_same_digits(self):
        first, second = (load_digit_gan().sample(4, seed=5) for _ in range(2))
        np.testing.assert_array_equal(first, second)

    def test_critic_scores_digits_above_noise(self):
        gan = load_digit_gan()
        _, (digits, _) = load_digit_images()
        noise = np.random.default_rng(0).uniform(-1, 1, size=(450, 8, 8, 1))
        scores = [
            gan.discriminator.predict(x, verbose=0) for x in (2 * digits - 1, noise)
        ]
        assert np.median(scores[0]) > np.median(scores[1])

    def test_a_digit_never_left_out_is_refused(self):
        with pytest.raises(ValueError, match="digit_gan_without_11"):
            load_digit_gan(without=11)
