import numpy as np
import pytest
import sklearn.ensemble
from sklearn.datasets import make_classification, make_friedman1
from sklearn.utils.estimator_checks import check_estimator

from whiteboard.ensembles import (
    RandomForestClassifier,
    RandomForestRegressor,
    RegressionTree,
    bagged_tree,
)

MODELS = [RandomForestRegressor, RandomForestClassifier]
both = pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)


def data(model, rows=300):
    """Training rows and test rows; scikit-learn's trees compare in float32."""
    if model is RandomForestRegressor:
        x, y = make_friedman1(rows + 1000, noise=1, random_state=0)
    else:
        x, y = make_classification(
            rows + 1000, n_informative=6, n_classes=3, flip_y=0.1, random_state=0
        )
    x = x.astype("float32")
    return (x[:rows], y[:rows]), (x[rows:], y[rows:])


def scikit_learns(model):
    return getattr(sklearn.ensemble, model.__name__)


@both
def test_keeps_scikit_learns_conventions(model):
    check_estimator(model(n_estimators=5))


@both
@pytest.mark.parametrize("limit", [{"max_depth": 3}, {"min_samples_leaf": 20}], ids=str)
def test_equals_scikit_learn_where_nothing_is_drawn(model, limit):
    train, test = data(model)
    settings = {"n_estimators": 2, "max_features": None, "bootstrap": False, **limit}
    mine = model(**settings).fit(*train)
    theirs = scikit_learns(model)(random_state=0, **settings).fit(*train)
    predict = "predict_proba" if hasattr(mine, "predict_proba") else "predict"
    np.testing.assert_allclose(
        getattr(mine, predict)(test[0]), getattr(theirs, predict)(test[0]), atol=1e-12
    )
    assert not hasattr(mine, "oob_score_")


@both
def test_scores_as_scikit_learn_does_on_average(model):
    train, test = data(model)
    scores = []
    for seed in range(6):
        settings = {"n_estimators": 15, "max_features": "sqrt", "random_state": seed}
        mine = model(**settings).fit(*train)
        theirs = scikit_learns(model)(**settings).fit(*train)
        scores.append([mine.score(*test), theirs.score(*test)])
    scores = np.array(scores)
    gap = scores[:, 0] - scores[:, 1]
    assert abs(gap.mean()) < max(0.02, 3 * gap.std() / 6**0.5)


@both
def test_out_of_bag_predictions_are_made_by_trees_that_never_saw_the_row(model):
    (x, y), test = data(model, rows=120)
    forest = model(n_estimators=60, random_state=0).fit(x, y)
    assert len(forest.oob_prediction_) == 120
    assert not np.isnan(forest.oob_prediction_).any()
    assert abs(forest.oob_score_ - forest.score(*test)) < 0.15
    assert forest.oob_score_ < forest.score(x, y) - 0.1
    noise = np.random.default_rng(0).permutation(y)
    assert model(n_estimators=60, random_state=0).fit(x, noise).oob_score_ < 0.5


def test_a_row_that_was_in_every_bag_has_no_out_of_bag_prediction():
    (x, y), _ = data(RandomForestRegressor, rows=50)
    forest = RandomForestRegressor(n_estimators=1, random_state=0).fit(x, y)
    seen = np.isnan(forest.oob_prediction_)
    assert 0 < seen.sum() < 50 and np.isfinite(forest.oob_score_)


def test_a_bootstrap_sample_leaves_out_a_share_of_one_over_e():
    x = np.arange(1000.0)[:, None]
    rng = np.random.RandomState(0)
    shares = []
    for _ in range(20):
        tree, out_of_bag = bagged_tree(x, x, RegressionTree(), rng)
        shares.append(out_of_bag.mean())
        np.testing.assert_allclose(tree.predict(x[~out_of_bag]), x[~out_of_bag])
    np.testing.assert_allclose(np.mean(shares), np.exp(-1), atol=0.01)


@both
def test_trees_differ_and_the_seed_repeats_them(model):
    (x, y), (new, _) = data(model)
    forests = [model(n_estimators=3, random_state=s).fit(x, y) for s in (1, 1, 2)]
    trees = [forest.estimators_[0].predict(new) for forest in forests]
    assert np.array_equal(trees[0], trees[1])
    assert not np.array_equal(trees[0], trees[2])
    assert not np.array_equal(trees[0], forests[0].estimators_[1].predict(new))


def test_classifier_keeps_labels_and_one_class():
    x = np.arange(6.0)[:, None]
    forest = RandomForestClassifier(n_estimators=5, random_state=0)
    assert forest.fit(x, list("aabbcc")).predict(x).dtype.kind == "U"
    np.testing.assert_allclose(forest.predict_proba(x).sum(axis=1), 1)
    assert forest.fit(x, ["b"] * 6).predict(x).tolist() == ["b"] * 6


@both
@pytest.mark.parametrize("rows", [1, 2])
def test_a_row_or_two_are_enough(model, rows):
    x, y = np.arange(float(rows))[:, None], np.arange(rows)
    assert model(n_estimators=4, random_state=0).fit(x, y).predict(x).shape == (rows,)


@both
@pytest.mark.parametrize(
    "settings",
    [
        {"n_estimators": 0},
        {"max_depth": -1},
        {"min_samples_leaf": 0},
        {"max_features": "all"},
    ],
    ids=str,
)
def test_refuses_a_setting_out_of_range(model, settings):
    (name,) = settings
    with pytest.raises(ValueError, match=f"{name} must be .*Received: {name}="):
        model(**settings).fit(*data(model)[0])


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
