import numpy as np
import pytest

from whiteboard.ensembles import (
    FeatureBundles,
    find_exclusive_bundles,
    gradient_histogram,
)


def one_hot(rows, levels, columns, seed):
    categories = np.random.default_rng(seed).integers(levels, size=(rows, columns))
    return (categories[:, :, None] == np.arange(levels)).reshape(rows, -1).astype(int)


@pytest.mark.parametrize("seed", range(5))
def test_one_hot_columns_become_their_categories(seed):
    codes = one_hot(3000, levels=12, columns=4, seed=seed)
    bundles = find_exclusive_bundles(codes)
    groups = sorted(sorted(features) for features in bundles.members)
    assert groups == [list(range(12 * j, 12 * j + 12)) for j in range(4)]
    merged = bundles.merge(codes)
    assert merged.shape == (3000, 4) and merged.min() == 1 and merged.max() == 12
    assert np.array_equal(bundles.unmerge(merged), codes)


@pytest.mark.parametrize("seed", range(5))
def test_without_conflicts_nothing_is_lost_with_many_bins_either(seed):
    rng = np.random.default_rng(seed)
    codes = rng.integers(1, 9, size=(500, 30)) * (rng.random((500, 30)) < 0.03)
    bundles = find_exclusive_bundles(codes)
    bundled = [feature for members in bundles.members for feature in members]
    assert sorted(bundled) == list(range(30))
    assert len(bundles.members) < 30
    merged = bundles.merge(codes)
    assert np.array_equal(bundles.unmerge(merged), codes)
    gradients, hessians = rng.normal(size=500), rng.uniform(size=500)
    of_bundles = gradient_histogram(merged, gradients, hessians, merged.max() + 1)
    direct = gradient_histogram(codes, gradients, hessians, codes.max() + 1)
    cut_out = bundles.feature_histograms(of_bundles)
    np.testing.assert_allclose(cut_out, direct, atol=1e-10)


def test_offsets_keep_the_features_apart():
    bundles = FeatureBundles(members=[[1, 0], [2]], num_bins=np.array([3, 4, 2]))
    codes = np.array([[0, 3, 1], [2, 0, 0], [1, 0, 1], [0, 0, 0]])
    assert bundles.merge(codes).tolist() == [[3, 1], [5, 0], [4, 1], [0, 0]]
    assert np.array_equal(bundles.unmerge(bundles.merge(codes)), codes)


def test_the_conflict_rate_is_a_budget_per_bundle():
    codes = np.zeros((100, 3), int)
    codes[:50, 0] = codes[48:90, 1] = codes[89:, 2] = 1  # 2 conflicts, then 1
    assert len(find_exclusive_bundles(codes).members) == 2  # 0 and 2 share
    assert find_exclusive_bundles(codes, 0.02).members == [[0, 1], [2]]
    bundles = find_exclusive_bundles(codes, 0.03)
    assert bundles.members == [[0, 1, 2]]
    lost = bundles.unmerge(bundles.merge(codes)) != codes
    assert lost.sum() == 3


def test_dense_features_stay_alone():
    codes = np.random.default_rng(0).integers(1, 9, size=(50, 6))
    assert sorted(find_exclusive_bundles(codes).members) == [[j] for j in range(6)]


def test_an_empty_column_and_one_row():
    bundles = find_exclusive_bundles(np.zeros((1, 3), int))
    assert bundles.members == [[0, 1, 2]] and not bundles.merge(np.zeros((1, 3))).any()


@pytest.mark.parametrize("codes", [[[0.5, 1]], [[-1, 1]]])
def test_codes_are_checked(codes):
    with pytest.raises(ValueError, match="codes must be bin numbers.*Received"):
        find_exclusive_bundles(codes)


@pytest.mark.parametrize("rate", [-0.1, 1.1, np.nan])
def test_the_rate_is_checked(rate):
    with pytest.raises(ValueError, match="max_conflict_rate must lie.*Received"):
        find_exclusive_bundles([[0, 1]], rate)
