"""How much a model owes to each feature: by its splits, or by shuffling a column."""

import numpy as np
from sklearn.utils import check_array, check_random_state
from sklearn.utils.validation import check_is_fitted

# Shapes: N rows, F features.


def impurity_importance(model):
    """The share of the training error that the splits on each feature took away.

    The mean over the trees of the reduction in squared error (in Gini impurity, if
    the trees were grown on one-hot labels), scaled to sum 1. Breiman et al. 1984.
    It is measured on the rows that the splits were chosen on, so a feature with many
    possible splits earns importance by chance: Strobl et al. 2007.

    Args:
        model: A fitted `RegressionTree` or random forest of this package.

    Returns:
        The importances, `(F,)`. All 0 if no tree has a split.

    Raises:
        NotFittedError: If the model is not fitted.

    Examples:
        >>> from whiteboard.ensembles import RegressionTree
        >>> tree = RegressionTree().fit([[0, 7], [1, 7]], [0, 1])
        >>> impurity_importance(tree)
        array([1., 0.])
    """
    check_is_fitted(model)
    total = np.zeros(model.n_features_in_)
    for tree in getattr(model, "estimators_", [model]):
        inner = tree.feature_ >= 0
        share = np.zeros_like(total)
        np.add.at(share, tree.feature_[inner], tree.reduction_[inner])
        total += share / (share.sum() or 1)
    return total / (total.sum() or 1)


def permutation_importance(model, x, y, n_repeats=5, random_state=None):
    """How much the score falls when one column is shuffled and the rest are kept.

    Breiman 2001, section 10 (there on out-of-bag rows); for any model, Fisher, Rudin
    and Dominici 2019. Use rows that the model was not trained on. Correlated features
    share their importance: shuffling one leaves the other to stand in for it.

    Args:
        model: A fitted estimator with a `score`.
        x: The features, `(N, F)`.
        y: The targets, `(N,)`.
        n_repeats: How often each column is shuffled.
        random_state: Seed of the shuffles.

    Returns:
        The falls in score, `(F, n_repeats)`.

    Raises:
        ValueError: If `n_repeats` is not positive, or x is not a finite matrix.

    Examples:
        >>> from whiteboard.ensembles import RegressionTree
        >>> tree = RegressionTree().fit([[0, 7], [1, 7]], [0, 1])
        >>> permutation_importance(tree, [[0, 7], [1, 7]], [0, 1], n_repeats=3).shape
        (2, 3)
    """
    if n_repeats < 1:
        raise ValueError(f"n_repeats must be positive. Received: n_repeats={n_repeats}")
    x = check_array(x, dtype=np.float64)
    rng = check_random_state(random_state)
    score = model.score(x, y)
    falls = np.empty((x.shape[1], n_repeats))
    for feature in range(x.shape[1]):
        for repeat in range(n_repeats):
            shuffled = x.copy()
            shuffled[:, feature] = rng.permutation(x[:, feature])
            falls[feature, repeat] = score - model.score(shuffled, y)
    return falls
