import keras
import numpy as np
import pytest
from keras import ops

from whiteboard.fundamentals import value_and_gradients
from whiteboard.generative import (
    ADVERSARIAL_LOSSES,
    critic_generator_loss,
    critic_loss,
    discriminator_cross_entropy,
    hinge_discriminator_loss,
    least_squares_discriminator_loss,
    least_squares_generator_loss,
    non_saturating_generator_loss,
    saturating_generator_loss,
)

RNG = np.random.default_rng(0)
REAL, FAKE = (RNG.normal(scale=3, size=(32, 1)).astype("float32") for _ in range(2))
ONES, ZEROS = np.ones_like(REAL), np.zeros_like(REAL)


def assert_same_loss_and_gradients(mine, theirs, *logits):
    value, gradients = value_and_gradients(mine, *logits)
    expected_value, expected_gradients = value_and_gradients(theirs, *logits)
    assert value == pytest.approx(expected_value, rel=1e-5)
    for got, expected in zip(gradients, expected_gradients, strict=True):
        np.testing.assert_allclose(got, expected, atol=1e-6)


@pytest.mark.parametrize("target", [1.0, 0.9])
def test_discriminator_agrees_with_binary_cross_entropy(target):
    cross_entropy = keras.losses.BinaryCrossentropy(from_logits=True)
    assert_same_loss_and_gradients(
        lambda real, fake: discriminator_cross_entropy(real, fake, target),
        lambda real, fake: (
            cross_entropy(target * ONES, real) + cross_entropy(ZEROS, fake)
        ),
        REAL,
        FAKE,
    )


def test_generators_agree_with_binary_cross_entropy():
    cross_entropy = keras.losses.BinaryCrossentropy(from_logits=True)
    assert_same_loss_and_gradients(
        non_saturating_generator_loss, lambda fake: cross_entropy(ONES, fake), FAKE
    )
    assert_same_loss_and_gradients(
        saturating_generator_loss, lambda fake: -cross_entropy(ZEROS, fake), FAKE
    )


def test_least_squares_and_hinge_agree_with_keras():
    squares, hinge = keras.losses.MeanSquaredError(), keras.losses.Hinge()
    assert_same_loss_and_gradients(
        least_squares_discriminator_loss,
        lambda real, fake: (squares(ONES, real) + squares(ZEROS, fake)) / 2,
        REAL,
        FAKE,
    )
    assert_same_loss_and_gradients(
        least_squares_generator_loss, lambda fake: squares(ONES, fake) / 2, FAKE
    )
    assert_same_loss_and_gradients(
        hinge_discriminator_loss,
        lambda real, fake: hinge(ONES, real) + hinge(-ONES, fake),
        REAL,
        FAKE,
    )


def test_the_critic_measures_a_difference_of_means():
    assert float(critic_loss(REAL, FAKE)) == pytest.approx(FAKE.mean() - REAL.mean())
    assert float(critic_generator_loss(FAKE)) == pytest.approx(-FAKE.mean())
    shifted = float(critic_loss(REAL + 7, FAKE + 7))
    assert shifted == pytest.approx(float(critic_loss(REAL, FAKE)), abs=1e-5)


@pytest.mark.parametrize("name", ADVERSARIAL_LOSSES)
def test_each_generator_wants_higher_scores_of_its_samples(name):
    _, generator_loss = ADVERSARIAL_LOSSES[name]
    low = np.full((4, 1), -0.5, "float32")
    _, (gradient,) = value_and_gradients(generator_loss, low)
    assert (gradient < 0).all()


@pytest.mark.parametrize("name", ADVERSARIAL_LOSSES)
def test_each_discriminator_wants_real_up_and_fake_down(name):
    discriminator_loss, _ = ADVERSARIAL_LOSSES[name]
    zeros = np.zeros((4, 1), "float32")
    _, (real, fake) = value_and_gradients(discriminator_loss, zeros, zeros)
    assert (real < 0).all() and (fake >= 0).all()
    assert name == "least_squares" or (fake > 0).all()  # its fakes are at their target


@pytest.mark.parametrize("name", ["minimax", "non_saturating"])
def test_extreme_logits_stay_finite(name):
    discriminator_loss, generator_loss = ADVERSARIAL_LOSSES[name]
    for logit in (-1e4, 1e4):
        logits = np.full((2, 1), logit, "float32")
        for value, gradients in (
            value_and_gradients(discriminator_loss, logits, -logits),
            value_and_gradients(generator_loss, logits),
        ):
            assert np.isfinite(value)
            assert all(np.isfinite(gradient).all() for gradient in gradients)


def test_the_shape_of_the_logits_does_not_matter():
    flat = [discriminator_cross_entropy(REAL[:, 0], FAKE[:, 0])]
    column = [discriminator_cross_entropy(REAL, FAKE)]
    np.testing.assert_allclose(
        ops.convert_to_numpy(flat), ops.convert_to_numpy(column), rtol=1e-6
    )
