import numpy as np
import pytest
from keras import ops
from scipy.special import logsumexp, softmax

from whiteboard.transformer import NOTHING_SEEN, online_softmax_step


def in_blocks(scores, value, sizes):
    state, start = NOTHING_SEEN, 0
    for size in sizes:
        block = slice(start, start + size)
        state = online_softmax_step(state, scores[..., block], value[..., block, :])
        start += size
    return tuple(map(ops.convert_to_numpy, state))


@pytest.mark.parametrize("sizes", [(7,), (1,) * 7, (3, 4), (6, 1)])
def test_is_the_softmax_average_and_the_log_sum_exp(sizes):
    rng = np.random.default_rng(0)
    scores = rng.normal(size=(2, 5, 7)).astype("float32")
    value = rng.normal(size=(2, 7, 3)).astype("float32")
    maximum, total, mixed = in_blocks(scores, value, sizes)
    np.testing.assert_allclose(
        mixed / total, softmax(scores, axis=-1) @ value, atol=1e-6
    )
    np.testing.assert_allclose(
        maximum + np.log(total), logsumexp(scores, axis=-1, keepdims=True), atol=1e-6
    )
    np.testing.assert_array_equal(maximum, scores.max(axis=-1, keepdims=True))


def test_scores_that_would_overflow_the_exponential():
    scores = np.array([[1000.0, -1000.0, 1001.0]], "float32")
    maximum, total, mixed = in_blocks(scores, np.eye(3, dtype="float32"), (1, 1, 1))
    np.testing.assert_allclose(
        mixed / total, softmax(scores.astype("float64"), axis=-1), atol=1e-6
    )
    assert maximum == 1001


def test_a_step_changes_nothing_where_all_its_scores_are_far_below():
    scores = np.array([[0.0, 1.0, -1e30]], "float32")
    value = np.array([[1.0], [2.0], [1e6]], "float32")
    before = in_blocks(scores[:, :2], value[:2], (2,))
    for ours, expected in zip(in_blocks(scores, value, (2, 1)), before, strict=True):
        np.testing.assert_array_equal(ours, expected)
