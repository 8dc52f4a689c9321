import numpy as np
import pytest
import sklearn.ensemble
from sklearn.datasets import make_classification, make_friedman1
from sklearn.utils.estimator_checks import check_estimator

from whiteboard.ensembles import (
    AbsoluteErrorLoss,
    GradientBoostingClassifier,
    GradientBoostingRegressor,
    LogLoss,
    RegressionTree,
    SquaredErrorLoss,
    boosting_round,
)

MODELS = [GradientBoostingRegressor, GradientBoostingClassifier]
both = pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)


def data(model, rows=400, seed=0):
    """Scikit-learn's trees compare in float32."""
    if model is GradientBoostingRegressor:
        x, y = make_friedman1(rows, noise=1, random_state=seed)
    else:
        x, y = make_classification(rows, flip_y=0.2, random_state=seed)
    return x.astype("float32"), y


def scikit_learns(model, **settings):
    return getattr(sklearn.ensemble, model.__name__)(random_state=0, **settings)


@both
@pytest.mark.parametrize("early", [None, 2], ids=["", "early stopping"])
def test_keeps_scikit_learns_conventions(model, early):
    if early and model is GradientBoostingClassifier:
        pytest.skip("a tenth of the checks' 10 rows cannot hold both classes")
    check_estimator(model(n_estimators=5, n_iter_no_change=early))


@both
@pytest.mark.parametrize(
    "settings", [{}, {"learning_rate": 0.5, "max_depth": 1}, {"max_depth": 2}], ids=str
)
def test_loss_falls_as_scikit_learns_does(model, settings):
    """Exactly, on a table where no two splits of a small node are equally good."""
    x, y = data(model, seed=2)
    mine = model(**settings).fit(x, y)
    theirs = scikit_learns(model, **settings).fit(x, y)
    # Scikit-learn reports twice the half squared error, and twice the log loss.
    np.testing.assert_allclose(2 * np.array(mine.train_score_), theirs.train_score_)
    np.testing.assert_allclose(mine.predict(x), theirs.predict(x))


@both
def test_equal_splits_of_small_nodes_change_the_loss_little(model):
    """Scikit-learn breaks such ties by its seed; we take the first feature."""
    x, y = data(model)
    settings = {"max_depth": 5, "n_estimators": 20}
    mine = model(**settings).fit(x, y)
    theirs = scikit_learns(model, **settings).fit(x, y)
    np.testing.assert_allclose(
        2 * np.array(mine.train_score_), theirs.train_score_, rtol=0.05
    )


def test_first_round_of_absolute_error_is_scikit_learns():
    """The rows are even in number, so none sits on the median with a gradient of 0."""
    x, y = data(GradientBoostingRegressor, rows=400)
    settings = {"loss": "absolute_error", "n_estimators": 1, "max_depth": 1}
    mine = GradientBoostingRegressor(**settings).fit(x, y)
    theirs = scikit_learns(GradientBoostingRegressor, **settings).fit(x, y)
    np.testing.assert_allclose(mine.train_score_, theirs.train_score_)
    np.testing.assert_allclose(mine.predict(x), theirs.predict(x))


def test_absolute_error_falls_about_as_far_as_scikit_learns():
    x, y = data(GradientBoostingRegressor)
    settings = {"loss": "absolute_error", "n_estimators": 50}
    mine = GradientBoostingRegressor(**settings).fit(x, y)
    theirs = scikit_learns(GradientBoostingRegressor, **settings).fit(x, y)
    assert np.all(np.diff(mine.train_score_) < 0)
    np.testing.assert_allclose(mine.train_score_, theirs.train_score_, rtol=0.1)


@pytest.mark.parametrize("seed", range(3))
def test_stops_where_scikit_learn_stops(seed):
    x, y = data(GradientBoostingClassifier)
    settings = {"n_iter_no_change": 5, "random_state": seed}
    mine = GradientBoostingClassifier(**settings).fit(x, y)
    theirs = sklearn.ensemble.GradientBoostingClassifier(tol=2e-4, **settings)
    theirs.fit(x, y)  # its loss is twice ours, so is its tolerance
    assert abs(mine.n_estimators_ - theirs.n_estimators_) <= 2  # ties between splits
    assert mine.n_estimators_ == len(mine.validation_score_) < 100


