import keras
import numpy as np
import pytest
from keras import ops

from whiteboard.transformer import (
    apply_temperature,
    greedy_tokens,
    penalize_repetition,
    sample_tokens,
    top_k_filter,
    top_p_filter,
)


def random_logits(*shape, seed=0):
    return (3 * np.random.default_rng(seed).normal(size=shape)).astype("float32")


def to_numpy(x):
    return ops.convert_to_numpy(x)


def kept(filtered):
    return np.isfinite(to_numpy(filtered))


def softmax(logits):
    exponentials = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return exponentials / exponentials.sum(axis=-1, keepdims=True)


def top_k_reference(logits, k):
    result = np.full_like(logits, -np.inf)
    best = np.argsort(-logits, kind="stable")[:k]
    result[best] = logits[best]
    return result


def top_p_reference(logits, p):
    """Add the most likely tokens to a set until its probability reaches p."""
    probabilities = softmax(logits.astype("float64"))
    result, total = np.full_like(logits, -np.inf), 0.0
    for token in np.argsort(-logits, kind="stable"):
        result[token] = logits[token]
        total += probabilities[token]
        if total >= p:
            break
    return result


class TestTemperature:
    def test_divides(self):
        logits = random_logits(2, 5)
        np.testing.assert_allclose(
            to_numpy(apply_temperature(logits, 0.5)), 2 * logits, rtol=1e-6
        )

    @pytest.mark.parametrize("temperature", [0, -1.0, np.nan])
    def test_bad_temperature_is_refused(self, temperature):
        with pytest.raises(ValueError, match="temperature must be positive"):
            apply_temperature(random_logits(1, 3), temperature)


class TestTopK:
    @pytest.mark.parametrize("k", [1, 2, 7, 20, 21])
    def test_is_the_definition(self, k):
        logits = random_logits(4, 20)
        expected = [top_k_reference(row, k) for row in logits]
        np.testing.assert_array_equal(to_numpy(top_k_filter(logits, k)), expected)

    def test_of_equals_the_first_ones_stay(self):
        logits = np.array([1.0, 2.0, 2.0, 2.0, 0.0], "float32")
        expected = [False, True, True, False, False]
        np.testing.assert_array_equal(kept(top_k_filter(logits, 2)), expected)

    @pytest.mark.parametrize("k", [0, -1, 2.0, 1.5, np.nan])
    def test_bad_k_is_refused(self, k):
        with pytest.raises(ValueError, match=f"k must be a positive.*k={k}"):
            top_k_filter(random_logits(1, 3), k)


class TestTopP:
    @pytest.mark.parametrize("p", [1e-6, 0.1, 0.5, 0.9, 0.95, 0.995])
    @pytest.mark.parametrize("seed", range(3))
    def test_is_the_definition(self, p, seed):
        logits = random_logits(8, 50, seed=seed)
        expected = [top_p_reference(row, p) for row in logits]
        np.testing.assert_array_equal(to_numpy(top_p_filter(logits, p)), expected)

    def test_the_token_that_crosses_p_is_kept(self):
        logits = np.log(np.array([0.2, 0.5, 0.3], "float32"))
        np.testing.assert_array_equal(
            kept(top_p_filter(logits, 0.6)), [False, True, True]
        )

    def test_exactly_p_is_enough(self):
        logits = np.log(np.array([0.25, 0.5, 0.25], "float32"))
        np.testing.assert_array_equal(
            kept(top_p_filter(logits, 0.5)), [False, True, False]
        )

    def test_at_least_one_stays(self):
        filtered = top_p_filter(random_logits(6, 30), 1e-30)
        np.testing.assert_array_equal(kept(filtered).sum(axis=-1), np.ones(6))

    def test_of_equals_the_first_ones_stay(self):
        filtered = top_p_filter(np.zeros((1, 8), "float32"), 0.3)
        np.testing.assert_array_equal(kept(filtered), [[True] * 3 + [False] * 5])

    def test_one_changes_nothing(self):
        logits = np.array([[0.0, -200.0, 30.0]], "float32")
        np.testing.assert_array_equal(to_numpy(top_p_filter(logits, 1)), logits)

    @pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
    def test_keeps_the_dtype_and_adds_up_in_float32(self, dtype):
        logits = ops.cast(np.zeros((1, 5000)), dtype)
        filtered = top_p_filter(logits, 0.5)
        assert keras.backend.standardize_dtype(filtered.dtype) == dtype
        num_kept = kept(ops.cast(filtered, "float32")).sum()
        assert abs(num_kept - 2500) <= 2

    @pytest.mark.parametrize("p", [0, -0.1, 1.01, np.nan])
    def test_bad_p_is_refused(self, p):
        with pytest.raises(ValueError, match=f"p must be above 0.*p={p}"):
            top_p_filter(random_logits(1, 3), p)


class TestRepetition:
    def test_is_the_definition(self):
        logits = np.array([[2.0, -2.0, 1.0, -1.0]], "float32")
        penalized = penalize_repetition(logits, np.array([[0, 1, 1]]), penalty=2)
        np.testing.assert_array_equal(to_numpy(penalized), [[1.0, -4.0, 1.0, -1.0]])

    def test_rows_are_their_own(self):
        logits = np.ones((2, 3), "float32")
        penalized = penalize_repetition(logits, np.array([[0], [2]]), penalty=2)
        np.testing.assert_array_equal(to_numpy(penalized), [[0.5, 1, 1], [1, 1, 0.5]])

    @pytest.mark.parametrize("penalty", [0, -1, np.nan])
    def test_bad_penalty_is_refused(self, penalty):
        with pytest.raises(ValueError, match="penalty must be positive"):
            penalize_repetition(random_logits(1, 3), np.array([[0]]), penalty)


