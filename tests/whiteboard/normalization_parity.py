"""What the tests of all normalization layers compare with the built-in layers."""

import keras
import numpy as np
from keras import ops

from whiteboard.fundamentals import model_gradients


def random(*shape, seed=0):
    return np.random.default_rng(seed).normal(3, 2, size=shape).astype("float32")


def to_numpy(x):
    return ops.convert_to_numpy(ops.cast(x, "float32"))


def both(layer, shape, **kwargs):
    """A layer and the built-in of its name, with the same random weights."""
    layers = [layer(**kwargs), getattr(keras.layers, layer.__name__)(**kwargs)]
    rng = np.random.default_rng(5)
    for one in layers:
        one.build(shape)
    weights = [rng.uniform(0.5, 2, size=w.shape) for w in layers[0].get_weights()]
    for one in layers:
        one.set_weights(weights)
    return layers


def check_gradients(layers, shape, training=True):
    """The gradients through both layers, behind a trained map, are the same."""
    x, y = random(*shape[:-1], 6), random(*shape, seed=1)
    gradients = []
    for norm in layers:
        keras.utils.set_random_seed(2)
        model = keras.Sequential([keras.layers.Dense(shape[-1]), norm])
        model.build(x.shape)
        gradients.append(model_gradients(model, x, y, "mse", training)[1])
    for mine, builtin in zip(*gradients, strict=True):
        np.testing.assert_allclose(mine, builtin, atol=1e-5, rtol=1e-4)


def check_mixed_precision(layers, shape, policy):
    """Statistics are float32: the squares of these inputs overflow float16."""
    x = ops.cast(1000 * random(*shape), policy.removeprefix("mixed_"))
    mine, builtin = (to_numpy(layer(x)) for layer in layers)
    assert np.isfinite(mine).all()
    np.testing.assert_allclose(mine, builtin, rtol=2e-2, atol=2e-2)
