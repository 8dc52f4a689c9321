"""Values become bins, and rows become sums per bin."""

from numbers import Integral

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import check_is_fitted, validate_data


def quantile_bin_edges(values, max_bins=255):
    """Edges between at most `max_bins` bins of about equally many values.

    Few distinct values get a bin each, with the edges halfway between them: nothing is
    lost. Otherwise the edges are the quantiles `1/max_bins, 2/max_bins, ...`, as in
    scikit-learn's `HistGradientBoostingRegressor`.

    Args:
        values: `(N,)` numbers.
        max_bins: at least 2.

    Returns:
        At most `max_bins - 1` edges, rising. Bin `k` holds `edges[k-1] < x <= edges[k]`.
    """
    distinct = np.unique(values)
    if len(distinct) <= max_bins:
        return (distinct[:-1] + distinct[1:]) / 2
    levels = np.linspace(0, 100, max_bins + 1)[1:-1]
    return np.unique(np.percentile(values, levels, method="averaged_inverted_cdf"))


def gradient_histogram(codes, gradients, hessians, num_bins):
    """Sums of gradients, of Hessians, and counts, per feature and bin.

    All that a split needs to know about the rows. It is additive: the histogram of a node
    is the sum of its children's, so `sibling = parent - child`.

    Args:
        codes: `(N, F)` integers below `num_bins`.
        gradients: `(N,)` first derivatives of the loss by the prediction.
        hessians: `(N,)` second derivatives.
        num_bins: `K`.

    Returns:
        `(F, 3, K)`: gradient sum, Hessian sum, count.
    """
    sums = [
        [
            np.bincount(column, weights, num_bins)
            for weights in (gradients, hessians, None)
        ]
        for column in codes.T.astype(np.intp)
    ]
    return np.array(sums, dtype=float)  # (F, 3, K)


class QuantileBinner(TransformerMixin, BaseEstimator):
    """Replaces each value by the number of its bin: one byte, whatever it was before.

    Source: McRank (Li et al. 2007) for boosting; CLOUDS (Alsabti et al. 1998) before it.

    Args:
        max_bins: bins per feature, 2 to 65,536.

    Attributes:
        bin_edges_: list of `F` arrays, see `quantile_bin_edges`.

    Examples:
        >>> QuantileBinner(max_bins=2).fit_transform([[1.0], [2.0], [9.0]]).ravel()
        array([0, 0, 1], dtype=uint8)
    """

    def __init__(self, max_bins=255):
        self.max_bins = max_bins

    def fit(self, X, y=None):
        """Finds the edges. NaN and infinity are refused."""
        if not (isinstance(self.max_bins, Integral) and 2 <= self.max_bins <= 65_536):
            raise ValueError(
                "max_bins must be a whole number from 2 to 65536. "
                f"Received: max_bins={self.max_bins!r}"
            )
        X = validate_data(self, X, dtype=[np.float64, np.float32])
        self.bin_edges_ = [quantile_bin_edges(column, self.max_bins) for column in X.T]
        return self

    def transform(self, X):
        """Bin numbers, `(N, F)`. A value beyond the edges falls into the outermost bin."""
        check_is_fitted(self)
        X = validate_data(self, X, dtype=[np.float64, np.float32], reset=False)
        codes = np.empty(X.shape, np.uint8 if self.max_bins <= 256 else np.uint16)
        for feature, edges in enumerate(self.bin_edges_):
            codes[:, feature] = np.searchsorted(edges, X[:, feature])
        return codes

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.transformer_tags.preserves_dtype = []
        return tags
