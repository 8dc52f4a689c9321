"""Train one compiled game again and again: compiling it costs more than training it."""

import keras
import numpy as np


def fresh_starts(build):
    """A function from a seed to the game, newly drawn and reset, always the same object.

    `build` returns a compiled game, its weights drawn from Keras' global seed.
    """
    game = build()
    variables = game.optimizer.variables
    at_first = [np.array(keras.ops.convert_to_numpy(each)) for each in variables]

    def start(seed):
        keras.utils.set_random_seed(seed)
        game.set_weights(build().get_weights())
        for variable, value in zip(variables, at_first, strict=True):
            variable.assign(value)
        return game

    return start
