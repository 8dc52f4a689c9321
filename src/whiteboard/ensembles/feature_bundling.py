"""Exclusive feature bundling: sparse columns that are never set together share one."""

from dataclasses import dataclass

import numpy as np
from sklearn.utils.validation import check_array


@dataclass(frozen=True)
class FeatureBundles:
    """Which features share a column. Bin 0 of a feature means "not set".

    Args:
        members: for each bundle its features, in the order of their offsets.
        num_bins: `(F,)`, bins of each feature, bin 0 included.
    """

    members: list[list[int]]
    num_bins: np.ndarray

    def offsets(self, bundle):
        """Pairs (feature, offset): its bins 1, 2, ... are the bundle's offset + 1, ..."""
        sizes = self.num_bins[self.members[bundle]] - 1
        return zip(self.members[bundle], np.cumsum(sizes) - sizes, strict=True)

    def merge(self, codes):
        """`(N, F)` codes of features to `(N, number of bundles)` codes of bundles."""
        merged = np.zeros((len(codes), len(self.members)), int)
        for bundle in range(len(self.members)):
            for feature, offset in self.offsets(bundle):
                is_set = codes[:, feature] > 0
                merged[is_set, bundle] = offset + codes[is_set, feature]
        return merged

    def unmerge(self, merged):
        """The codes of the features again; where two were set, only the last."""
        codes = np.zeros((len(merged), len(self.num_bins)), int)
        for bundle, column in enumerate(merged.T):
            for feature, offset in self.offsets(bundle):
                code = column - offset
                mine = (code > 0) & (code < self.num_bins[feature])
                codes[mine, feature] = code[mine]
        return codes

    def feature_histograms(self, histogram):
        """Cuts the histograms of the features out of those of the bundles.

        Bin 0 of a feature is what is left of the total: it is never summed up.

        Args:
            histogram: `(number of bundles, 3, bins)`, see `gradient_histogram`.

        Returns:
            `(F, 3, K)`, with zeros beyond the bins of a feature.
        """
        found = np.zeros((len(self.num_bins), 3, self.num_bins.max()))
        for bundle, sums in enumerate(histogram):
            for feature, offset in self.offsets(bundle):
                size = self.num_bins[feature]
                found[feature, :, 1:size] = sums[:, offset + 1 : offset + size]
                found[feature, :, 0] = sums.sum(axis=1) - found[feature].sum(axis=1)
        return found


def find_exclusive_bundles(codes, max_conflict_rate=0.0):
    """Greedy colouring: each feature joins the first bundle it hardly collides with.

    A conflict is a row in which two features of a bundle are set. To find the fewest
    bundles is NP-hard; the features are taken by how many rows set them.

    Source: Ke et al. 2017, algorithms 3 and 4.

    Args:
        codes: `(N, F)` bin numbers, 0 for "not set".
        max_conflict_rate: conflicts that a bundle may have, as a share of the rows. With 0
            nothing is lost.

    Returns:
        `FeatureBundles`.

    Raises:
        ValueError: codes that are no bin numbers, or a rate outside 0 to 1.

    Examples:
        >>> find_exclusive_bundles([[1, 0, 1], [0, 1, 1]]).members
        [[2], [0, 1]]
    """
    codes = check_array(codes)
    if not np.issubdtype(codes.dtype, np.integer) or codes.min() < 0:
        raise ValueError(
            "codes must be bin numbers: integers from 0. "
            f"Received: dtype {codes.dtype}, smallest {codes.min()}"
        )
    if not 0 <= max_conflict_rate <= 1:
        raise ValueError(
            "max_conflict_rate must lie between 0 and 1. "
            f"Received: max_conflict_rate={max_conflict_rate}"
        )
    is_set = codes > 0
    budget = max_conflict_rate * len(codes)
    members, used, conflicts = [], [], []
    for feature in np.argsort(-is_set.sum(axis=0), kind="stable").tolist():
        for bundle in range(len(members)):
            new = np.count_nonzero(used[bundle] & is_set[:, feature])
            if conflicts[bundle] + new <= budget:
                members[bundle].append(feature)
                used[bundle] |= is_set[:, feature]
                conflicts[bundle] += new
                break
        else:
            members.append([feature])
            used.append(is_set[:, feature].copy())
            conflicts.append(0)
    return FeatureBundles(members, codes.max(axis=0) + 1)
