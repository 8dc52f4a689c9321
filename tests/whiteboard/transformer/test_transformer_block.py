import numpy as np
import pytest
from keras import ops

from whiteboard.transformer.transformer_block import TransformerBlock

X = np.random.default_rng(0).normal(size=(2, 3, 4)).astype("float32")


def halve(x):
    return x / 2


@pytest.mark.parametrize(
    ("norm_first", "expected"), [(True, X + (X + 1) / 2), (False, 1.5 * X + 1)]
)
def test_the_norm_stands_before_the_sublayer_or_after_the_sum(norm_first, expected):
    block = TransformerBlock(2, 8, norm_first=norm_first)
    result = block.residual(ops.convert_to_tensor(X), halve, norm=lambda x: x + 1)
    np.testing.assert_allclose(ops.convert_to_numpy(result), expected, atol=1e-6)


@pytest.mark.parametrize("norm_first", [True, False])
def test_dropout_falls_on_the_sublayer_and_not_on_the_stream(norm_first):
    block = TransformerBlock(2, 8, dropout=0.5, norm_first=norm_first)
    result = block.residual(
        ops.convert_to_tensor(X), halve, norm=lambda x: x, training=True
    )
    added = ops.convert_to_numpy(result) - X
    dropped = np.isclose(added, 0, atol=1e-6)
    assert 0 < dropped.sum() < X.size
    np.testing.assert_allclose(added[~dropped], X[~dropped], atol=1e-5)
