import numpy as np
import pytest

from whiteboard.transformer import NGramModel


@pytest.fixture
def tokens():
    return np.random.default_rng(7).integers(5, size=400)


def next_token_distribution(model, context):
    """One probability for each token that could follow."""
    runs = [np.append(context, token) for token in range(model.vocabulary_size)]
    return np.array([model.probabilities(run)[-1] for run in runs])


@pytest.mark.parametrize("order", [1, 2, 4])
@pytest.mark.parametrize("discount", [0.0, 0.75])
def test_probabilities_sum_to_one(tokens, order, discount):
    model = NGramModel(order, 6, discount).fit(tokens)  # token 5 never comes
    for context in (tokens[:3], [5, 5, 5], [0, 5, 1]):
        context = np.array(context)[: order - 1]
        assert next_token_distribution(model, context).sum() == pytest.approx(1)


def test_by_hand():
    """b follows a twice, c once: (2 - d) / 3, (1 - d) / 3, and 2 d / 3 to share."""
    a, b, c = range(3)
    model = NGramModel(2, 3, discount=0.5).fit(np.array([a, b, a, b, a, c]))
    # Of the five tokens after the first, b and c come 2 and 1 times, and a 2 times.
    first = (np.array([2, 2, 1]) - 0.5) / 5 + 0.5 * 3 / 5 / 3
    expected = np.array([0, 1.5, 0.5]) / 3 + 0.5 * 2 / 3 * first
    np.testing.assert_allclose(next_token_distribution(model, np.array([a])), expected)
    assert model.num_counts == 3 + 3


def test_without_discount_the_longest_context_decides(tokens):
    model = NGramModel(3, 5, discount=0.0).fit(tokens)
    pair, following = tokens[10:12], []
    for i in range(len(tokens) - 2):
        if (tokens[i : i + 2] == pair).all():
            following.append(tokens[i + 2])
    expected = np.bincount(following, minlength=5) / len(following)
    np.testing.assert_allclose(next_token_distribution(model, pair), expected)


def test_noise_has_the_loss_of_guessing_and_a_pattern_none(tokens):
    rng = np.random.default_rng(8)
    model = NGramModel(2, 5).fit(rng.integers(5, size=20_000))
    assert model.loss(tokens) == pytest.approx(np.log(5), abs=0.02)
    pattern = np.arange(1000) % 5
    assert NGramModel(2, 5).fit(pattern).loss(pattern) < 0.02


@pytest.mark.parametrize(
    "arguments, message",
    [
        ((0, 5), "order must be positive. Received: order=0"),
        ((2, -1), "vocabulary_size must be positive"),
        ((2, 5, 1.0), "discount must be at least 0 and below 1"),
        ((2, 5, float("nan")), "discount must be at least 0 and below 1"),
    ],
)
def test_arguments_out_of_range(arguments, message):
    with pytest.raises(ValueError, match=message):
        NGramModel(*arguments)


@pytest.mark.parametrize(
    "tokens, message",
    [
        (np.zeros((4, 2), int), "tokens must have one axis and at least 3 entries"),
        (np.zeros(2, int), "at least 3 entries. Received: tokens.shape=\\(2,\\)"),
        (np.zeros(9), "tokens must be integers from 0 to 4. Received: dtype=float64"),
        (np.array([0, 5, 1]), "from 0 to 5"),
        (np.array([0, -1, 1]), "from -1 to 1"),
    ],
)
def test_tokens_it_cannot_count(tokens, message):
    with pytest.raises(ValueError, match=message):
        NGramModel(3, 5).fit(tokens)
    with pytest.raises(ValueError, match=message):
        NGramModel(3, 5).fit(np.arange(9) % 5).probabilities(tokens)
