import numpy as np
import pytest
from scipy.special import softmax

from whiteboard.transformer import ProductTrace


@pytest.fixture
def trace():
    return ProductTrace()


def test_a_chain_waits_and_a_sum_does_not(trace):
    x, w = trace.array(np.ones((5, 3))), np.ones((3, 3))
    assert ((x @ w) @ w).depth == 2
    assert (x @ w + x @ w).depth == 1
    assert (1 - np.tanh(x)).depth == 0
    assert trace.multiply_adds == 4 * 5 * 3 * 3


@pytest.mark.parametrize(
    "shapes, expected",
    [
        (((4,), (4,)), 4),
        (((4,), (4, 6)), 24),
        (((2, 4), (4,)), 8),
        (((3, 2, 4), (4, 6)), 144),
        (((3, 2, 4), (3, 4, 6)), 144),
    ],
)
def test_multiply_adds_of_every_kind_of_product(trace, shapes, expected):
    left, right = map(np.ones, shapes)
    product = trace.array(left) @ right
    assert np.array_equal(product.value, left @ right)
    assert trace.multiply_adds == expected


def test_attention_is_computed_as_without_the_trace(trace):
    value = np.random.default_rng(7).normal(size=(6, 4))
    x = trace.array(value)
    scores = np.exp(x @ x.T)
    output = scores / np.add.reduce(scores, axis=1, keepdims=True) @ x
    assert np.allclose(output.value, softmax(value @ value.T, axis=1) @ value)
    assert output.depth == 2 and x[2:4].depth == 0
    assert trace.multiply_adds == 2 * 6 * 6 * 4


def test_products_from_the_left_count_too(trace):
    x = trace.array(np.ones((3, 2)))
    assert (np.ones((5, 3)) @ x).depth == 1
    assert trace.multiply_adds == 5 * 3 * 2


def test_results_are_not_written_into_plain_arrays(trace):
    x = trace.array(np.ones((2, 2)))
    with pytest.raises(TypeError):
        np.add(x, x, out=np.zeros((2, 2)))
