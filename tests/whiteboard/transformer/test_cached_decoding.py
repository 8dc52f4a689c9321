"""Decoding with a cache gives the logits of the full pass, for every kind of position."""

import numpy as np
import pytest
from keras import ops

from whiteboard.transformer import CausalLanguageModel

BATCH, LENGTH, VOCABULARY = 2, 7, 11
POSITIONS = ["learned", "sinusoidal", "rotary", "alibi", "relative", "none"]
IDS = np.random.default_rng(0).integers(0, VOCABULARY, (BATCH, LENGTH))


def model(position="learned", groups=None, max_length=LENGTH):
    return CausalLanguageModel(
        VOCABULARY,
        width=16,
        num_layers=2,
        num_heads=4,
        max_length=max_length,
        position=position,
        num_key_value_heads=groups,
    )


def decode(decoder, ids, steps, cache_length=LENGTH):
    """The logits of all positions, by steps of the given numbers of tokens."""
    cache, index, logits = decoder.empty_cache(len(ids), cache_length), 0, []
    for count in steps:
        step, cache = decoder.step(ids[:, index : index + count], cache, index)
        logits.append(ops.convert_to_numpy(step))
        index += count
    return np.concatenate(logits, axis=1)


@pytest.mark.parametrize("position", POSITIONS)
@pytest.mark.parametrize("groups", [4, 2, 1])
def test_cached_logits_are_those_of_the_full_pass(position, groups):
    decoder = model(position, groups)
    expected = ops.convert_to_numpy(decoder(IDS))
    logits = decode(decoder, IDS, steps=(3, 1, 1, 2))
    np.testing.assert_allclose(logits, expected, atol=1e-5)


@pytest.mark.parametrize("position", ["rotary", "alibi"])
def test_room_to_spare_changes_nothing(position):
    decoder = model(position)
    expected = ops.convert_to_numpy(decoder(IDS))
    logits = decode(decoder, IDS, steps=(1,) * LENGTH, cache_length=LENGTH + 5)
    np.testing.assert_allclose(logits, expected, atol=1e-5)


def test_refuses_the_cache_of_another_batch_size():
    decoder = model()
    decoder(IDS)
    with pytest.raises(ValueError, match="cache must have shape"):
        decoder.step(IDS[:, :1], decoder.empty_cache(BATCH + 1, LENGTH), 0)


@pytest.mark.parametrize("position", ["rotary", "alibi", "relative", "none"])
def test_refuses_a_token_beyond_the_cache(position):
    decoder = model(position)
    decoder(IDS)
    with pytest.raises(ValueError, match="leave room"):
        decoder.step(IDS[:, :1], decoder.empty_cache(BATCH, LENGTH), LENGTH)


def test_refuses_a_token_beyond_the_positions():
    decoder = model("learned")
    decoder(IDS)
    with pytest.raises(ValueError, match="max_length"):
        decoder.step(IDS[:, :1], decoder.empty_cache(BATCH, LENGTH + 1), LENGTH)
