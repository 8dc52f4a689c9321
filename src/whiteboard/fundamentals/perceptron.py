"""Rosenblatt's perceptron: a linear classifier that learns from its mistakes only."""

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, validate_data

# Shapes: N rows, D features. A row ends in a constant 1 where there is a bias.


def perceptron_epoch(weights, inputs, signs):
    r"""Show each row once, and move the weights where they are wrong.

    $$s \, (\mathbf{w} \cdot \mathbf{x}) \le 0 \quad \Rightarrow \quad
    \mathbf{w} \leftarrow \mathbf{w} + s \, \mathbf{x}$$

    Rosenblatt 1958, "The perceptron". A learning rate is left out: starting at zero it
    scales the weights and changes no decision.

    Args:
        weights: `(D,)`.
        inputs: `(N, D)`.
        signs: `(N,)`, each -1 or 1.

    Returns:
        The new weights `(D,)`, and the number of mistakes.

    Examples:
        >>> perceptron_epoch(np.zeros(2), np.array([[1, 2], [-3, 1]]), np.array([1, -1]))
        (array([1., 2.]), 1)
    """
    weights, mistakes = np.array(weights, dtype=float), 0
    for x, sign in zip(inputs, signs, strict=True):  # (D,), -1 or 1
        if sign * (weights @ x) <= 0:  # on the wrong side, or on the line
            weights += sign * x
            mistakes += 1
    return weights, mistakes


def novikoff_bound(inputs, signs, separator):
    r"""Bound the mistakes that a perceptron can make in all, however often it looks.

    $$\mathrm{mistakes} \le (R / \gamma)^2, \quad
    R = \max_i \Vert \mathbf{x}_i \Vert, \quad
    \gamma = \min_i s_i \, \mathbf{u} \cdot \mathbf{x}_i / \Vert \mathbf{u} \Vert$$

    Novikoff 1962, "On convergence proofs on perceptrons". It holds for every separator
    u; the one of the widest margin gives the least bound.

    Args:
        inputs: `(N, D)`.
        signs: `(N,)`, each -1 or 1.
        separator: u, `(D,)`.

    Returns:
        The bound, a float.

    Raises:
        ValueError: If `separator` does not separate the two signs.
    """
    margin = np.min(signs * (inputs @ separator)) / np.linalg.norm(separator)
    if not margin > 0:
        raise ValueError(f"separator must separate. Received: a margin of {margin}")
    return float((np.linalg.norm(inputs, axis=1).max() / margin) ** 2)


class Perceptron(ClassifierMixin, BaseEstimator):
    """Classify into two classes by a line that Rosenblatt's rule has found.

    Repeats `perceptron_epoch`, from zero and in the order of the rows, until an epoch
    has no mistake.

    Args:
        max_iter: The most epochs.

    Attributes:
        classes_: The two classes; the second is the positive side.
        coef_: `(1, D)`.
        intercept_: `(1,)`.
        mistakes_: How many mistakes each epoch made.
        converged_: Whether the last one made none.
        n_iter_: The number of epochs.

    Raises:
        ValueError: From `fit`, if there are not two classes or `max_iter` is below 1.

    Examples:
        >>> Perceptron().fit([[0, 0], [0, 1], [1, 0], [1, 1]], [0, 0, 0, 1]).converged_
        True
    """

    def __init__(self, max_iter=1000):
        self.max_iter = max_iter

    def fit(self, X, y):
        X, y = validate_data(self, X, y, dtype=np.float64)
        check_classification_targets(y)
        self.classes_, index = np.unique(y, return_inverse=True)
        if len(self.classes_) != 2:
            raise ValueError(
                "Only binary classification is supported. y must hold two classes. "
                f"Received: {len(self.classes_)} class(es)"
            )
        if not self.max_iter >= 1:
            raise ValueError(
                f"max_iter must be at least 1. Received: max_iter={self.max_iter}"
            )
        inputs = np.column_stack([X, np.ones(len(X))])  # (N, D + 1)
        weights, self.mistakes_ = np.zeros(inputs.shape[1]), []
        for _ in range(self.max_iter):
            weights, mistakes = perceptron_epoch(weights, inputs, 2 * index - 1)
            self.mistakes_.append(mistakes)
            if mistakes == 0:
                break
        self.coef_, self.intercept_ = weights[None, :-1], weights[-1:]
        self.converged_, self.n_iter_ = mistakes == 0, len(self.mistakes_)
        return self

    def decision_function(self, X):
        check_is_fitted(self)
        X = validate_data(self, X, reset=False, dtype=np.float64)
        return X @ self.coef_[0] + self.intercept_[0]  # (N,)

    def predict(self, X):
        is_second = self.decision_function(X) > 0
        return self.classes_[is_second.astype(int)]

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_class = False
        return tags
