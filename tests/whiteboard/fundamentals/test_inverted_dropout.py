import keras
import numpy as np
import pytest
from keras import ops

from whiteboard.fundamentals import Dropout, dropout, value_and_gradients


def to_numpy(x):
    return ops.convert_to_numpy(x)


@pytest.mark.parametrize("rate", [0.1, 0.5, 0.8])
def test_has_the_distribution_of_keras(rate):
    ones = np.ones((400, 500), "float32")
    mine = to_numpy(Dropout(rate, seed=3)(ones, training=True))
    theirs = to_numpy(keras.layers.Dropout(rate, seed=4)(ones, training=True))
    for dropped in (mine, theirs):
        values = np.unique(dropped)
        np.testing.assert_allclose(values, [0, 1 / (1 - rate)], rtol=1e-6)
        np.testing.assert_allclose((dropped == 0).mean(), rate, atol=0.006)
        np.testing.assert_allclose(dropped.mean(), 1, atol=0.02)


def test_entries_are_dropped_independently():
    kept = to_numpy(dropout(np.ones((20_000, 3), "float32"), 0.5, seed=1)) > 0
    assert np.abs(np.corrcoef(kept.T) - np.eye(3)).max() < 0.03


def test_does_nothing_at_inference_and_at_rate_zero():
    x = np.random.default_rng(0).normal(size=(3, 4)).astype("float32")
    np.testing.assert_array_equal(to_numpy(Dropout(0.5)(x)), x)
    np.testing.assert_array_equal(to_numpy(Dropout(0.0)(x, training=True)), x)


def test_an_integer_seed_fixes_the_mask_and_a_generator_moves_on():
    x = np.ones(100, "float32")
    np.testing.assert_array_equal(*(to_numpy(dropout(x, 0.5, 7)) for _ in range(2)))
    generator = keras.random.SeedGenerator(7)
    first, second = (to_numpy(dropout(x, 0.5, generator)) for _ in range(2))
    assert (first != second).any()


def test_gradient_passes_where_the_entry_was_kept():
    x = np.random.default_rng(0).normal(size=(50,)).astype("float32")
    _, (gradient,) = value_and_gradients(lambda x: ops.sum(dropout(x, 0.5, 7)), x)
    np.testing.assert_allclose(gradient, to_numpy(dropout(x, 0.5, 7)) / x, rtol=1e-6)


def test_a_dropped_nan_is_gone():
    x = np.full(100, np.nan, "float32")
    dropped = to_numpy(dropout(x, 0.5, seed=7))
    assert set(np.unique(np.isnan(dropped))) == {False, True}


@pytest.mark.parametrize("rate", [-0.1, 1, 1.5, np.nan])
def test_bad_rate_is_refused(rate):
    with pytest.raises(ValueError, match="rate must be at least 0 and below 1"):
        Dropout(rate)
    with pytest.raises(ValueError, match="rate must be at least 0 and below 1"):
        dropout(np.ones(3), rate)
