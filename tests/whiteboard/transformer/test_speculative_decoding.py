import itertools

import numpy as np
import pytest
from scipy import stats

from whiteboard.transformer import (
    accept_draft,
    acceptance_rate,
    expected_tokens,
    speculative_generate,
)

P = np.array([0.5, 0.3, 0.15, 0.05])
Q = np.array([0.1, 0.2, 0.3, 0.4])


def random_chain(seed, vocabulary=4):
    return np.random.default_rng(seed).dirichlet(np.ones(vocabulary), vocabulary)


def p_value(tokens, probabilities):
    counts = np.bincount(tokens, minlength=len(probabilities))
    return stats.chisquare(counts, len(tokens) * np.asarray(probabilities)).pvalue


class TestAcceptDraft:
    def test_the_first_token_is_distributed_as_the_target_s(self):
        rng = np.random.default_rng(7)
        target = np.array([P, [0.25] * 4])
        drafted = rng.choice(4, p=Q, size=20_000)
        first = [accept_draft([x], [Q], target, rng)[0] for x in drafted]
        assert p_value(first, P) > 1e-3
        assert p_value(first, Q) < 1e-9

    def test_after_acceptance_the_next_token_is_the_target_s(self):
        rng = np.random.default_rng(7)
        target = np.array([P, P[::-1]])
        drafted = rng.choice(4, p=Q, size=20_000)
        results = [accept_draft([x], [Q], target, rng) for x in drafted]
        second = [result[1] for result in results if len(result) == 2]
        assert abs(len(second) / 20_000 - acceptance_rate(Q, P)) < 0.015
        assert p_value(second, P[::-1]) > 1e-3

    def test_equal_distributions_accept_all(self):
        rng = np.random.default_rng(0)
        drafted = rng.choice(4, p=P, size=5)
        result = accept_draft(drafted, [P] * 5, [P] * 6, rng)
        assert result[:5] == drafted.tolist()
        assert len(result) == 6

    def test_disjoint_distributions_accept_none(self):
        rng = np.random.default_rng(0)
        result = accept_draft([0], [[1.0, 0.0]], [[0.0, 1.0], [1.0, 0.0]], rng)
        assert result == [1]

    @pytest.mark.parametrize(
        "row", [[0.5, 0.6, 0, 0], [0.5, 0.4, 0, 0], [1.5, -0.5, 0, 0], [np.nan] * 4]
    )
    def test_what_is_no_distribution_is_refused(self, row):
        rng = np.random.default_rng(0)
        with pytest.raises(ValueError, match="draft_probabilities must .* sum to 1"):
            accept_draft([0], [row], [P, P], rng)
        with pytest.raises(ValueError, match="target_probabilities must .* sum to 1"):
            accept_draft([0], [Q], [P, row], rng)
        with pytest.raises(ValueError, match="target_probabilities must .* sum to 1"):
            acceptance_rate(Q, row)

    @pytest.mark.parametrize(
        ("tokens", "target"), [([0], [P]), ([0, 1], [P, P]), ([0], [[0.5, 0.5]] * 2)]
    )
    def test_rows_that_do_not_fit_are_refused(self, tokens, target):
        with pytest.raises(ValueError, match="one row more than there are drafted"):
            accept_draft(tokens, [Q] * len(tokens), target, np.random.default_rng(0))


class TestSpeculativeGenerate:
    @pytest.mark.parametrize("num_drafted", [1, 2, 4])
    def test_sequences_are_distributed_as_the_target_s(self, num_drafted):
        target, draft = random_chain(1), random_chain(2)
        rng = np.random.default_rng(7)
        written = [
            speculative_generate(
                lambda ids: target[ids],
                lambda ids: draft[ids],
                [0],
                2,
                num_drafted,
                rng,
            )[0]
            for _ in range(4000)
        ]
        tokens = [4 * second + third for _, second, third in written]
        probabilities = [
            target[0, a] * target[a, b]
            for a, b in itertools.product(range(4), repeat=2)
        ]
        assert p_value(tokens, probabilities) > 1e-3

    def test_greedy_target_is_written_exactly(self):
        target = np.eye(4)[[1, 2, 3, 0]]
        ids, num_calls = speculative_generate(
            lambda ids: target[ids], lambda ids: random_chain(2)[ids], [0], 9, 3, seed=7
        )
        np.testing.assert_array_equal(ids, np.arange(10) % 4)
        assert 3 <= num_calls <= 9

    def test_a_perfect_draft_saves_most_calls(self):
        target = random_chain(1)
        ids, num_calls = speculative_generate(
            lambda ids: target[ids], lambda ids: target[ids], [0], 20, 4, seed=7
        )
        assert ids.shape == (21,)
        assert num_calls == 4

    @pytest.mark.parametrize(
        ("change", "message"),
        [
            ({"length": 0}, "length must be positive"),
            ({"num_drafted": 0}, "num_drafted must be positive"),
            ({"prompt": []}, "prompt_length must be positive"),
            ({"draft": lambda ids: np.ones((len(ids), 4))}, "draft must .* sum to 1"),
            ({"target": lambda ids: np.ones((len(ids), 4))}, "must .* sum to 1"),
        ],
    )
    def test_bad_input_is_refused(self, change, message):
        chain = random_chain(0)
        arguments = {
            "target": lambda ids: chain[ids],
            "draft": lambda ids: chain[ids],
            "prompt": [0],
            "length": 3,
            "num_drafted": 2,
        }
        with pytest.raises(ValueError, match=message):
            speculative_generate(**{**arguments, **change})


class TestRates:
    def test_acceptance_is_one_minus_total_variation(self):
        assert acceptance_rate(Q, P) == pytest.approx(1 - np.abs(P - Q).sum() / 2)
        np.testing.assert_allclose(acceptance_rate([P, Q], [P, Q]), [1, 1])

    @pytest.mark.parametrize("rate", [0.0, 0.3, 0.8, 0.99])
    def test_expected_tokens_is_the_geometric_sum(self, rate):
        expected = (1 - rate**5) / (1 - rate)
        assert expected_tokens(rate, 4) == pytest.approx(expected)

    def test_expected_tokens_at_the_ends(self):
        assert expected_tokens(1.0, 4) == 5
        assert expected_tokens(0.0, 4) == 1
        assert expected_tokens(0.5, 0) == 1

    @pytest.mark.parametrize("rate", [-0.1, 1.1, np.nan])
    def test_bad_rate_is_refused(self, rate):
        with pytest.raises(ValueError, match="must not be negative"):
            expected_tokens(rate, 3)
