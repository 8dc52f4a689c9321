import numpy as np
import pytest
from sklearn import linear_model
from sklearn.datasets import make_blobs
from sklearn.utils.estimator_checks import check_estimator

from whiteboard.fundamentals import Perceptron, novikoff_bound, perceptron_epoch

CORNERS = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
XOR = [0, 1, 1, 0]


def separable(seed, gap=0.1, size=60):
    """Rows, their signs, and the unit vector that separates them."""
    rng = np.random.default_rng(seed)
    separator = rng.normal(size=4)
    separator /= np.linalg.norm(separator)
    x = rng.normal(size=(size * 3, 4))
    x = x[np.abs(x @ separator) > gap][:size]
    return x, np.sign(x @ separator), separator


def test_check_estimator():
    check_estimator(Perceptron(max_iter=50))


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("std", [0.5, 6.0])
def test_agrees_with_scikit_learn(seed, std):
    X, y = make_blobs(100, centers=2, n_features=3, cluster_std=std, random_state=seed)
    mine = Perceptron(max_iter=20).fit(X, y)
    theirs = linear_model.Perceptron(max_iter=mine.n_iter_, tol=None, shuffle=False)
    theirs.fit(X, y)
    np.testing.assert_allclose(mine.coef_, theirs.coef_, rtol=1e-9)
    np.testing.assert_allclose(mine.intercept_, theirs.intercept_, rtol=1e-9)
    np.testing.assert_array_equal(mine.predict(X), theirs.predict(X))
    np.testing.assert_allclose(mine.decision_function(X), theirs.decision_function(X))


def test_epoch_updates_on_mistakes_only():
    x = np.array([[1.0, 2.0], [-3.0, 1.0], [2.0, -3.0]])
    start = np.zeros(2)
    weights, mistakes = perceptron_epoch(start, x, np.array([1, -1, 1]))
    np.testing.assert_array_equal(weights, [3, -1])  # row 1 was right, 0 and 2 not
    assert mistakes == 2 and not start.any()


@pytest.mark.parametrize("seed", range(20))
def test_novikoff_bounds_the_mistakes(seed):
    x, signs, separator = separable(seed)
    weights, total = np.zeros(4), 0
    for _ in range(10_000):
        weights, mistakes = perceptron_epoch(weights, x, signs)
        total += mistakes
        if not mistakes:
            break
    assert mistakes == 0 < total <= novikoff_bound(x, signs, separator)


def test_novikoff_bound_by_hand():
    x = np.array([[3.0, 4.0], [-1.0, 2.0]])  # R = 5, margins 3 and 1
    assert novikoff_bound(x, np.array([1, -1]), np.array([2.0, 0.0])) == pytest.approx(
        25
    )


@pytest.mark.parametrize("separator", [[0.0, 1.0], [0.0, 0.0], [np.nan, 1.0]])
def test_novikoff_bound_needs_a_separator(separator):
    x = np.array([[3.0, 4.0], [-1.0, 2.0]])
    with (
        np.errstate(invalid="ignore"),
        pytest.raises(ValueError, match="separator must separate. Received"),
    ):
        novikoff_bound(x, np.array([1, -1]), np.array(separator))


@pytest.mark.parametrize("y", [[0, 0, 0, 1], [0, 1, 1, 1], [1, 1, 1, 0], [0, 0, 1, 1]])
def test_learns_the_separable_gates(y):
    model = Perceptron().fit(CORNERS, y)
    assert model.converged_ and model.score(CORNERS, y) == 1
    assert model.mistakes_[-1] == 0 and len(model.mistakes_) == model.n_iter_


@pytest.mark.parametrize("seed", range(5))
def test_never_learns_xor(seed):
    order = np.random.default_rng(seed).permutation(4)
    model = Perceptron(max_iter=300).fit(CORNERS[order], np.array(XOR)[order])
    assert not model.converged_ and model.n_iter_ == 300
    assert min(model.mistakes_) > 0 and model.score(CORNERS, XOR) <= 0.75


def test_takes_any_two_labels():
    model = Perceptron().fit(CORNERS, ["no", "no", "no", "yes"])
    assert list(model.predict([[1, 1], [0, 1]])) == ["yes", "no"]


def test_a_constant_column_does_no_harm():
    X = np.column_stack([CORNERS, np.full(4, 7.0)])
    assert Perceptron().fit(X, [0, 0, 0, 1]).converged_


@pytest.mark.parametrize(
    ("X", "y", "message"),
    [
        (CORNERS, [0, 0, 0, 0], "1 class"),
        (CORNERS, [0, 1, 2, 1], "3 class"),
        (CORNERS, [0.5, 1.5, 0.2, 1.0], "Unknown label type"),
        (CORNERS[:1], [1], "1 class"),
        (CORNERS * np.nan, XOR, "NaN"),
        (CORNERS[:0], [], "0 sample"),
        (CORNERS[:, 0], XOR, "Expected 2D array"),
    ],
)
def test_bad_data_is_refused(X, y, message):
    with pytest.raises(ValueError, match=message):
        Perceptron().fit(X, y)


@pytest.mark.parametrize("max_iter", [0, -1, float("nan")])
def test_bad_max_iter_is_refused(max_iter):
    with pytest.raises(ValueError, match="max_iter must be at least 1. Received"):
        Perceptron(max_iter=max_iter).fit(CORNERS, XOR)


def test_signs_must_match_the_rows():
    with pytest.raises(ValueError, match="zip"):
        perceptron_epoch(np.zeros(2), CORNERS, [1, -1])
