import keras
import numpy as np
import pytest

from whiteboard.cnn import image_input, softmax_classifier


@pytest.mark.parametrize("shape", [(8, 9, 3), (None, 8, 1), [None, None, 4]])
def test_input_has_the_shape(shape):
    assert image_input(shape, min_size=8).shape == (None, *shape)


@pytest.mark.parametrize(
    "shape", [(7, 8, 3), (8, 7, 3), (8, 8, 0), (8, 8, None), (8, 8), (8, 8, 8, 3)]
)
def test_bad_shape_is_refused(shape):
    with pytest.raises(
        ValueError, match="of at least 8 or None and.*Received: input_s"
    ):
        image_input(shape, min_size=8)


def test_unknown_size_is_refused_where_it_must_be_known():
    with pytest.raises(ValueError, match="of at least 8 and at least 1 channel"):
        image_input((8, None, 3), min_size=8, any_size=False)


@pytest.mark.parametrize(
    ("policy", "dtype"),
    [
        ("float32", "float32"),
        ("mixed_float16", "float32"),
        ("mixed_bfloat16", "float32"),
    ],
)
def test_probabilities_have_the_precision_of_the_weights(policy, dtype):
    keras.config.set_dtype_policy(policy)
    try:
        probabilities = softmax_classifier(np.ones((2, 5), "float32"), 3)
    finally:
        keras.config.set_dtype_policy("float32")
    assert keras.backend.standardize_dtype(probabilities.dtype) == dtype
    sums = keras.ops.convert_to_numpy(probabilities).sum(axis=1)
    np.testing.assert_allclose(sums, np.ones(2), atol=1e-6)


def test_no_classes_are_refused():
    with pytest.raises(ValueError, match="Received: classes=0"):
        softmax_classifier(np.ones((2, 5), "float32"), 0)
