from .attention_rollout import class_token_attention as class_token_attention
from .class_activation import grad_cam as grad_cam, hires_cam as hires_cam
from .cluster_bootstrap import patient_bootstrap as patient_bootstrap
from .contact_decision import (
    contact_gain as contact_gain,
    contact_threshold as contact_threshold,
    f1_threshold as f1_threshold,
)
from .diagnostic_accuracy import (
    Rate as Rate,
    clopper_pearson_interval as clopper_pearson_interval,
    sensitivity_specificity as sensitivity_specificity,
    wilson_interval as wilson_interval,
)
from .exponential_smoothing import (
    holt_winters_forecast as holt_winters_forecast,
)
from .forecast_errors import (
    interval_coverage as interval_coverage,
    interval_score as interval_score,
    mean_absolute_scaled_error as mean_absolute_scaled_error,
    pinball_loss as pinball_loss,
)
from .forecast_features import (
    calendar_features as calendar_features,
    columns_that_look_ahead as columns_that_look_ahead,
    lag_features as lag_features,
    rolling_features as rolling_features,
)
from .forecast_networks import (
    fit_linear_forecaster as fit_linear_forecaster,
    linear_forecaster as linear_forecaster,
    lstm_forecaster as lstm_forecaster,
    network_forecast as network_forecast,
    transformer_forecaster as transformer_forecaster,
    window_forecaster as window_forecaster,
)
from .inventory import (
    critical_ratio as critical_ratio,
    stock_cost as stock_cost,
)
from .label_window import (
    Snapshots as Snapshots,
    customer_snapshots as customer_snapshots,
)
from .model_candidates import candidate_models as candidate_models
from .multi_step import (
    direct_forecast as direct_forecast,
    forecast_differences as forecast_differences,
    recursive_forecast as recursive_forecast,
)
from .naive_baselines import (
    drift_forecast as drift_forecast,
    naive_forecast as naive_forecast,
    seasonal_naive_forecast as seasonal_naive_forecast,
)
from .operating_point import threshold_at_sensitivity as threshold_at_sensitivity
from .patient_split import split_by_patient as split_by_patient
from .pointing_game import pointing_hits as pointing_hits
from .prediction_intervals import (
    conformal_margin as conformal_margin,
)
from .prevalence import (
    predictive_values as predictive_values,
    shift_prevalence as shift_prevalence,
)
from .probability_calibration import (
    expected_calibration_error as expected_calibration_error,
    reliability_curve as reliability_curve,
    undo_class_weight as undo_class_weight,
)
from .reliability_plot import plot_reliability as plot_reliability
from .rolling_origin import (
    backtest as backtest,
    rolling_mase as rolling_mase,
    rolling_origins as rolling_origins,
)
from .scan_models import (
    load_scan_model as load_scan_model,
    scan_convnet as scan_convnet,
    scan_features as scan_features,
    scan_transformer as scan_transformer,
)
from .series_checks import (
    as_series as as_series,
)
from .small_efficient_net import (
    SmallEfficientNet as SmallEfficientNet,
    inverted_bottleneck as inverted_bottleneck,
)
from .tabular_classifier import tabular_network as tabular_network
from .time_split import PurgedTimeSplit as PurgedTimeSplit
from .transfer_learning import fine_tune as fine_tune, with_new_head as with_new_head
from .uplift import (
    TwoModelUplift as TwoModelUplift,
    qini_coefficient as qini_coefficient,
    qini_curve as qini_curve,
)
from .weight_randomization import randomized_copy as randomized_copy
from .window_data import (
    pooled_windows as pooled_windows,
    sliding_windows as sliding_windows,
)
