import numpy as np
import pytest
from keras import ops

from whiteboard.fundamentals import (
    Node,
    numerical_gradient,
    relative_error,
    two_layer_gradients,
    value_and_gradients,
)

rng = np.random.default_rng(0)
X, LABELS = rng.normal(size=(6, 4)), np.array([0, 2, 1, 1, 2, 2])
WEIGHTS = [rng.normal(size=s) for s in [(4, 5), (5,), (5, 3), (3,)]]


def test_agrees_with_finite_differences():
    _, gradients = two_layer_gradients(X, LABELS, *WEIGHTS)
    for i, gradient in enumerate(gradients):

        def at(w, i=i):
            weights = [w if i == j else v for j, v in enumerate(WEIGHTS)]
            return two_layer_gradients(X, LABELS, *weights)[0]

        assert relative_error(gradient, numerical_gradient(at, WEIGHTS[i])) < 1e-8


def test_agrees_with_the_backend():
    def loss(w1, b1, w2, b2):
        x = X.astype("float32")
        logits = ops.matmul(ops.tanh(ops.matmul(x, w1) + b1), w2) + b2
        picked = ops.sum(ops.log_softmax(logits) * ops.one_hot(LABELS, 3), axis=1)
        return -ops.mean(picked)

    arrays = [weight.astype("float32") for weight in WEIGHTS]
    value, expected = value_and_gradients(loss, *arrays)
    mine, gradients = two_layer_gradients(X, LABELS, *WEIGHTS)
    assert mine == pytest.approx(value, rel=1e-6)
    for gradient, reference in zip(gradients, expected, strict=True):
        assert relative_error(gradient, reference) < 1e-6


def test_agrees_with_the_graph():
    w1, b1, w2, b2 = nodes = [Node(weight) for weight in WEIGHTS]
    loss = ((X @ w1 + b1).tanh() @ w2 + b2).softmax_cross_entropy(LABELS)
    loss.backward()
    mine, gradients = two_layer_gradients(X, LABELS, *WEIGHTS)
    assert mine == pytest.approx(float(loss.value), rel=1e-12)
    for gradient, node in zip(gradients, nodes, strict=True):
        np.testing.assert_allclose(gradient, node.gradient, atol=1e-12)


def test_one_row_is_enough():
    loss, gradients = two_layer_gradients(X[:1], LABELS[:1], *WEIGHTS)
    assert np.isfinite(loss)
    assert [g.shape for g in gradients] == [w.shape for w in WEIGHTS]


def test_extreme_logits_are_finite():
    w1, b1, w2, b2 = WEIGHTS
    loss, gradients = two_layer_gradients(X, LABELS, w1, b1, 1000 * w2, b2)
    assert np.isfinite(loss) and all(np.isfinite(g).all() for g in gradients)


def test_bad_input_is_refused():
    with pytest.raises(ValueError, match="labels must not be negative. Received: -1"):
        two_layer_gradients(X, LABELS - 1, *WEIGHTS)
    with pytest.raises(IndexError):
        two_layer_gradients(X, LABELS + 1, *WEIGHTS)
    with pytest.raises(ValueError, match="mismatch"):
        two_layer_gradients(X[:, :3], LABELS, *WEIGHTS)
    with pytest.raises(ValueError, match="x must hold at least one row"):
        two_layer_gradients(X[:0], LABELS[:0], *WEIGHTS)
