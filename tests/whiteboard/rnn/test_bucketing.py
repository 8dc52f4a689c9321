import numpy as np
import pytest

from whiteboard.rnn import bucket_by_length, pack, padded_steps

LENGTHS = np.random.default_rng(0).integers(1, 60, size=333)


@pytest.mark.parametrize("pool_size", [1, 32, 100, 333, None])
def test_each_sequence_is_in_one_batch(pool_size):
    batches = bucket_by_length(LENGTHS, 32, pool_size)
    assert sorted(np.concatenate(batches)) == list(range(333))
    assert sorted(map(len, batches))[1:] == [32] * 10


def test_larger_pools_waste_less_and_a_full_sort_least():
    steps = [
        padded_steps(LENGTHS, bucket_by_length(LENGTHS, 32, pool_size))
        for pool_size in (32, 128, None)
    ]
    assert steps == sorted(steps, reverse=True)
    assert LENGTHS.sum() < steps[-1] < 1.2 * LENGTHS.sum() < steps[0]


def test_batches_come_in_random_order():
    batches = bucket_by_length(LENGTHS, 32)
    means = [LENGTHS[batch].mean() for batch in batches]
    assert means != sorted(means)
    again = bucket_by_length(LENGTHS, 32, seed=1)
    assert means != [LENGTHS[batch].mean() for batch in again]


def test_padded_steps_counts_what_each_batch_computes():
    batches = [np.array([0, 1]), np.array([2])]
    assert padded_steps([5, 3, 2], batches) == 2 * 5 + 2


def test_pack_is_pytorch_s_layout():
    torch = pytest.importorskip("torch")
    rng = np.random.default_rng(0)
    sequences = [rng.normal(size=(n, 3)) for n in (4, 7, 1, 6)]
    data, batch_sizes, order = pack(sequences)
    expected = torch.nn.utils.rnn.pack_sequence(
        [torch.tensor(sequence) for sequence in sequences], enforce_sorted=False
    )
    np.testing.assert_array_equal(data, expected.data.numpy())
    np.testing.assert_array_equal(batch_sizes, expected.batch_sizes.numpy())
    np.testing.assert_array_equal(order, expected.sorted_indices.numpy())


def test_pack_holds_each_step_once():
    data, batch_sizes, _ = pack([range(n) for n in (3, 5, 1)])
    np.testing.assert_array_equal(data, [0, 0, 0, 1, 1, 2, 2, 3, 4])
    np.testing.assert_array_equal(batch_sizes, [3, 2, 2, 1, 1])


@pytest.mark.parametrize("lengths", [[], [3, 0], [[1, 2]]])
def test_lengths_that_are_none_are_refused(lengths):
    with pytest.raises(ValueError, match="at least one sequence.*Received"):
        bucket_by_length(lengths, 4)


def test_bad_sizes_are_refused():
    with pytest.raises(ValueError, match="batch_size must be positive"):
        bucket_by_length([1, 2], 0)
    with pytest.raises(ValueError, match="pool_size must be positive"):
        bucket_by_length([1, 2], 1, pool_size=0)
    with pytest.raises(ValueError, match="at least one sequence"):
        pack([[1], []])
