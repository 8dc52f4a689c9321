import keras
import numpy as np
import pytest

from whiteboard.fundamentals import MLP
from whiteboard.generative import ConditionalGAN, concatenate_condition


def mlp(inputs, outputs, condition_size=2):
    model = keras.Sequential([keras.Input((inputs + condition_size,))])
    model.add(MLP([16, outputs]))
    return concatenate_condition(model, condition_size)


def conditional_gan(**kwargs):
    gan = ConditionalGAN(mlp(4, 3), mlp(3, 1), seed=1, **kwargs)
    adam = {"learning_rate": 0.01, "beta_1": 0.5}
    gan.compile(
        {player: keras.optimizers.Adam(**adam) for player in gan.players},
        jit_compile="auto",
    )
    return gan


def pairs(count=64):
    """Points near -1 where the condition is (1, 0), near 1 where it is (0, 1)."""
    rng = np.random.default_rng(0)
    labels = rng.integers(2, size=count)
    x = (2 * labels - 1)[:, None] + 0.1 * rng.normal(size=(count, 3))
    return x.astype("float32"), np.eye(2, dtype="float32")[labels]


def test_the_sample_follows_the_condition():
    keras.utils.set_random_seed(3)
    gan = conditional_gan()
    gan.fit(*pairs(2048), batch_size=64, epochs=4, verbose=0)
    samples = gan.sample(np.repeat(np.eye(2, dtype="float32"), 50, axis=0), seed=1)
    assert samples[:50].mean() < -0.5 and samples[50:].mean() > 0.5


@pytest.mark.parametrize("steps", [1, 2])
def test_each_player_trains_and_reports(steps):
    gan = conditional_gan(discriminator_steps=steps)
    before = [np.array(weight) for weight in gan.get_weights()]
    history = gan.fit(*pairs(), batch_size=32, verbose=0).history
    assert set(history) == {"discriminator_loss", "generator_loss"}
    changes = [
        np.abs(b - a).max() for b, a in zip(before, gan.get_weights(), strict=True)
    ]
    assert min(changes[:8]) > 0 and np.isfinite(changes).all()


def test_a_seed_fixes_the_sample_and_the_condition_changes_it():
    gan, (_, y) = conditional_gan(), pairs(4)
    np.testing.assert_array_equal(gan.sample(y, seed=1), gan.sample(y, seed=1))
    assert np.abs(gan.sample(y, seed=1) - gan.sample(y, seed=2)).max() > 0.01
    assert np.abs(gan.sample(y, seed=1) - gan.sample(1 - y, seed=1)).max() > 0.01


def test_save_and_load(tmp_path):
    gan, (x, y) = conditional_gan(loss="hinge"), pairs()
    gan.fit(x, y, verbose=0)
    gan.save(tmp_path / "gan.keras")
    loaded = keras.models.load_model(tmp_path / "gan.keras")
    np.testing.assert_allclose(loaded.sample(y, 1), gan.sample(y, 1), atol=1e-6)
    assert loaded.get_config()["loss"] == "hinge"
    loaded.fit(x, y, verbose=0)


def test_both_players_must_see_the_condition():
    blind = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])
    with pytest.raises(ValueError, match="discriminator must take two inputs"):
        ConditionalGAN(mlp(4, 3), blind)
    with pytest.raises(ValueError, match="generator must take two inputs"):
        ConditionalGAN(blind, mlp(3, 1))
    with pytest.raises(ValueError, match="loss must be one of"):
        ConditionalGAN(mlp(4, 3), mlp(3, 1), loss="mse")


def test_a_condition_of_another_size_is_refused():
    with pytest.raises(Exception, match="(?i)shape|size|dimension"):
        conditional_gan().sample(np.ones((4, 3), "float32"))
