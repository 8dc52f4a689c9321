"""How many matrix products a computation has, and how many wait for one another."""

import numpy as np


class ProductTrace:
    """Counts the multiply-adds of the matrix products of its arrays.

    Attributes:
        multiply_adds: The work: all products, in whatever order they could run.

    Examples:
        >>> trace = ProductTrace()
        >>> x = trace.array(np.ones((5, 3)))
        >>> y = np.tanh(x @ np.ones((3, 3))) @ np.ones((3, 2))
        >>> y.depth, trace.multiply_adds
        (2, 75)
    """

    def __init__(self):
        self.multiply_adds = 0

    def array(self, value):
        """An array to compute with, which waits for nothing."""
        return TracedArray(value, self)


class TracedArray(np.lib.mixins.NDArrayOperatorsMixin):
    """A NumPy array that knows how many matrix products had to come before it.

    Takes operators, NumPy's universal functions and their reductions, indexing, `.shape`, `.T`.

    Attributes:
        value: The array.
        depth: Products on the longest chain that leads to it. With as many processors
            as you like, they still come one after another.
    """

    def __init__(self, value, trace, depth=0):
        self.value = np.asarray(value)
        self.trace = trace
        self.depth = depth

    def __array_ufunc__(self, ufunc, method, *inputs, **kwargs):
        if kwargs.get("out") is not None:
            return NotImplemented
        traced = [x for x in inputs if isinstance(x, TracedArray)]
        values = [x.value if isinstance(x, TracedArray) else x for x in inputs]
        result = np.asarray(getattr(ufunc, method)(*values, **kwargs))
        depth = max(x.depth for x in traced)
        if ufunc is np.matmul:
            depth += 1
            self.trace.multiply_adds += result.size * np.shape(values[0])[-1]
        return TracedArray(result, self.trace, depth)

    def __getitem__(self, index):
        return TracedArray(self.value[index], self.trace, self.depth)

    @property
    def shape(self):
        return self.value.shape

    @property
    def T(self):
        return TracedArray(self.value.T, self.trace, self.depth)
