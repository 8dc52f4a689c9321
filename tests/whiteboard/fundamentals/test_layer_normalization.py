import keras
import numpy as np
import pytest
from normalization_parity import (
    both,
    check_gradients,
    check_mixed_precision,
    random,
    to_numpy,
)

from whiteboard.fundamentals import LayerNormalization, RMSNormalization

# They share everything but the formula.
each = pytest.mark.parametrize("layer", [LayerNormalization, RMSNormalization])


@each
@pytest.mark.parametrize(
    "shape, axis",
    [
        ((4, 8), -1),
        ((4, 5, 8), -1),
        ((4, 5, 8), [1, 2]),
        ((4, 5, 8), [2, 1]),
        ((4, 5, 6, 3), (1, 2, 3)),
        ((1, 1), -1),
        ((0, 4), -1),
    ],
)
def test_outputs_agree_with_keras(layer, shape, axis):
    mine, builtin = both(layer, shape, axis=axis)
    x = random(*shape)
    np.testing.assert_allclose(to_numpy(mine(x)), to_numpy(builtin(x)), atol=1e-5)


@pytest.mark.parametrize(
    "shape, axis",
    [
        pytest.param(
            *((4, 5, 8), 1),
            marks=pytest.mark.skipif(
                keras.backend.backend() == "torch",
                reason="Keras on torch takes the last axes only",
            ),
        ),
        ((4, 5, 6, 3), [1, 3]),
    ],
)
def test_axes_that_are_not_the_last_agree_with_keras(shape, axis):
    test_outputs_agree_with_keras(LayerNormalization, shape, axis)


@each
@pytest.mark.parametrize("epsilon", [1e-3, 1e-6])
def test_gradients_agree_with_keras(layer, epsilon):
    check_gradients(both(layer, (16, 4), epsilon=epsilon), (16, 4))


@each
@pytest.mark.parametrize("policy", ["mixed_float16", "mixed_bfloat16"])
def test_statistics_are_float32_under_mixed_precision(layer, policy):
    check_mixed_precision(both(layer, (4, 8), dtype=policy), (4, 8), policy)


@each
def test_a_row_does_not_see_the_others(layer):
    layer, _ = both(layer, (4, 5, 8))
    x = random(4, 5, 8)
    np.testing.assert_allclose(
        to_numpy(layer(x[1:2])), to_numpy(layer(x))[1:2], atol=1e-6
    )


@each
def test_unknown_length_is_fine_where_it_is_not_normalized(layer):
    inputs = keras.Input((None, 8))
    model = keras.Model(inputs, layer()(inputs))
    assert model.predict(random(2, 7, 8), verbose=0).shape == (2, 7, 8)


@each
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
def test_bad_axis_is_refused(layer, axis, shape, message):
    with pytest.raises(ValueError, match=message):
        layer(axis=axis).build(shape)


@each
def test_negative_epsilon_is_refused(layer):
    with pytest.raises(ValueError, match="Received: epsilon=-1"):
        layer(epsilon=-1)
