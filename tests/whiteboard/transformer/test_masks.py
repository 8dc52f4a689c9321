import numpy as np
import pytest
from keras import ops

from whiteboard.transformer import (
    causal_mask,
    packed_mask,
    packed_positions,
    prefix_mask,
    scaled_dot_product_attention,
)


def array(tensor):
    return ops.convert_to_numpy(tensor)


class TestPackedMask:
    def test_by_hand(self):
        mask = array(packed_mask([[1, 1, 2, 0], [5, 6, 6, 6]]))
        assert mask.dtype == bool
        expected = [
            [[1, 1, 0, 0], [1, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]],
            [[1, 0, 0, 0], [0, 1, 1, 1], [0, 1, 1, 1], [0, 1, 1, 1]],
        ]
        np.testing.assert_array_equal(mask, np.array(expected, bool))

    @pytest.mark.parametrize("is_causal", [False, True])
    def test_packed_sequences_come_out_as_each_alone(self, is_causal):
        x = np.random.default_rng(0).normal(size=(7, 4))
        mask = packed_mask([1, 1, 1, 2, 2, 2, 2])
        if is_causal:
            mask = ops.logical_and(mask, causal_mask(7, 7))
        packed = array(scaled_dot_product_attention(x, x, x, mask)[0])
        for part in (x[:3], x[3:]):
            alone = causal_mask(len(part), len(part)) if is_causal else None
            expected = array(scaled_dot_product_attention(part, part, part, alone)[0])
            found = packed[:3] if len(part) == 3 else packed[3:]
            np.testing.assert_allclose(found, expected, atol=1e-6)


class TestPackedPositions:
    def test_each_sequence_starts_at_zero(self):
        segments = [[1, 1, 1, 2, 2, 0], [3, 4, 4, 4, 4, 4]]
        positions = array(packed_positions(segments))
        assert positions.dtype == "int32"
        np.testing.assert_array_equal(
            positions, [[0, 1, 2, 0, 1, 0], [0, 0, 1, 2, 3, 4]]
        )

    def test_one_row(self):
        np.testing.assert_array_equal(array(packed_positions([1, 1, 2])), [0, 1, 0])


@pytest.mark.parametrize("function", [packed_mask, packed_positions])
@pytest.mark.parametrize("shape", [(), (1, 2, 3)])
def test_segments_of_another_rank(function, shape):
    with pytest.raises(
        ValueError, match=r"segment_ids must have shape \(batch, tokens"
    ):
        function(np.ones(shape, int))


class TestPrefixMask:
    @pytest.mark.parametrize("length", [1, 5])
    @pytest.mark.parametrize("prefix", [0, 1, 3, 5, 9])
    def test_by_definition(self, prefix, length):
        t, s = np.indices((length, length))
        mask = array(prefix_mask(prefix, length))
        assert mask.dtype == bool
        np.testing.assert_array_equal(mask, (s <= t) | (s < prefix))

    def test_a_length_for_each_row(self):
        mask = array(prefix_mask(np.array([0, 2]), 4))
        np.testing.assert_array_equal(mask[0], array(causal_mask(4, 4)))
        np.testing.assert_array_equal(mask[1], array(prefix_mask(2, 4)))

    def test_bad_input(self):
        with pytest.raises(ValueError, match="length must be positive.*length=0"):
            prefix_mask(2, 0)
        with pytest.raises(
            ValueError, match=r"Received: prefix_lengths.shape=\(2, 1\)"
        ):
            prefix_mask(np.ones((2, 1), int), 4)
