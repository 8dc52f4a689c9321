"""Reverse-mode automatic differentiation over NumPy arrays, on one screen."""

import numpy as np

# Shapes: ... any; g is the gradient of the result, of the result's shape.


class Node:
    r"""An array that remembers what it was computed from.

    An operation stores each parent with the function that carries a gradient back to
    it, a vector-Jacobian product. `backward` walks the graph from the result to the
    leaves, each node once and after all that use it, and adds up what arrives:

    $$\bar{p} = \sum_{r \in \mathrm{results\ of\ } p} \bar{r} \,
    \frac{\partial r}{\partial p}, \quad \bar{p} = \frac{\partial L}{\partial p}$$

    Linnainmaa 1970; Rumelhart, Hinton & Williams 1986. In the manner of micrograd
    (Karpathy 2020), with arrays.

    Args:
        value: A number or an array; kept as float64.
        *parents: Pairs of a `Node` and the function from g to that node's share.

    Attributes:
        gradient: After `backward`, an array of the shape of `value`.

    Examples:
        >>> x = Node([1.0, 3.0])
        >>> (x * x).sum().backward()
        >>> x.gradient
        array([2., 6.])
    """

    __array_ufunc__ = None  # array + node is the node's __radd__

    def __init__(self, value, *parents):
        self.value = np.asanyarray(value, dtype=float)
        self.parents = parents
        self.gradient = np.zeros_like(self.value)

    def backward(self):
        """Set the gradient of this scalar with respect to each node of its graph."""
        if self.value.size != 1:
            raise ValueError(
                f"backward needs a scalar. Received: a value of shape {self.value.shape}"
            )
        order = self.graph()
        for node in order:
            node.gradient = np.zeros_like(node.value)
        self.gradient = np.ones_like(self.value)
        for node in reversed(order):
            for parent, pull_back in node.parents:
                share = pull_back(node.gradient)
                parent.gradient = parent.gradient + unbroadcast(
                    share, parent.value.shape
                )

    def graph(self):
        """All nodes that this one depends on and itself, parents before children."""
        order, seen, stack = [], set(), [(self, False)]
        while stack:
            node, is_finished = stack.pop()
            if is_finished:
                order.append(node)
            elif id(node) not in seen:
                seen.add(id(node))
                stack.append((node, True))
                stack += [(parent, False) for parent, _ in node.parents]
        return order

    def __add__(self, other):
        a, b = self, as_node(other)
        return Node(a.value + b.value, (a, lambda g: g), (b, lambda g: g))

    def __mul__(self, other):
        a, b = self, as_node(other)
        return Node(
            a.value * b.value, (a, lambda g: g * b.value), (b, lambda g: g * a.value)
        )

    def __matmul__(self, other):
        a, b = self, as_node(other)
        if a.value.ndim != 2 or b.value.ndim != 2:
            raise ValueError(
                "matmul takes two matrices. "
                f"Received: shapes {a.value.shape} and {b.value.shape}"
            )
        return Node(
            a.value @ b.value,  # (n, k) @ (k, m)
            (a, lambda g: g @ b.value.T),  # (n, m) @ (m, k)
            (b, lambda g: a.value.T @ g),  # (k, n) @ (n, m)
        )

    def __neg__(self):
        return self * -1.0

    def __sub__(self, other):
        return self + -as_node(other)

    def __radd__(self, other):
        return as_node(other) + self

    def __rmul__(self, other):
        return as_node(other) * self

    def __rsub__(self, other):
        return as_node(other) - self

    def __rmatmul__(self, other):
        return as_node(other) @ self

    def sum(self):
        return Node(self.value.sum(), (self, lambda g: g * np.ones_like(self.value)))

    def mean(self):
        return self.sum() * (1 / self.value.size)

    def tanh(self):
        t = np.tanh(self.value)
        return Node(t, (self, lambda g: g * (1 - t**2)))

    def sigmoid(self):
        s = 0.5 * (1 + np.tanh(self.value / 2))
        return Node(s, (self, lambda g: g * s * (1 - s)))

    def relu(self):
        return Node(np.maximum(self.value, 0), (self, lambda g: g * (self.value > 0)))

    def softmax_cross_entropy(self, labels):
        """The mean of -log softmax(logits)[label] over the rows of these logits."""
        shifted = self.value - self.value.max(axis=1, keepdims=True)  # (N, C)
        log_p = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
        one_hot = np.eye(log_p.shape[1])[labels]  # (N, C)
        return Node(
            -(one_hot * log_p).sum() / len(log_p),
            (self, lambda g: g * (np.exp(log_p) - one_hot) / len(log_p)),
        )


def as_node(value):
    return value if isinstance(value, Node) else Node(value)


def unbroadcast(gradient, shape):
    """Sum a gradient over the axes along which an array of `shape` was repeated."""
    gradient = gradient.sum(axis=tuple(range(gradient.ndim - len(shape))))
    repeated = tuple(
        i for i, n in enumerate(shape) if n == 1 and gradient.shape[i] != 1
    )
    return gradient.sum(axis=repeated, keepdims=True)
