"""Trees, and what is built from many of them. NumPy under scikit-learn's conventions."""

from whiteboard.ensembles.boosting_loss import (
    AbsoluteErrorLoss,
    LogLoss,
    SquaredErrorLoss,
)
from whiteboard.ensembles.feature_bundling import FeatureBundles, find_exclusive_bundles
from whiteboard.ensembles.feature_importance import (
    impurity_importance,
    permutation_importance,
)
from whiteboard.ensembles.gradient_boosting import (
    GradientBoostingClassifier,
    GradientBoostingRegressor,
    boosting_round,
)
from whiteboard.ensembles.gradient_sampling import gradient_one_side_sample
from whiteboard.ensembles.histogram import (
    QuantileBinner,
    gradient_histogram,
    quantile_bin_edges,
)
from whiteboard.ensembles.histogram_boosting import HistogramBoostingRegressor
from whiteboard.ensembles.histogram_tree import HistogramTree, split_gains
from whiteboard.ensembles.oblivious_tree import (
    ObliviousTreeRegressor,
    leaf_index,
    leaf_means,
)
from whiteboard.ensembles.ordered_boosting import (
    OrderedBoostingRegressor,
    ordered_residuals,
)
from whiteboard.ensembles.random_forest import (
    RandomForestClassifier,
    RandomForestRegressor,
    bagged_tree,
)
from whiteboard.ensembles.regression_tree import RegressionTree, best_split
from whiteboard.ensembles.second_order_boosting import (
    SecondOrderBoostingClassifier,
    SecondOrderBoostingRegressor,
    logistic_derivatives,
    squared_error_derivatives,
)
from whiteboard.ensembles.second_order_tree import SecondOrderTree
from whiteboard.ensembles.structure_score import (
    cut_points,
    find_split,
    leaf_score,
    leaf_weight,
    soft_threshold,
    split_gain,
)
from whiteboard.ensembles.target_statistics import (
    leave_one_out_statistic,
    ordered_target_statistic,
    target_statistic,
)

__all__ = [
    "AbsoluteErrorLoss",
    "FeatureBundles",
    "GradientBoostingClassifier",
    "GradientBoostingRegressor",
    "HistogramBoostingRegressor",
    "HistogramTree",
    "LogLoss",
    "ObliviousTreeRegressor",
    "OrderedBoostingRegressor",
    "QuantileBinner",
    "RandomForestClassifier",
    "RandomForestRegressor",
    "RegressionTree",
    "SecondOrderBoostingClassifier",
    "SecondOrderBoostingRegressor",
    "SecondOrderTree",
    "SquaredErrorLoss",
    "bagged_tree",
    "best_split",
    "boosting_round",
    "cut_points",
    "find_exclusive_bundles",
    "find_split",
    "gradient_histogram",
    "gradient_one_side_sample",
    "impurity_importance",
    "leaf_index",
    "leaf_means",
    "leaf_score",
    "leaf_weight",
    "leave_one_out_statistic",
    "logistic_derivatives",
    "ordered_residuals",
    "ordered_target_statistic",
    "permutation_importance",
    "quantile_bin_edges",
    "soft_threshold",
    "split_gain",
    "split_gains",
    "squared_error_derivatives",
    "target_statistic",
]
