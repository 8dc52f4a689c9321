from .boosting_loss import (
    AbsoluteErrorLoss as AbsoluteErrorLoss,
    LogLoss as LogLoss,
    SquaredErrorLoss as SquaredErrorLoss,
)
from .feature_bundling import (
    FeatureBundles as FeatureBundles,
    find_exclusive_bundles as find_exclusive_bundles,
)
from .feature_importance import (
    impurity_importance as impurity_importance,
    permutation_importance as permutation_importance,
)
from .gradient_boosting import (
    GradientBoostingClassifier as GradientBoostingClassifier,
    GradientBoostingRegressor as GradientBoostingRegressor,
    boosting_round as boosting_round,
)
from .gradient_sampling import gradient_one_side_sample as gradient_one_side_sample
from .histogram import (
    QuantileBinner as QuantileBinner,
    gradient_histogram as gradient_histogram,
    quantile_bin_edges as quantile_bin_edges,
)
from .histogram_boosting import HistogramBoostingRegressor as HistogramBoostingRegressor
from .histogram_tree import HistogramTree as HistogramTree, split_gains as split_gains
from .oblivious_tree import (
    ObliviousTreeRegressor as ObliviousTreeRegressor,
    leaf_index as leaf_index,
    leaf_means as leaf_means,
)
from .ordered_boosting import (
    OrderedBoostingRegressor as OrderedBoostingRegressor,
    ordered_residuals as ordered_residuals,
)
from .random_forest import (
    RandomForestClassifier as RandomForestClassifier,
    RandomForestRegressor as RandomForestRegressor,
    bagged_tree as bagged_tree,
)
from .regression_tree import RegressionTree as RegressionTree, best_split as best_split
from .second_order_boosting import (
    SecondOrderBoostingClassifier as SecondOrderBoostingClassifier,
    SecondOrderBoostingRegressor as SecondOrderBoostingRegressor,
    logistic_derivatives as logistic_derivatives,
    squared_error_derivatives as squared_error_derivatives,
)
from .second_order_tree import SecondOrderTree as SecondOrderTree
from .structure_score import (
    cut_points as cut_points,
    find_split as find_split,
    leaf_score as leaf_score,
    leaf_weight as leaf_weight,
    soft_threshold as soft_threshold,
    split_gain as split_gain,
)
from .target_statistics import (
    leave_one_out_statistic as leave_one_out_statistic,
    ordered_target_statistic as ordered_target_statistic,
    target_statistic as target_statistic,
)
