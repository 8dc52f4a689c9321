import keras
import numpy as np
import pytest
from keras import ops

from whiteboard.generative import Game


@keras.saving.register_keras_serializable(package="test")
class Pursuit(Game):
    """A fox goes to where the hare is, the hare to where the data are and off the fox."""

    players = ("fox", "hare")

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.fox = keras.layers.Dense(1, use_bias=False, kernel_initializer="zeros")
        self.hare = [
            keras.layers.Dense(1, use_bias=False, kernel_initializer="ones"),
            keras.layers.BatchNormalization(center=False, scale=False, momentum=0.5),
        ]
        self.noise = keras.layers.Dropout(0.5, seed=0)
        self.fox.build((None, 1))
        self.hare[0].build((None, 1))
        self.hare[1].build((None, 1))

    def call(self, x):
        return self.fox(x)

    def play(self, x, y=None):
        fox = self.improve("fox", self.fox_loss)
        hare = self.improve("hare", lambda: self.hare_loss(x))
        return {"fox": fox, "hare": hare}

    def fox_loss(self):
        one = ops.ones((1, 1))
        self.noise(one, training=True)
        return ops.sum((self.fox(one) - self.hare[0](one)) ** 2)

    def hare_loss(self, x):
        one = ops.ones((1, 1))
        self.hare[1](x, training=True)
        away = ops.sum((self.hare[0](one) - self.fox(one)) ** 2)
        return ops.mean((self.hare[0](one) - x) ** 2) - 0.5 * away

    def get_config(self):
        return super().get_config()


def positions(game):
    return [w.get_weights()[0].item() for w in (game.fox, game.hare[0])]


def make(rate=0.1, momentum=0.0, **kwargs):
    game = Pursuit()
    game.compile(
        {p: keras.optimizers.SGD(rate, momentum) for p in game.players}, **kwargs
    )
    return game


def play_by_hand(fox, hare, batches, rate=0.1):
    losses = []
    for x in batches:
        fox_loss, fox_gradient = (fox - hare) ** 2, 2 * (fox - hare)
        fox -= rate * fox_gradient
        hare_loss = np.mean((hare - x) ** 2) - 0.5 * (hare - fox) ** 2
        hare_gradient = 2 * (hare - x.mean()) - (hare - fox)
        hare -= rate * hare_gradient
        losses.append((fox_loss, hare_loss))
    return fox, hare, np.mean(losses, axis=0)


BATCHES = np.random.default_rng(0).normal(3, 1, size=(5, 4, 1)).astype("float32")


@pytest.mark.parametrize(
    "settings", [{}, {"run_eagerly": True}, {"jit_compile": False}]
)
def test_fit_takes_the_steps_that_one_takes_by_hand(settings):
    game = make(**settings)
    history = game.fit(
        BATCHES.reshape(20, 1), batch_size=4, shuffle=False, verbose=0
    ).history
    fox, hare, losses = play_by_hand(0.0, 1.0, BATCHES)
    np.testing.assert_allclose(positions(game), [fox, hare], rtol=1e-5)
    got = [history[f"{player}_loss"][0] for player in game.players]
    np.testing.assert_allclose(got, losses, rtol=1e-5)


def test_the_other_player_stands_still():
    game = Pursuit()
    game.compile({"fox": keras.optimizers.SGD(0.1), "hare": keras.optimizers.SGD(0.0)})
    game.fit(BATCHES.reshape(20, 1), batch_size=4, verbose=0)
    fox, hare = positions(game)
    assert hare == 1 and 0 < fox < 1


def test_state_changes_once_a_step_and_is_kept():
    game = make()
    seeds = [v for v in game.noise.variables if "seed" in v.path]
    before = [ops.convert_to_numpy(seed).copy() for seed in seeds]
    game.fit(BATCHES[0], batch_size=4, verbose=0)
    mean = game.hare[1].get_weights()[0].item()
    assert mean == pytest.approx(0.5 * BATCHES[0].mean(), rel=1e-5)
    assert seeds and all(
        not np.array_equal(ops.convert_to_numpy(seed), old)
        for seed, old in zip(seeds, before, strict=True)
    )


def test_a_second_argument_reaches_play():
    @keras.saving.register_keras_serializable(package="test")
    class Labelled(Pursuit):
        def play(self, x, y):
            return super().play(x + y)

    game, plain = Labelled(), make()
    game.compile({p: keras.optimizers.SGD(0.1) for p in game.players})
    x = BATCHES.reshape(20, 1)
    game.fit(x, np.ones_like(x), batch_size=4, shuffle=False, verbose=0)
    plain.fit(x + 1, batch_size=4, shuffle=False, verbose=0)
    np.testing.assert_allclose(positions(game), positions(plain), rtol=1e-5)


def test_saving_in_the_middle_changes_nothing(tmp_path):
    straight, stopped = make(momentum=0.9), make(momentum=0.9)
    x = BATCHES.reshape(20, 1)
    straight.fit(np.concatenate([x, x]), batch_size=4, shuffle=False, verbose=0)
    stopped.fit(x, batch_size=4, shuffle=False, verbose=0)
    stopped.save(tmp_path / "game.keras")
    resumed = keras.models.load_model(tmp_path / "game.keras")
    np.testing.assert_allclose(positions(resumed), positions(stopped))
    resumed.fit(x, batch_size=4, shuffle=False, verbose=0)
    np.testing.assert_allclose(positions(resumed), positions(straight), rtol=1e-5)


def test_a_game_that_was_never_compiled_saves(tmp_path):
    game = Pursuit()
    game.built = True
    game.save(tmp_path / "game.keras")
    assert positions(keras.models.load_model(tmp_path / "game.keras")) == [0, 1]


def test_optimizers_by_name():
    game = Pursuit()
    game.compile({"fox": "adam", "hare": "sgd"})
    kinds = [type(each).__name__ for each in game.optimizer.players.values()]
    assert kinds == ["Adam", "SGD"]


@pytest.mark.parametrize("optimizers", ["adam", {"fox": "adam"}, {}, None])
def test_other_players_are_refused(optimizers):
    with pytest.raises(ValueError, match=r"keys \['fox', 'hare'\]. Received"):
        Pursuit().compile(optimizers)


def test_a_shared_optimizer_is_refused():
    shared = keras.optimizers.SGD()
    with pytest.raises(ValueError, match="one for each player. Received"):
        Pursuit().compile({"fox": shared, "hare": shared})


def test_a_player_without_weights_is_refused():
    game = Pursuit()
    game.fox = keras.layers.Dense(1)
    with pytest.raises(ValueError, match="fox must be built"):
        game.compile({"fox": "sgd", "hare": "sgd"})


def test_a_game_without_play_says_so():
    class Idle(Pursuit):
        play = Game.play

    game = Idle()
    game.compile({"fox": "sgd", "hare": "sgd"}, run_eagerly=True)
    with pytest.raises(NotImplementedError):
        game.fit(BATCHES[0], verbose=0)
