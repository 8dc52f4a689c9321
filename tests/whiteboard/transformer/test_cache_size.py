import math

import keras
import pytest

from whiteboard.transformer import CausalLanguageModel, key_value_cache_bytes

SIZES = {"num_layers": 3, "num_key_value_heads": 2, "key_dim": 8, "length": 10}


@pytest.mark.parametrize("groups", [1, 2, 4])
def test_is_the_size_of_a_models_cache(groups):
    model = CausalLanguageModel(
        11, 32, num_layers=3, num_heads=4, max_length=10, num_key_value_heads=groups
    )
    model(keras.ops.ones((5, 1), "int32"))
    numbers = sum(math.prod(c.shape) for c in model.empty_cache(5, 10))
    ours = key_value_cache_bytes(3, groups, 8, 10, batch_size=5, bytes_per_number=4)
    assert ours == 4 * numbers


@pytest.mark.parametrize(
    ("layers", "heads", "gib"), [(80, 8, 1.25), (80, 64, 10.0), (32, 8, 0.5)]
)
def test_published_models_at_4096_tokens(layers, heads, gib):
    assert key_value_cache_bytes(layers, heads, 128, 4096) == gib * 2**30


@pytest.mark.parametrize("name", [*SIZES, "batch_size", "bytes_per_number"])
@pytest.mark.parametrize("value", [0, -1, float("nan")])
def test_refuses_sizes_that_are_not_positive(name, value):
    with pytest.raises(ValueError, match=f"{name} must be positive"):
        key_value_cache_bytes(**{**SIZES, name: value})
