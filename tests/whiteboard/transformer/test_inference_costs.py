import pytest

from whiteboard.transformer import decoding_step_seconds

H100 = {"memory_bandwidth": 3.35e12, "peak_flops": 989e12}


def test_by_hand():
    memory, compute = decoding_step_seconds(7e9, **H100, batch_size=8, cache_bytes=1e9)
    assert memory == pytest.approx((14e9 + 8e9) / 3.35e12)
    assert compute == pytest.approx(2 * 7e9 * 8 / 989e12)


def test_memory_decides_until_the_batch_is_peak_over_bandwidth():
    """With 16-bit weights and no cache: 989 / 3.35 = 295 sequences."""
    for batch_size, compute_bound in {1: False, 295: False, 296: True}.items():
        memory, compute = decoding_step_seconds(7e9, **H100, batch_size=batch_size)
        assert (compute > memory) == compute_bound


def test_fewer_bits_a_weight_read_faster():
    memory, _ = decoding_step_seconds(7e9, **H100)
    memory_of_4_bits, _ = decoding_step_seconds(7e9, **H100, bytes_per_weight=0.5)
    assert memory == pytest.approx(4 * memory_of_4_bits)


@pytest.mark.parametrize("value", [0, -1, float("nan")])
@pytest.mark.parametrize(
    "name",
    [
        *("parameters", "memory_bandwidth", "peak_flops", "batch_size"),
        "bytes_per_weight",
    ],
)
def test_not_positive(name, value):
    with pytest.raises(ValueError, match=f"{name} must be positive"):
        decoding_step_seconds(**{"parameters": 7e9, **H100, name: value})


def test_a_negative_cache():
    with pytest.raises(ValueError, match="cache_bytes must not be negative"):
        decoding_step_seconds(7e9, **H100, cache_bytes=-1)
