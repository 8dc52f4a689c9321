import keras
import numpy as np
import pytest
from keras import ops

from whiteboard import fundamentals
from whiteboard.generative import GradientPenaltyGAN, WassersteinGAN, gradient_norms

GANS = [WassersteinGAN, GradientPenaltyGAN]
REAL = np.random.default_rng(7).normal(size=(200, 2)).astype("float32")


def generator():
    return keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)])


def critic(*layers):
    layers = layers or [keras.layers.Dense(16, "relu")]
    return keras.Sequential([keras.Input((2,)), *layers, keras.layers.Dense(1)])


def make(gan, rate=1e-2, **kwargs):
    keras.utils.set_random_seed(7)
    model = gan(generator(), critic(), seed=7, **kwargs)
    players = ("discriminator", "generator")
    model.compile({player: keras.optimizers.RMSprop(rate) for player in players})
    return model


def largest(model):
    return max(np.abs(weight).max() for weight in model.get_weights())


def test_only_the_critic_is_clipped():
    gan = make(WassersteinGAN, clip=0.05)
    generator_before = largest(gan.generator)
    gan.fit(REAL, batch_size=100, verbose=0)
    assert largest(gan.discriminator) == pytest.approx(0.05)
    assert largest(gan.generator) > 0.9 * generator_before > 0.05


def test_the_critic_loss_is_minus_the_difference_of_the_mean_scores():
    gan = make(WassersteinGAN)
    fake = REAL[::-1] + 1
    real_score, fake_score = (
        gan.discriminator.predict(x, verbose=0).mean() for x in (REAL, fake)
    )
    loss = float(gan.discriminator_loss(REAL, fake))
    assert loss == pytest.approx(fake_score - real_score, rel=1e-4)


def test_the_penalty_is_added_with_its_weight():
    """The slope of a linear critic is the same everywhere, so no draw matters."""
    gan = make(GradientPenaltyGAN, penalty_weight=3.0)
    gan.discriminator = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    real, fake = ops.convert_to_tensor(REAL), ops.convert_to_tensor(REAL + 1)
    kernel, _ = gan.discriminator.get_weights()
    expected = kernel.sum() + 3 * (np.linalg.norm(kernel) - 1) ** 2
    assert float(gan.discriminator_loss(real, fake)) == pytest.approx(
        expected, rel=1e-4
    )


@pytest.mark.parametrize("gan", GANS)
def test_the_critic_takes_five_steps_for_one(gan):
    model = make(gan)
    model.fit(REAL, batch_size=100, epochs=3, verbose=0)
    steps = {name: int(o.iterations) for name, o in model.optimizer.players.items()}
    assert steps == {"discriminator": 30, "generator": 6}


def test_the_penalty_pulls_the_slope_to_one():
    gan = make(GradientPenaltyGAN)
    gan.discriminator.set_weights([5 * w for w in gan.discriminator.get_weights()])
    before = ops.convert_to_numpy(gradient_norms(gan.discriminator, REAL)).mean()
    gan.fit(REAL, batch_size=100, epochs=30, verbose=0)
    after = ops.convert_to_numpy(gradient_norms(gan.discriminator, REAL)).mean()
    assert before > 3 and abs(after - 1) < 0.3


@pytest.mark.parametrize("gan", GANS)
def test_training_follows_the_seed(gan):
    first, second = make(gan), make(gan)
    for model in (first, second):
        model.fit(REAL, batch_size=100, shuffle=False, verbose=0)
    for one, other in zip(first.get_weights(), second.get_weights(), strict=True):
        np.testing.assert_allclose(one, other, atol=1e-6)


@pytest.mark.parametrize(
    ("gan", "arguments"),
    [(WassersteinGAN, {"clip": 0.05}), (GradientPenaltyGAN, {"penalty_weight": 3.0})],
)
def test_a_saved_model_goes_on_training_where_it_was(gan, arguments, tmp_path):
    model = make(gan, discriminator_steps=2, **arguments)
    model.fit(REAL, batch_size=100, verbose=0)
    model.save(tmp_path / "gan.keras")
    loaded = keras.saving.load_model(tmp_path / "gan.keras")
    config = loaded.get_config()
    assert arguments == {name: config[name] for name in arguments}
    assert config["discriminator_steps"] == 2 and config["seed"] == 7
    np.testing.assert_allclose(loaded.sample(4, 1), model.sample(4, 1), rtol=1e-5)
    seed = ops.convert_to_numpy(model.seed_generator.state)
    loaded.seed_generator.state.assign(seed)  # Keras does not save it
    for each in (model, loaded):
        each.fit(REAL, batch_size=100, shuffle=False, verbose=0)
    np.testing.assert_allclose(
        loaded.sample(4, 1), model.sample(4, 1), rtol=1e-4, atol=1e-5
    )


@pytest.mark.parametrize(
    ("gan", "argument", "value"),
    [
        (WassersteinGAN, "clip", 0.0),
        (WassersteinGAN, "clip", float("nan")),
        (WassersteinGAN, "discriminator_steps", 0),
        (GradientPenaltyGAN, "penalty_weight", -1.0),
        (GradientPenaltyGAN, "discriminator_steps", 0),
    ],
)
def test_numbers_out_of_range_are_refused(gan, argument, value):
    with pytest.raises(ValueError, match=f"{argument} must"):
        gan(generator(), critic(), **{argument: value})


@pytest.mark.parametrize(
    "layer",
    [
        keras.layers.BatchNormalization,
        fundamentals.BatchNormalization,
        lambda: keras.Sequential([keras.layers.BatchNormalization()]),
    ],
    ids=["keras", "whiteboard", "nested"],
)
def test_a_penalized_critic_must_not_have_batch_normalization(layer):
    with pytest.raises(ValueError, match="must not have batch normalization"):
        GradientPenaltyGAN(generator(), critic(layer()))
    WassersteinGAN(generator(), critic(layer()))


def test_other_normalizations_are_welcome():
    GradientPenaltyGAN(generator(), critic(keras.layers.LayerNormalization()))


def test_data_of_another_shape_than_the_samples_is_refused():
    gan = make(GradientPenaltyGAN)
    with pytest.raises(ValueError, match="incompatible|same shape|expected"):
        gan.fit(np.zeros((20, 3), "float32"), verbose=0)
