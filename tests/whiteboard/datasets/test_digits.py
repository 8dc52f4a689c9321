import numpy as np

from whiteboard.datasets import load_digits


def test_shapes_types_and_classes():
    (x_train, y_train), (x_test, y_test) = load_digits()
    assert x_train.shape == (1347, 64) and x_test.shape == (450, 64)
    assert x_train.dtype == x_test.dtype == "float32"
    assert y_train.dtype == y_test.dtype == "int32"
    assert set(y_train) == set(y_test) == set(range(10))


def test_training_pixels_are_standardized_and_constant_ones_zero():
    (x_train, _), (x_test, _) = load_digits()
    deviation = x_train.std(axis=0)
    constant = deviation == 0
    assert 0 < constant.sum() < 10
    np.testing.assert_allclose(deviation[~constant], 1, atol=1e-5)
    np.testing.assert_allclose(x_train.mean(axis=0), 0, atol=1e-5)
    assert (x_test[:, constant] == 0).all()


def test_the_split_is_fixed_stratified_and_disjoint():
    (x_train, y_train), (x_test, y_test) = load_digits()
    np.testing.assert_array_equal(x_train, load_digits()[0][0])
    shares = np.bincount(y_train) / len(y_train) - np.bincount(y_test) / len(y_test)
    assert np.abs(shares).max() < 0.005
    assert len(np.unique(np.concatenate([x_train, x_test]), axis=0)) > 1790
