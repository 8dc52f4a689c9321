"""Train one compiled game again and again: compiling it costs more than training it."""

import keras


def fresh_starts(build):
    """A function from a seed to the game as `build` makes it, always the same object.

    `build` returns a compiled game and leaves its weights and seeds to Keras' global
    seed. Weights, random states and optimizers all start anew, so a run depends on its
    seed and not on the runs before it.
    """
    game = build()

    def start(seed):
        keras.utils.set_random_seed(seed)
        for variable, value in zip(state(game), state(build()), strict=True):
            variable.assign(value)
        return game

    return start


def state(game):
    return [*game.variables, *game.optimizer.variables]
