import itertools

import numpy as np
import pytest

from whiteboard.transformer import beam_search, length_penalty


def random_chain(vocabulary, seed):
    """Log-probabilities of the next token, given the step and the last two tokens."""
    logits = 2 * np.random.default_rng(seed).normal(size=(60, *(vocabulary,) * 3))
    return logits - np.log(np.exp(logits).sum(axis=-1, keepdims=True))


def next_logits_of(chain):
    return lambda ids: chain[ids.shape[1] - 2, ids[:, -2], ids[:, -1]]


def exhaustive(chain, prompt, length, end_token=None, alpha=0.0):
    """Every continuation, padded with its end, and its score, the best first."""
    scores = {}
    for tokens in itertools.product(range(chain.shape[-1]), repeat=length):
        sequence, total, written = list(prompt), 0.0, 0
        for token in tokens:
            total += chain[len(sequence) - 2, sequence[-2], sequence[-1], token]
            sequence.append(token)
            written += 1
            if token == end_token:
                break
        sequence += [end_token] * (length - written)
        scores[tuple(sequence)] = total / length_penalty(written, alpha)
    return sorted(scores.items(), key=lambda item: -item[1])


class TestBeamSearch:
    @pytest.mark.parametrize("seed", range(3))
    @pytest.mark.parametrize("end_token", [None, 2])
    @pytest.mark.parametrize("alpha", [0.0, 0.6, 1.0])
    def test_with_enough_beams_it_is_exhaustive(self, seed, end_token, alpha):
        chain = random_chain(3, seed)
        expected = exhaustive(chain, [0, 1], 4, end_token, alpha)
        ids, scores = beam_search(
            next_logits_of(chain), [0, 1], 4, 3**4, end_token, alpha
        )
        assert len(ids) == len(expected)
        np.testing.assert_array_equal(ids, [sequence for sequence, _ in expected])
        np.testing.assert_allclose(scores, [s for _, s in expected], atol=1e-5)

    def test_one_beam_is_greedy(self):
        chain = random_chain(7, 0)
        ids, scores = beam_search(next_logits_of(chain), [0, 1], 9, num_beams=1)
        sequence, total = [0, 1], 0.0
        for t in range(9):
            step = chain[t, sequence[-2], sequence[-1]]
            total += step.max()
            sequence.append(step.argmax())
        np.testing.assert_array_equal(ids, [sequence])
        np.testing.assert_allclose(scores, [total], atol=1e-5)

    def test_score_is_the_log_probability_of_the_sequence(self):
        chain = random_chain(6, 1)
        ids, scores = beam_search(next_logits_of(chain), [0, 1], 8, num_beams=4)
        totals = [
            sum(chain[t, *sequence[t : t + 3]] for t in range(8)) for sequence in ids
        ]
        np.testing.assert_allclose(scores, totals, atol=1e-5)
        assert (np.diff(scores) <= 0).all()
        assert len({tuple(sequence) for sequence in ids}) == 4

    def test_what_has_ended_keeps_its_score(self):
        # token 1 ends at once with 0.6; token 0 goes on and never ends
        logits = np.log([[0.4, 0.6], [0.5, 0.5]])
        ids, scores = beam_search(
            lambda ids: logits[ids[:, -1]], [0], 3, num_beams=2, end_token=1
        )
        np.testing.assert_array_equal(ids, [[0, 1, 1, 1], [0, 0, 1, 1]])
        np.testing.assert_allclose(scores, np.log([0.6, 0.24]), atol=1e-6)

    def test_search_stops_when_all_have_ended(self):
        calls = []

        def next_logits(ids):
            calls.append(ids.shape)
            return np.log(np.tile([0.4, 0.6], (len(ids), 1)))

        ids, _ = beam_search(next_logits, [0], 50, num_beams=2, end_token=1)
        assert ids.shape == (2, 51)
        assert len(calls) < 50
        assert {shape[0] for shape in calls} == {2}

    def test_forbidden_tokens_are_not_written(self):
        logits = np.array([[0.0, -np.inf, 0.0]] * 3)
        ids, scores = beam_search(lambda ids: logits[ids[:, -1]], [0], 2, num_beams=9)
        assert len(ids) == 4
        assert 1 not in ids
        np.testing.assert_allclose(scores, np.full(4, 2 * np.log(0.5)), atol=1e-6)

    def test_float32_logits_of_many_steps(self):
        chain = random_chain(5, 3)
        narrow = chain.astype("float32")
        wide, wide_scores = beam_search(next_logits_of(chain), [0, 1], 60, 4)
        ids, scores = beam_search(next_logits_of(narrow), [0, 1], 60, 4)
        np.testing.assert_array_equal(ids, wide)
        np.testing.assert_allclose(scores, wide_scores, rtol=1e-5)

    @pytest.mark.parametrize(
        ("change", "message"),
        [
            ({"length": 0}, "length must be positive. Received: length=0"),
            ({"num_beams": 0}, "num_beams must be positive. Received: num_beams=0"),
            ({"alpha": -0.1}, "alpha must not be negative"),
            ({"prompt": []}, "prompt must be a list of at least one id"),
            ({"prompt": [[0, 1]]}, "prompt must be a list of at least one id"),
            ({"prompt": [0.5]}, "prompt must be a list of at least one id"),
            ({"next_logits": lambda ids: np.zeros(3)}, "next_logits must return"),
            ({"next_logits": lambda ids: np.zeros((1, 3))}, "next_logits must return"),
            ({"next_logits": lambda ids: np.full((2, 3), np.nan)}, "without NaN"),
            ({"next_logits": lambda ids: np.full((2, 3), -np.inf)}, "not all -inf"),
        ],
    )
    def test_bad_input_is_refused(self, change, message):
        arguments = {
            "next_logits": lambda ids: np.zeros((len(ids), 3)),
            "prompt": [0],
            "length": 3,
            "num_beams": 2,
        }
        with pytest.raises(ValueError, match=message):
            beam_search(**{**arguments, **change})

    @pytest.mark.parametrize("num_beams", [1, 2, 5])
    def test_agrees_with_keras_hub(self, keras_hub, num_beams):
        chain = random_chain(6, 2).astype("float32")

        def next(prompt, cache, index):
            rows = np.array(prompt)
            i = int(index)
            return chain[i - 2, rows[:, i - 2], rows[:, i - 1]], None, cache

        sampler = keras_hub.samplers.BeamSampler(num_beams, return_all_beams=True)
        # Keras's loop would trace `next`, which reads NumPy: run it step by step.
        sampler.run_loop = eager_loop
        prompt = np.zeros((1, 9), "int32")
        prompt[0, :2] = [0, 1]
        expected_ids, expected_scores = sampler(next, prompt, index=2)
        ids, scores = beam_search(next_logits_of(chain), [0, 1], 7, num_beams)
        np.testing.assert_array_equal(ids, np.array(expected_ids)[0])
        np.testing.assert_allclose(scores, np.array(expected_scores)[0], atol=1e-5)


def eager_loop(cond, body, loop_vars, maximum_iterations, model=None):
    for _ in range(int(maximum_iterations)):
        loop_vars = body(*loop_vars)
    return loop_vars


class TestLengthPenalty:
    def test_is_the_formula(self):
        assert length_penalty(1, 0.7) == 1
        assert length_penalty(7, 1) == pytest.approx(2)
        assert length_penalty(100, 0) == 1
        np.testing.assert_allclose(length_penalty(np.array([1, 7, 13]), 2), [1, 4, 9])
