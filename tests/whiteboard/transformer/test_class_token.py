import numpy as np
import pytest
from keras import ops

from whiteboard.transformer import ClassToken


def test_stands_before_the_tokens_and_is_the_same_for_all():
    x = np.random.default_rng(0).normal(size=(3, 4, 5)).astype("float32")
    layer = ClassToken(initializer="ones")
    outputs = ops.convert_to_numpy(layer(x))
    np.testing.assert_array_equal(outputs[:, 0], np.ones((3, 5)))
    np.testing.assert_array_equal(outputs[:, 1:], x)
    assert layer.count_params() == 5


def test_length_may_be_unknown():
    assert ClassToken().compute_output_shape((None, None, 4)) == (None, None, 4)
    assert ClassToken().compute_output_shape((None, 0, 4)) == (None, 1, 4)


@pytest.mark.parametrize("shape", [(3, 4), (2, 3, None), (2, 3, 4, 5)])
def test_other_shapes_are_refused(shape):
    with pytest.raises(ValueError, match="needs inputs of shape.*Received"):
        ClassToken().build(shape)
