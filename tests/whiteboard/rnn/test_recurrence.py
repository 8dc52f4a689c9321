import keras
import numpy as np
import pytest
from keras import ops
from recurrent_parity import random

from whiteboard.rnn import GRU, LSTM, SimpleRNN, require_steps

each_layer = pytest.mark.parametrize("layer", [SimpleRNN, LSTM, GRU])


@pytest.mark.parametrize("shape", [(3, 5), (2, 6), (3, 6, 1), (3,)])
def test_a_mask_of_another_shape_is_refused(shape):
    with pytest.raises(ValueError, match=r"mask must have shape.*Received: mask.shape"):
        require_steps(random(3, 6, 4), np.ones(shape, bool))


def test_a_mask_of_the_right_shape_passes():
    require_steps(random(3, 6, 4), np.ones((3, 6), bool))
    require_steps(keras.KerasTensor((None, None, 4)), np.ones((3, 6), bool))


@each_layer
def test_bad_sequences_are_refused(layer):
    with pytest.raises(ValueError, match="at least one step"):
        layer(5)(np.zeros((3, 0, 4), "float32"))
    with pytest.raises(ValueError, match="expected ndim=3, found ndim=2"):
        layer(5)(random(3, 4))
    with pytest.raises(ValueError, match="number of features must be known"):
        layer(5).build((3, 6, None))
    with pytest.raises(ValueError, match="mask must have shape"):
        layer(5)(random(3, 6, 4), mask=np.ones((6, 3), bool))


@each_layer
def test_masked_steps_keep_the_state_whatever_they_hold(layer):
    """Even NaN in the padding does not reach the output."""
    layer = layer(5, return_sequences=True)
    x, mask = random(2, 6, 4), np.array([[1, 1, 1, 0, 0, 0]] * 2, bool)
    expected = ops.convert_to_numpy(layer(x[:, :3]))
    x[:, 3:] = np.nan
    outputs = ops.convert_to_numpy(layer(x, mask=mask))
    np.testing.assert_allclose(outputs[:, :3], expected, atol=1e-6)
    np.testing.assert_allclose(outputs[:, 3:], expected[:, [2, 2, 2]], atol=1e-6)


@each_layer
def test_weights_do_not_depend_on_the_length(layer):
    layer = layer(5)
    for steps in (1, 9):
        assert tuple(layer(random(2, steps, 4)).shape) == (2, 5)
    assert len(layer.weights) == 3


@each_layer
def test_output_shapes_with_states(layer):
    layer = layer(5, return_sequences=True, return_state=True)
    shapes = layer.compute_output_shape((2, 6, 4))
    assert [tuple(shape) for shape in shapes] == [
        tuple(tensor.shape) for tensor in layer(random(2, 6, 4))
    ]


@each_layer
def test_builtin_bidirectional_wraps_it(layer):
    builtin = getattr(keras.layers, layer.__name__)
    ours, theirs = (
        keras.layers.Bidirectional(one(3, return_sequences=True))
        for one in (layer, builtin)
    )
    x, mask = random(2, 5, 4), np.array([[1] * 5, [1, 1, 1, 0, 0]], bool)
    for one in (ours, theirs):
        one.build(x.shape)
    theirs.set_weights(ours.get_weights())
    outputs = (ops.convert_to_numpy(one(x, mask=mask)) for one in (ours, theirs))
    np.testing.assert_allclose(*outputs, atol=1e-6)