@both
def test_staged_predictions_end_at_the_prediction(model):
    x, y = data(model)
    fitted = model(n_estimators=7).fit(x, y)
    if model is GradientBoostingRegressor:
        stages, last = list(fitted.staged_predict(x)), fitted.predict(x)
        losses = [SquaredErrorLoss()(y, stage) for stage in stages]
    else:
        stages, last = list(fitted.staged_predict_proba(x)), fitted.predict_proba(x)
        losses = [-np.log(stage[np.arange(len(y)), y]).mean() for stage in stages]
    assert len(stages) == 7
    np.testing.assert_allclose(stages[-1], last)
    np.testing.assert_allclose(losses, fitted.train_score_)


@both
def test_subsample_draws_by_the_seed(model):
    x, y = data(model)
    first, again, other = (
        model(n_estimators=5, subsample=0.5, random_state=seed).fit(x, y)
        for seed in (1, 1, 2)
    )
    assert first.train_score_ == again.train_score_ != other.train_score_
    counts = [len(np.unique(tree.apply(x))) for tree in first.estimators_]
    assert max(counts) <= 8


def test_classifier_names_and_weighs_its_classes():
    x, y = data(GradientBoostingClassifier)
    named = GradientBoostingClassifier(n_estimators=9).fit(
        x, np.array(["no", "yes"])[y]
    )
    assert named.classes_.tolist() == ["no", "yes"]
    probability = named.predict_proba(x)
    np.testing.assert_allclose(probability.sum(axis=1), 1)
    log_odds = np.log(probability[:, 1] / probability[:, 0])
    np.testing.assert_allclose(named.decision_function(x), log_odds, atol=1e-9)
    assert ((probability[:, 1] > 0.5) == (named.predict(x) == "yes")).all()


@pytest.mark.parametrize(
    "loss", [SquaredErrorLoss(), AbsoluteErrorLoss(), LogLoss()], ids=repr
)
def test_a_round_fits_the_gradient_and_searches_each_leaf(loss):
    x, y = data(GradientBoostingClassifier)
    y = y.astype(float)
    prediction = np.full(len(y), 0.3)
    tree = boosting_round(x, y, prediction, loss, RegressionTree(max_depth=2))
    plain = RegressionTree(max_depth=2).fit(x, loss.negative_gradient(y, prediction))
    leaves = plain.apply(x)
    np.testing.assert_array_equal(tree.apply(x), leaves)
    for leaf in np.unique(leaves):
        rows = leaves == leaf
        step = loss.line_search(y[rows], prediction[rows])
        np.testing.assert_allclose(tree.value_[leaf], step)
    assert loss(y, prediction + tree.predict(x)) < loss(y, prediction)


@both
@pytest.mark.parametrize(
    "settings",
    [
        {"learning_rate": 0},
        {"learning_rate": -0.1},
        {"subsample": 0},
        {"subsample": 1.5},
        {"n_estimators": 0},
        {"n_iter_no_change": 0},
    ],
    ids=str,
)
def test_refuses_a_setting_out_of_range(model, settings):
    ((name, value),) = settings.items()
    with pytest.raises(ValueError, match=rf"{name} must be .*Received: {name}={value}"):
        model(**settings).fit(*data(model, rows=30))


def test_refuses_an_unknown_loss():
    with pytest.raises(ValueError, match="absolute_error.*Received: loss='huber'"):
        GradientBoostingRegressor(loss="huber").fit([[0.0], [1.0]], [0, 1])


@pytest.mark.parametrize(
    ("y", "reason"),
    [([0, 0, 0], "1 class"), ([0, 1, 2], "Only binary.*multiclass")],
)
def test_classifier_refuses_other_than_two_classes(y, reason):
    with pytest.raises(ValueError, match=reason):
        GradientBoostingClassifier().fit([[0.0], [1.0], [2.0]], y)


@both
@pytest.mark.parametrize(
    ("x", "y", "reason"),
    [
        ([[np.nan], [1.0]], [0, 1], "NaN"),
        (np.empty((0, 2)), [], "0 sample"),
        ([1.0, 2.0], [0, 1], "Expected 2D"),
        ([[1.0], [2.0]], [1], "inconsistent"),
    ],
)
def test_refuses_bad_data(model, x, y, reason):
    with pytest.raises(ValueError, match=reason):
        model().fit(x, y)


def test_a_constant_target_is_its_own_prediction():
    fitted = GradientBoostingRegressor(n_estimators=3).fit(np.eye(4), np.full(4, 2.5))
    np.testing.assert_array_equal(fitted.predict(np.zeros((2, 4))), [2.5, 2.5])
