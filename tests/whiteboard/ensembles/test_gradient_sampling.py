import numpy as np
import pytest

from whiteboard.ensembles import gradient_one_side_sample


def test_the_top_is_kept_and_the_sample_stands_for_the_rest():
    gradients = np.random.default_rng(0).normal(size=1000)
    rows, weights = gradient_one_side_sample(gradients, 0.2, 0.1, random_state=0)
    assert len(rows) == len(weights) == 300 and len(set(rows)) == 300
    top = set(np.argsort(-np.abs(gradients))[:200])
    assert set(rows[:200]) == top and (weights[:200] == 1).all()
    assert not top & set(rows[200:])
    np.testing.assert_allclose(weights[200:], (1 - 0.2) / 0.1)
    assert weights.sum() == pytest.approx(1000)


@pytest.mark.parametrize("top_rate", [0, 0.1, 0.5])
def test_every_sum_is_unbiased(top_rate):
    rng = np.random.default_rng(1)
    gradients, child = rng.lognormal(size=500), rng.random(500) < 0.4
    sums = []
    for draw in range(4000):
        rows, weights = gradient_one_side_sample(gradients, top_rate, 0.1, draw)
        sums.append(weights @ (gradients[rows] * child[rows]))
    error = np.std(sums) / np.sqrt(len(sums))
    assert abs(np.mean(sums) - gradients[child].sum()) < 4 * error


def test_all_the_others_make_it_exact():
    gradients = np.random.default_rng(0).normal(size=100)
    rows, weights = gradient_one_side_sample(gradients, 0.3, 0.7)
    assert sorted(rows) == list(range(100)) and (weights == 1).all()


def test_the_seed_decides():
    gradients = np.random.default_rng(0).normal(size=200)
    first, again, other = (
        gradient_one_side_sample(gradients, random_state=seed)[0] for seed in (1, 1, 2)
    )
    assert np.array_equal(first, again) and not np.array_equal(first, other)


@pytest.mark.parametrize("rates", [(-0.1, 0.1), (1, 0.1), (0.2, 0), (0.6, 0.5)])
def test_rates_are_checked(rates):
    with pytest.raises(ValueError, match="top_rate must .* Received"):
        gradient_one_side_sample(np.ones(100), *rates)


def test_a_sample_of_no_row_is_refused():
    with pytest.raises(ValueError, match="other_rate must leave .* of 4 rows"):
        gradient_one_side_sample(np.ones(4), 0.2, 0.1)


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_gradients_are_checked(bad):
    with pytest.raises(ValueError, match="gradients must be finite"):
        gradient_one_side_sample([bad] * 20)
    with pytest.raises(ValueError, match="1d|1D|shape"):
        gradient_one_side_sample(np.ones((20, 2)))
