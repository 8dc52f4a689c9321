import numpy as np
import pytest
from keras import ops

from whiteboard.fundamentals import (
    Node,
    numerical_gradient,
    relative_error,
    value_and_gradients,
)
from whiteboard.fundamentals.computation_graph import unbroadcast

rng = np.random.default_rng(0)
A, B = rng.normal(size=(3, 4)), rng.normal(size=(3, 4))
K, ROW, COLUMN, ONE = (rng.normal(size=s) for s in [(4, 2), (4,), (3, 1), ()])
LABELS = np.array([3, 0, 3])
SCALARS = {
    "add": (lambda a, b: ((a + b) * (a + b)).sum(), [A, B]),
    "add a row": (lambda a, b: ((a + b) * (a + b)).sum(), [A, ROW]),
    "add a column": (lambda a, b: ((a + b) * (a + b)).sum(), [COLUMN, A]),
    "add row and column": (lambda a, b: ((a + b) * (a + b)).sum(), [COLUMN, ROW]),
    "add a number": (lambda a, b: ((a + b) * (a + b)).sum(), [ONE, A]),
    "multiply": (lambda a, b: (a * b).sum(), [A, B]),
    "multiply by a row": (lambda a, b: (a * b * b).sum(), [A, ROW]),
    "subtract": (lambda a, b: ((a - b) * (a - b)).mean(), [A, B]),
    "matmul": (lambda a, b: ((a @ b) * (a @ b)).sum(), [A, K]),
    "constants": (lambda a: ((2 - a) * 3 + (1 + a) * a).sum(), [A]),
    "array constants": (lambda a: (B * (B + a) - (B - a)).tanh().sum(), [A]),
    "array matmul": (lambda a: (B.T @ a).tanh().sum(), [A]),
    "tanh": (lambda a: a.tanh().sum(), [A]),
    "sigmoid": (lambda a: a.sigmoid().sum(), [A]),
    "relu": (lambda a: (a.relu() * a.relu()).sum(), [A]),
    "cross-entropy": (lambda a: a.softmax_cross_entropy(LABELS), [A]),
    "reused": (lambda a: (a * a.tanh() + a * a).mean(), [A]),
    "minus": (lambda a: (-a * a).sum(), [A]),
}


@pytest.mark.parametrize("name", SCALARS)
def test_agrees_with_finite_differences(name):
    function, arrays = SCALARS[name]
    nodes = [Node(array) for array in arrays]
    function(*nodes).backward()
    for i, node in enumerate(nodes):

        def at(x, i=i):
            return function(
                *[Node(x if i == j else a) for j, a in enumerate(arrays)]
            ).value

        assert node.gradient.shape == arrays[i].shape
        assert relative_error(node.gradient, numerical_gradient(at, arrays[i])) < 1e-8


def network(x, w1, b1, w2, b2):
    return ((x @ w1 + b1).tanh() @ w2 + b2).softmax_cross_entropy(LABELS)


def keras_network(x, w1, b1, w2, b2):
    logits = ops.matmul(ops.tanh(ops.matmul(x, w1) + b1), w2) + b2
    picked = ops.sum(ops.log_softmax(logits) * ops.one_hot(LABELS, 5), axis=1)
    return -ops.mean(picked)


def test_agrees_with_the_backend():
    shapes = [(3, 4), (4, 6), (6,), (6, 5), (5,)]
    arrays = [rng.normal(size=shape).astype("float32") for shape in shapes]
    nodes = [Node(array) for array in arrays]
    loss = network(*nodes)
    loss.backward()
    value, gradients = value_and_gradients(keras_network, *arrays)
    assert float(loss.value) == pytest.approx(value, rel=1e-6)
    for node, gradient in zip(nodes, gradients, strict=True):
        assert relative_error(node.gradient, gradient) < 1e-6


def test_backward_starts_afresh():
    x = Node([1.0, 3.0])
    loss = (x * x).sum()
    loss.backward()
    loss.backward()
    np.testing.assert_array_equal(x.gradient, [2, 6])


def test_each_node_is_visited_once_parents_first():
    x = Node(1.0)
    y = x
    for _ in range(60):
        y = y + y
    order = y.graph()
    assert len(order) == 61 and order[0] is x and order[-1] is y
    y.backward()
    assert x.gradient == 2.0**60


def test_a_deep_graph_needs_no_recursion():
    x = y = Node(1.0)
    for _ in range(5000):
        y = y + x
    y.backward()
    assert x.gradient == 5001


def test_extreme_logits_and_inputs_are_finite():
    x = Node([[1000.0, -1000.0], [0.0, 800.0]])
    loss = x.softmax_cross_entropy([1, 1])
    loss.backward()
    assert loss.value == 1000 and np.isfinite(x.gradient).all()
    for name in ("sigmoid", "tanh", "relu"):
        with np.errstate(all="raise"):
            y = getattr(x, name)().sum()
            y.backward()
        assert np.isfinite(y.value) and np.isfinite(x.gradient).all()


def test_relu_has_slope_zero_at_zero():
    x = Node([-1.0, 0.0, 1.0])
    x.relu().sum().backward()
    np.testing.assert_array_equal(x.gradient, [0, 0, 1])


def test_nan_is_not_hidden():
    x = Node([np.nan, 1.0])
    (x * x).sum().backward()
    assert np.isnan(x.gradient).tolist() == [True, False]


def test_bad_input_is_refused():
    with pytest.raises(ValueError, match=r"backward needs a scalar.*\(3, 4\)"):
        Node(A).backward()
    with pytest.raises(
        ValueError, match=r"matmul takes two matrices.*\(3, 4\) and \(4,\)"
    ):
        Node(A) @ ROW
    with pytest.raises(ValueError, match="mismatch"):
        Node(A) @ B
    with pytest.raises(ValueError, match="broadcast"):
        Node(A) + K
    with pytest.raises(IndexError):
        Node(A).softmax_cross_entropy([0, 4, 1])
    with pytest.raises(ValueError, match="could not convert"):
        Node("text")


@pytest.mark.parametrize("shape", [(), (1,), (4,), (1, 4), (3, 1), (3, 4), (1, 1)])
def test_unbroadcast_undoes_a_broadcast(shape):
    summed = unbroadcast(np.ones((2, 3, 4)), shape)
    assert summed.shape == shape and summed.sum() == 24
