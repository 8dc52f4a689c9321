import keras
import numpy as np
import pytest

from whiteboard.generative import as_features


def test_arrays_and_tensors_become_float64():
    rows = [[1, 2], [3, 4]]
    a, b = as_features(real=rows, generated=keras.ops.ones((1, 2), dtype="float16"))
    assert a.dtype == b.dtype == np.float64
    assert np.array_equal(a, rows) and b.shape == (1, 2)


@pytest.mark.parametrize(
    "bad", [np.ones(3), np.ones((2, 2, 3)), np.ones((0, 3)), np.ones((2, 0)), 1.0]
)
def test_wrong_shape(bad):
    with pytest.raises(ValueError, match="generated must have shape"):
        as_features(real=np.ones((2, 3)), generated=bad)
    with pytest.raises(ValueError, match="must have shape"):
        as_features(real=bad, generated=np.ones((2, 3)))


def test_unequal_width():
    with pytest.raises(ValueError, match=r"real \(4, 3\), generated \(4, 2\)"):
        as_features(real=np.ones((4, 3)), generated=np.ones((4, 2)))


def test_too_few_rows():
    with pytest.raises(ValueError, match=r"real must have at least 5 rows"):
        as_features(5, real=np.ones((4, 3)))


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_not_finite(bad):
    with pytest.raises(ValueError, match="generated must be finite"):
        as_features(real=np.ones((2, 1)), generated=[[1.0], [bad]])
