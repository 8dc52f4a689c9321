import keras
import numpy as np
import pytest
from keras import ops

from whiteboard.fundamentals import LayerNormalization, model_gradients


def random(*shape, seed=0):
    return np.random.default_rng(seed).normal(3, 2, size=shape).astype("float32")


def to_numpy(x):
    return ops.convert_to_numpy(ops.cast(x, "float32"))


def both(shape, **kwargs):
    layers = [LayerNormalization(**kwargs), keras.layers.LayerNormalization(**kwargs)]
    for layer in layers:
        layer.build(shape)
    rng = np.random.default_rng(5)
    weights = [rng.uniform(0.5, 2, size=w.shape) for w in layers[0].get_weights()]
    for layer in layers:
        layer.set_weights(weights)
    return layers


@pytest.mark.parametrize(
    "shape, axis",
    [
        ((4, 8), -1),
        ((4, 5, 8), -1),
        pytest.param(
            *((4, 5, 8), 1),
            marks=pytest.mark.skipif(
                keras.backend.backend() == "torch",
                reason="Keras on torch takes the last axes only",
            ),
        ),
        ((4, 5, 8), [1, 2]),
        ((4, 5, 8), [2, 1]),
        ((4, 5, 6, 3), [1, 3]),
        ((4, 5, 6, 3), (1, 2, 3)),
        ((1, 1), -1),
        ((0, 4), -1),
    ],
)
def test_outputs_agree_with_keras(shape, axis):
    mine, builtin = both(shape, axis=axis)
    x = random(*shape)
    np.testing.assert_allclose(to_numpy(mine(x)), to_numpy(builtin(x)), atol=1e-5)


@pytest.mark.parametrize("epsilon", [1e-3, 1e-6])
def test_gradients_agree_with_keras(epsilon):
    x, y = random(16, 6), random(16, 4, seed=1)
    gradients = []
    for norm in both((16, 4), epsilon=epsilon):
        keras.utils.set_random_seed(2)
        model = keras.Sequential([keras.layers.Dense(4), norm])
        model.build((16, 6))
        gradients.append(model_gradients(model, x, y, "mse")[1])
    for pair in zip(*gradients, strict=True):
        np.testing.assert_allclose(*pair, atol=1e-5, rtol=1e-4)


@pytest.mark.parametrize("policy", ["mixed_float16", "mixed_bfloat16"])
def test_statistics_are_float32_under_mixed_precision(policy):
    mine, builtin = both((4, 8), dtype=policy)
    x = ops.cast(1000 * random(4, 8), policy.removeprefix("mixed_"))  # x^2 overflows
    outputs = [to_numpy(f(x)) for f in (mine, builtin)]
    assert np.isfinite(outputs[0]).all()
    np.testing.assert_allclose(*outputs, rtol=1e-2, atol=1e-2)


def test_a_row_does_not_see_the_others():
    layer, _ = both((4, 5, 8))
    x = random(4, 5, 8)
    np.testing.assert_allclose(
        to_numpy(layer(x[1:2])), to_numpy(layer(x))[1:2], atol=1e-6
    )


def test_unknown_length_is_fine_where_it_is_not_normalized():
    inputs = keras.Input((None, 8))
    model = keras.Model(inputs, LayerNormalization()(inputs))
    assert model.predict(random(2, 7, 8), verbose=0).shape == (2, 7, 8)


@pytest.mark.parametrize(
    "axis, shape, message",
    [
        (3, (2, 3, 4), "axis must name different axes"),
        (-4, (2, 3, 4), "axis must name different axes"),
        ([1, 1], (2, 3, 4), "axis must name different axes"),
        ([1, -2], (2, 3, 4), "axis must name different axes"),
        (0, (2, 3, 4), "after the batch axis"),
        (-1, (4,), "after the batch axis"),
        ([], (2, 3), "axis must name different axes"),
        (1, (2, None, 4), "known size.*Received: axis=1"),
    ],
)
def test_bad_axis_is_refused(axis, shape, message):
    with pytest.raises(ValueError, match=message):
        LayerNormalization(axis=axis).build(shape)


def test_negative_epsilon_is_refused():
    with pytest.raises(ValueError, match="Received: epsilon=-1"):
        LayerNormalization(epsilon=-1)