class TestDraw:
    def test_frequencies_are_the_softmax(self):
        logits = random_logits(5)
        rows = np.tile(logits, (20_000, 1))
        tokens = to_numpy(sample_tokens(rows, seed=7))
        frequencies = np.bincount(tokens, minlength=5) / len(rows)
        np.testing.assert_allclose(frequencies, softmax(logits), atol=0.015)

    def test_removed_tokens_are_never_drawn(self):
        logits = np.tile(random_logits(30), (5000, 1))
        tokens = to_numpy(sample_tokens(top_k_filter(logits, 3), seed=7))
        assert set(tokens) == set(np.argsort(-logits[0])[:3])

    def test_an_integer_repeats_the_draw_and_a_generator_moves_on(self):
        logits = np.zeros((100, 50), "float32")
        generator = keras.random.SeedGenerator(7)
        first, second = (to_numpy(sample_tokens(logits, 7)) for _ in range(2))
        third, fourth = (to_numpy(sample_tokens(logits, generator)) for _ in range(2))
        np.testing.assert_array_equal(first, second)
        assert (third != fourth).any()

    def test_greedy_takes_the_first_of_equals(self):
        logits = np.array([[0.0, 2.0, 2.0], [5.0, -np.inf, 1.0]], "float32")
        tokens = greedy_tokens(logits)
        assert keras.backend.standardize_dtype(tokens.dtype) == "int32"
        np.testing.assert_array_equal(to_numpy(tokens), [1, 0])

    @pytest.mark.parametrize("choose", [greedy_tokens, sample_tokens])
    @pytest.mark.parametrize("bad", [np.nan, np.inf])
    def test_no_distribution_is_refused(self, choose, bad):
        logits = random_logits(2, 4)
        logits[1, 2] = bad
        with pytest.raises(ValueError, match="logits must be below inf, without NaN"):
            choose(logits)

    @pytest.mark.parametrize("choose", [greedy_tokens, sample_tokens])
    def test_a_row_without_a_token_is_refused(self, choose):
        with pytest.raises(ValueError, match="not all -inf"):
            choose(np.full((1, 3), -np.inf, "float32"))

    @pytest.mark.parametrize("choose", [greedy_tokens, sample_tokens])
    @pytest.mark.parametrize("shape", [(3,), (2, 0), (1, 2, 3)])
    def test_wrong_shape_is_refused(self, choose, shape):
        with pytest.raises(ValueError, match="logits must have shape"):
            choose(np.zeros(shape, "float32"))


class TestAgainstKerasHub:
    """The tokens that KerasHub's samplers can draw are those that the filters keep."""

    def drawn(self, sampler, logits):
        probabilities = sampler.compute_probabilities(np.tile(logits, (20_000, 1)))
        return set(to_numpy(sampler.get_next_token(probabilities)).tolist())

    @pytest.mark.parametrize("p", [0.2, 0.5, 0.8])
    def test_top_p(self, keras_hub, p):
        logits = random_logits(12) / 2
        sampler = keras_hub.samplers.TopPSampler(p=p, temperature=1.5, seed=7)
        filtered = top_p_filter(apply_temperature(logits, 1.5), p)
        assert self.drawn(sampler, logits) == set(np.flatnonzero(kept(filtered)))

    @pytest.mark.parametrize("k", [1, 3, 7])
    def test_top_k(self, keras_hub, k):
        logits = random_logits(12) / 2
        sampler = keras_hub.samplers.TopKSampler(k=k, seed=7)
        expected = set(np.flatnonzero(kept(top_k_filter(logits, k))))
        assert self.drawn(sampler, logits) == expected

    def test_greedy(self, keras_hub):
        logits = random_logits(100, 12)
        sampler = keras_hub.samplers.GreedySampler()
        expected = sampler.get_next_token(sampler.compute_probabilities(logits))
        np.testing.assert_array_equal(
            to_numpy(greedy_tokens(logits)), to_numpy(expected)
        )

    def test_random_draws_the_same_tokens_from_the_same_seed(self, keras_hub):
        logits = random_logits(200, 12)
        sampler = keras_hub.samplers.RandomSampler(temperature=0.7, seed=7)
        expected = sampler.get_next_token(sampler.compute_probabilities(logits))
        seed = keras.random.SeedGenerator(7)
        tokens = sample_tokens(apply_temperature(logits, 0.7), seed)
        np.testing.assert_array_equal(to_numpy(tokens), to_numpy(expected))


@pytest.mark.parametrize(
    "keep",
    [
        lambda x: apply_temperature(x, 0.7),
        lambda x: top_k_filter(x, 3),
        lambda x: top_p_filter(x, 0.6),
    ],
)
def test_filters_work_in_a_compiled_model(keep):
    inputs = keras.Input((9,))
    model = keras.Model(inputs, keras.layers.Lambda(keep)(inputs))
    model.compile(jit_compile=keras.backend.backend() != "torch")
    logits = random_logits(4, 9)
    np.testing.assert_allclose(
        model.predict(logits, verbose=0), to_numpy(keep(logits)), rtol=1e-6
    )
