import math

import keras
import numpy as np
import pytest
from keras import ops

from whiteboard.fundamentals import value_and_gradients
from whiteboard.transformer import (
    MultiHeadAttention,
    RelativePositionBias,
    relative_position_bucket,
    relative_positions,
)

OFFSETS = np.arange(-300, 301)


@pytest.fixture
def t5_attention(keras_hub):
    from keras_hub.src.models.t5 import t5_multi_head_attention

    return t5_multi_head_attention.T5MultiHeadAttention


def random(*shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape).astype("float32")


def to_numpy(x):
    return ops.convert_to_numpy(x)


def reference(offset, num_buckets, max_distance, bidirectional):
    """The paper's rule for one offset, in Python's float64."""
    first = 0
    if bidirectional:
        num_buckets //= 2
        first = num_buckets if offset > 0 else 0
        distance = abs(offset)
    else:
        distance = max(0, -offset)
    exact = num_buckets // 2
    if distance < exact:
        return first + distance
    octave = math.log(distance / exact) / math.log(max_distance / exact)
    bucket = exact + int(octave * (num_buckets - exact) + 1e-6)
    return first + min(bucket, num_buckets - 1)


@pytest.mark.parametrize("make_offset", [int, ops.convert_to_tensor])
def test_relative_positions(make_offset):
    expected = [[-2, -1, 0, 1], [-3, -2, -1, 0]]
    np.testing.assert_array_equal(
        to_numpy(relative_positions(2, 4, make_offset(2))), expected
    )


class TestRelativePositionBucket:
    @pytest.mark.parametrize("bidirectional", [True, False])
    @pytest.mark.parametrize(
        ("num_buckets", "max_distance"), [(32, 128), (4, 6), (6, 20), (64, 1000)]
    )
    def test_is_the_papers_rule(self, num_buckets, max_distance, bidirectional):
        arguments = (num_buckets, max_distance, bidirectional)
        buckets = to_numpy(relative_position_bucket(OFFSETS, *arguments))
        expected = [reference(int(offset), *arguments) for offset in OFFSETS]
        # Exactly on a boundary, float32 may round to either side.
        assert np.mean(buckets != expected) < 0.01
        assert np.abs(buckets - expected).max() <= 1

    @pytest.mark.parametrize("bidirectional", [True, False])
    @pytest.mark.parametrize(("num_buckets", "max_distance"), [(32, 128), (8, 20)])
    def test_agrees_with_keras_hub(
        self, t5_attention, num_buckets, max_distance, bidirectional
    ):
        theirs = t5_attention._relative_position_bucket(
            ops.convert_to_tensor(OFFSETS, "int32"),
            bidirectional,
            num_buckets,
            max_distance,
        )
        mine = relative_position_bucket(
            OFFSETS, num_buckets, max_distance, bidirectional
        )
        np.testing.assert_array_equal(to_numpy(mine), to_numpy(theirs))

    @pytest.mark.parametrize(
        ("arguments", "message"),
        [
            ({"num_buckets": 0}, "even and at least 4. Received: num_buckets=0"),
            ({"num_buckets": 7}, "even and at least 4. Received: num_buckets=7"),
            ({"max_distance": 8}, "than the 8 exact buckets. Received: max_distance=8"),
            ({"max_distance": 16, "bidirectional": False}, "the 16 exact buckets"),
        ],
    )
    def test_bad_input_is_refused(self, arguments, message):
        with pytest.raises(ValueError, match=message):
            relative_position_bucket([0, 1], **arguments)
        with pytest.raises(ValueError, match=message):
            RelativePositionBias(**arguments)


class TestRelativePositionBias:
    @pytest.mark.parametrize("bidirectional", [True, False])
    def test_agrees_with_keras_hub_forward_and_backward(
        self, t5_attention, bidirectional
    ):
        theirs = t5_attention(
            is_decoder=not bidirectional,
            hidden_dim=8,
            key_value_dim=4,
            num_heads=2,
            dropout=0.0,
            use_relative_attention_bias=True,
        )
        mine = RelativePositionBias(bidirectional=bidirectional)
        mine.build((None, 2, None, 4))
        table, y = random(32, 2), random(2, 9, 150, seed=1)

        def bias_and_gradient(variable, bias):
            def loss(table):
                with keras.StatelessScope(state_mapping=[(variable, table)]):
                    return ops.sum(ops.multiply(bias(9, 150, 140), y))

            variable.assign(table)
            return to_numpy(bias(9, 150, 140)), value_and_gradients(loss, table)[1][0]

        bias, gradient = bias_and_gradient(mine.embeddings, mine.bias)
        expected, expected_gradient = bias_and_gradient(
            theirs.relative_attention_bias, theirs.compute_bias
        )
        np.testing.assert_allclose(bias, expected[0], atol=1e-6)
        np.testing.assert_allclose(gradient, expected_gradient, atol=1e-5)

    @pytest.mark.parametrize("make_offset", [int, ops.convert_to_tensor])
    def test_bias_with_an_offset_is_the_rows_from_there(self, make_offset):
        layer = RelativePositionBias()
        layer.build((None, 3, None, 8))
        full = to_numpy(layer.bias(40, 40))
        rows = to_numpy(layer.bias(2, 40, make_offset(30)))
        np.testing.assert_array_equal(rows, full[:, 30:32])
        assert full.shape == (3, 40, 40)
        assert np.ptp(full) > 0

    def test_weights_are_buckets_times_heads(self):
        layer = RelativePositionBias(num_buckets=32)
        layer.build((None, 12, None, 64))
        assert layer.count_params() == 384

    def test_one_layer_serves_several_attentions(self):
        shared = RelativePositionBias(initializer="zeros")
        first, second = (MultiHeadAttention(2, 4, position=shared) for _ in range(2))
        x = random(2, 5, 8)
        before = to_numpy(second(first(x, x), x))
        shared.embeddings.assign(random(32, 2))
        assert first.position is second.position
        assert np.abs(to_numpy(second(first(x, x), x)) - before).max() > 1e-3

    def test_queries_and_keys_stay_as_they_are(self):
        x = random(2, 3, 5, 8)
        assert RelativePositionBias().rotate(x, 4) is x

    @pytest.mark.parametrize("shape", [(2, 5, 8), (2, None, 5, 8)])
    def test_unknown_heads_are_refused(self, shape):
        with pytest.raises(ValueError, match="known heads. Received: input_shape="):
            RelativePositionBias().build(shape)
