import numpy as np
import pytest
from sklearn.ensemble._hist_gradient_boosting.binning import _BinMapper
from sklearn.utils.estimator_checks import parametrize_with_checks

from whiteboard.ensembles import (
    QuantileBinner,
    gradient_histogram,
    quantile_bin_edges,
)


@parametrize_with_checks([QuantileBinner()])
def test_scikit_learn_conventions(estimator, check):
    check(estimator)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("max_bins", [2, 15, 255])
def test_edges_and_codes_are_scikit_learns(seed, max_bins):
    x = np.random.default_rng(seed).normal(size=(1000, 3))
    x[:, 1] = np.round(x[:, 1])  # few distinct values
    theirs = _BinMapper(n_bins=max_bins + 1).fit(x)
    ours = QuantileBinner(max_bins=max_bins).fit(x)
    for mine, other in zip(ours.bin_edges_, theirs.bin_thresholds_, strict=True):
        assert np.array_equal(mine, np.unique(other))
    if max_bins == 255:  # no repeated edge
        assert np.array_equal(ours.transform(x), theirs.transform(x))


def test_few_values_get_a_bin_each_with_edges_halfway():
    assert quantile_bin_edges([3.0, 1.0, 3.0, 7.0]).tolist() == [2.0, 5.0]
    codes = QuantileBinner().fit_transform([[3.0], [1.0], [3.0], [7.0]])
    assert codes.ravel().tolist() == [1, 0, 1, 2]


def test_a_value_on_an_edge_goes_left_and_beyond_goes_outermost():
    binner = QuantileBinner(max_bins=4).fit(np.arange(100.0)[:, None])
    edge = binner.bin_edges_[0][0]
    asked = [[edge], [np.nextafter(edge, 200)], [-1e9], [1e9]]
    assert binner.transform(asked).ravel().tolist() == [0, 1, 0, 3]


def test_bins_hold_about_equally_many():
    x = np.random.default_rng(0).exponential(size=(10_000, 1)) ** 3
    counts = np.bincount(QuantileBinner(max_bins=100).fit_transform(x).ravel())
    assert len(counts) == 100 and counts.min() >= 99 and counts.max() <= 101


def test_a_constant_column_is_one_bin_and_one_row_is_enough():
    assert QuantileBinner().fit([[1.0]]).bin_edges_[0].size == 0
    assert not QuantileBinner().fit_transform(np.ones((5, 2))).any()


def test_the_codes_take_one_byte_as_long_as_they_fit():
    x = np.arange(1000.0)[:, None]
    assert QuantileBinner(max_bins=256).fit_transform(x).dtype == np.uint8
    wide = QuantileBinner(max_bins=1000).fit_transform(x)
    assert wide.dtype == np.uint16 and wide.max() == 999


@pytest.mark.parametrize("max_bins", [1, 0, 65_537, 2.5, "many"])
def test_the_number_of_bins_is_checked(max_bins):
    with pytest.raises(ValueError, match="max_bins must be .* Received"):
        QuantileBinner(max_bins=max_bins).fit([[1.0], [2.0]])


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_nan_and_infinity_are_refused(bad):
    with pytest.raises(ValueError, match="NaN|infinity"):
        QuantileBinner().fit([[1.0], [bad]])
    with pytest.raises(ValueError, match="NaN|infinity"):
        QuantileBinner().fit([[1.0], [2.0]]).transform([[bad]])


def test_a_histogram_is_the_sums_over_the_rows_of_each_bin():
    rng = np.random.default_rng(0)
    codes = rng.integers(7, size=(200, 3))
    gradients, hessians = rng.normal(size=200), rng.uniform(size=200)
    histogram = gradient_histogram(codes, gradients, hessians, num_bins=8)
    assert histogram.shape == (3, 3, 8)
    for feature in range(3):
        for k in range(8):
            rows = codes[:, feature] == k
            expected = gradients[rows].sum(), hessians[rows].sum(), rows.sum()
            np.testing.assert_allclose(histogram[feature, :, k], expected, atol=1e-12)


def test_histograms_add_up():
    rng = np.random.default_rng(0)
    codes, gradients = rng.integers(9, size=(500, 2)), rng.normal(size=500)
    hessians, left = rng.uniform(size=500), rng.random(500) < 0.3
    parent, child, sibling = (
        gradient_histogram(codes[rows], gradients[rows], hessians[rows], 9)
        for rows in (left | True, left, ~left)
    )
    np.testing.assert_allclose(parent - child, sibling, atol=1e-12)


def test_no_rows_give_zeros():
    empty = gradient_histogram(np.empty((0, 2), int), np.empty(0), np.empty(0), 4)
    assert empty.shape == (2, 3, 4) and not empty.any()
