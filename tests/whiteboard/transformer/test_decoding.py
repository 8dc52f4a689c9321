import functools

import keras
import numpy as np
import pytest

from whiteboard.transformer import (
    CausalLanguageModel,
    beam_search,
    generate,
    next_token_logits,
    sample_tokens,
    top_k_filter,
)

PROMPT = np.array([[1, 2, 3], [4, 5, 6]])


@functools.cache
def language_model(position="rotary"):
    keras.utils.set_random_seed(7)
    model = CausalLanguageModel(11, 16, 2, 2, max_length=12, position=position)
    model.build((None, None))
    return model


def to_numpy(x):
    return keras.ops.convert_to_numpy(x)


@pytest.mark.parametrize("use_cache", [False, True])
@pytest.mark.parametrize("position", ["learned", "rotary"])
def test_greedy_is_the_argmax_of_a_full_pass_each_time(position, use_cache):
    model = language_model(position)
    expected = PROMPT
    for _ in range(6):
        tokens = to_numpy(model(expected))[:, -1].argmax(-1)
        expected = np.concatenate([expected, tokens[:, None]], axis=1)
    written = generate(model, PROMPT, length=6, use_cache=use_cache)
    np.testing.assert_array_equal(written, expected)


def test_sampled_tokens_are_the_same_with_and_without_a_cache():
    written = []
    for use_cache in (False, True):
        seed = keras.random.SeedGenerator(7)
        draw = functools.partial(sample_tokens, seed=seed)
        written.append(generate(language_model(), PROMPT, 8, draw, use_cache=use_cache))
    np.testing.assert_array_equal(*written)


def test_the_sampler_sees_logits_and_chooses():
    seen = []

    def sampler(logits):
        seen.append(to_numpy(top_k_filter(logits, 3)))
        return np.array([7, 8])

    written = generate(language_model(), PROMPT, 4, sampler)
    np.testing.assert_array_equal(written[:, 3:], [[7] * 4, [8] * 4])
    assert [logits.shape for logits in seen] == [(2, 11)] * 4


def test_after_its_end_a_sequence_is_filled_up():
    steps = iter([[5, 1], [9, 9], [9, 0], [9, 9]])
    written = generate(
        language_model(), PROMPT, 4, lambda logits: np.array(next(steps)), end_token=0
    )
    np.testing.assert_array_equal(written[:, 3:], [[5, 9, 9, 9], [1, 9, 0, 0]])


def test_writing_stops_when_all_have_ended():
    calls = []

    def sampler(logits):
        calls.append(logits)
        return np.array([0, 0])

    written = generate(language_model(), PROMPT, 9, sampler, end_token=0)
    np.testing.assert_array_equal(written[:, 3:], np.zeros((2, 9)))
    assert len(calls) == 1


@pytest.mark.parametrize("prompt", [[1, 2], [[]], [[[1]]]])
def test_bad_prompt_is_refused(prompt):
    with pytest.raises(ValueError, match="prompt must have shape"):
        generate(language_model(), prompt, 3)


def test_bad_length_is_refused():
    with pytest.raises(ValueError, match="length must be positive"):
        generate(language_model(), PROMPT, 0)


@pytest.mark.parametrize("use_cache", [False, True])
def test_longer_than_the_model_is_refused(use_cache):
    with pytest.raises(ValueError, match="max_length"):
        generate(language_model("learned"), PROMPT, 11, use_cache=use_cache)


def test_one_beam_over_a_model_is_greedy():
    next_logits = next_token_logits(language_model(), max_length=9)
    ids, _ = beam_search(next_logits, PROMPT[0], length=6, num_beams=1)
    greedy = generate(language_model(), PROMPT[:1], length=6)
    np.testing.assert_array_equal(ids, greedy)


def test_next_token_logits_sees_one_shape_and_no_padding():
    shapes = []

    def model(ids):
        shapes.append(ids.shape)
        return language_model()(ids)

    next_logits = next_token_logits(model, max_length=8)
    for length in (1, 3):
        expected = to_numpy(language_model()(PROMPT[:, :length]))[:, -1]
        np.testing.assert_allclose(next_logits(PROMPT[:, :length]), expected, atol=1e-5)
    assert shapes == [(2, 8)] * 2


def test_next_token_logits_refuses_what_does_not_fit():
    with pytest.raises(
        ValueError, match="longer than max_length=2. Received: length=3"
    ):
        next_token_logits(language_model(), max_length=2)(PROMPT)
    with pytest.raises(ValueError, match="max_length must be positive"):
        next_token_logits(language_model(), max_length=0)
