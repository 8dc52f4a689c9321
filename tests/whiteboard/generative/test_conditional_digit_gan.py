import keras
import numpy as np
import pytest

from whiteboard.generative import (
    build_conditional_digit_gan,
    load_conditional_digit_gan,
    load_digit_classifier,
)

ONE_HOT = np.eye(10, dtype="float32")


class TestConditionalDigitGan:
    def test_both_players_take_the_label(self):
        gan = build_conditional_digit_gan(seed=1)
        for player, inputs in [("generator", (16,)), ("discriminator", (8, 8, 1))]:
            shapes = [tensor.shape for tensor in getattr(gan, player).inputs]
            assert shapes == [(None, *inputs), (None, 10)]
        assert gan.sample(ONE_HOT[:3], seed=1).shape == (3, 8, 8, 1)
        assert gan.discriminator.output_shape == (None, 1)

    def test_trained_generator_draws_the_digit_it_is_asked_for(self):
        asked = np.repeat(np.arange(10), 50)
        images = (load_conditional_digit_gan().sample(ONE_HOT[asked], seed=1) + 1) / 2
        assert images.min() >= 0 and images.max() <= 1
        outputs = load_digit_classifier().predict(images, verbose=0)["predictions"]
        assert (outputs.argmax(axis=1) == asked).mean() > 0.85

    def test_one_digit_comes_in_many_forms(self):
        images = load_conditional_digit_gan().sample(ONE_HOT[[7] * 50], seed=1)
        assert images.std(axis=0).mean() > 0.1

    def test_the_same_seed_draws_the_same_digits(self):
        first, second = (
            load_conditional_digit_gan().sample(ONE_HOT[:4], seed=5) for _ in range(2)
        )
        np.testing.assert_array_equal(first, second)

    def test_it_trains_on_images_with_labels(self):
        gan, rng = build_conditional_digit_gan(seed=1), np.random.default_rng(0)
        images = rng.uniform(-1, 1, size=(32, 8, 8, 1)).astype("float32")
        gan.compile({player: keras.optimizers.Adam() for player in gan.players})
        history = gan.fit(images, ONE_HOT[np.arange(32) % 10], verbose=0).history
        assert len(history) == 2 and np.isfinite(list(history.values())).all()

    def test_a_label_of_another_size_is_refused(self):
        with pytest.raises(ValueError, match="shape"):
            load_conditional_digit_gan().sample(ONE_HOT[:3, :9], seed=1)
