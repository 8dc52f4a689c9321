import numpy as np
import pytest

from whiteboard.datasets import (
    counting_task,
    lookahead_task,
    recall_task,
)

TASKS = {
    "recall": (recall_task, {"lag": 5}),
    "counting": (counting_task, {"max_count": 5}),
    "lookahead": (lookahead_task, {"length": 5}),
}


@pytest.fixture(params=TASKS)
def task(request):
    function, arguments = TASKS[request.param]
    return lambda n, seed: function(n, **arguments, seed=seed)


class TestAll:
    def test_seed_decides(self, task):
        for first, second in zip(task(20, 3), task(20, 3), strict=True):
            np.testing.assert_array_equal(first, second)
        assert not np.array_equal(task(20, 3)[0], task(20, 4)[0])
        assert not np.array_equal(task(20, None)[0], task(20, None)[0])

    def test_a_generator_is_moved_on(self, task):
        rng = np.random.default_rng(3)
        first, second = task(20, rng)[0], task(20, rng)[0]
        np.testing.assert_array_equal(first, task(20, 3)[0])
        assert not np.array_equal(first, second)

    def test_one_sequence(self, task):
        x, y = task(1, 0)
        assert x.dtype == "float32" and x.shape[0] == y.shape[0] == 1

    @pytest.mark.parametrize("n", [0, -1])
    def test_no_sequence_is_refused(self, task, n):
        with pytest.raises(
            ValueError, match=f"at least 1. Received: num_sequences={n}"
        ):
            task(n, 0)


class TestRecall:
    def test_token_comes_first_and_noise_after(self):
        x, y = recall_task(4000, lag=20, num_tokens=5, noise=0.3, seed=1)
        assert x.shape == (4000, 21, 5) and y.dtype == "int32"
        np.testing.assert_array_equal(x[:, 0], np.eye(5)[y])
        np.testing.assert_allclose(x[:, 1:].std(), 0.3, rtol=0.01)
        np.testing.assert_allclose(np.bincount(y) / 4000, 0.2, atol=0.03)
        correlation = np.corrcoef(y == 0, x[:, 1:].mean(axis=(1, 2)))[0, 1]
        assert abs(correlation) < 0.06

    def test_no_lag_and_no_noise(self):
        x, _ = recall_task(3, lag=0, noise=0)
        assert x.shape == (3, 1, 2)

    @pytest.mark.parametrize(
        "wrong", [{"lag": -1}, {"num_tokens": 1}, {"noise": -0.1}, {"noise": np.nan}]
    )
    def test_bad_numbers_are_refused(self, wrong):
        ((name, value),) = wrong.items()
        with pytest.raises(
            ValueError, match=f"{name} must .* Received: {name}={value}"
        ):
            recall_task(**{"num_sequences": 2, "lag": 3, **wrong})


class TestCounting:
    def test_words_are_a_then_b_then_padding(self):
        x, y = counting_task(2000, max_count=6, seed=1)
        assert x.shape == (2000, 12, 2) and y.dtype == "int32"
        symbols = np.where(x.any(axis=-1), x.argmax(axis=-1), 2)
        assert (np.diff(symbols, axis=1) >= 0).all()
        n, m = x.sum(axis=1).T
        np.testing.assert_array_equal(y, n == m)
        assert y.mean() == 0.5
        for counts in (n, m, n[y == 0], m[y == 0]):
            assert set(counts) == {1, 2, 3, 4, 5, 6}
        assert len(set(zip(n[y == 0], m[y == 0], strict=True))) == 30

    def test_max_count_of_one_is_refused(self):
        with pytest.raises(ValueError, match="at least 2. Received: max_count=1"):
            counting_task(2, max_count=1)


class TestLookahead:
    def test_label_is_the_sign_of_the_next_steps(self):
        x, y = lookahead_task(500, length=12, horizon=3, seed=1)
        assert x.shape == (500, 12, 1) and y.shape == (500, 12)
        assert y.dtype == "int32"
        for t in range(9):
            np.testing.assert_array_equal(
                y[:, t], x[:, t + 1 : t + 4, 0].sum(axis=1) > 0
            )

    @pytest.mark.parametrize("seen", [0, 1, 2, 3, 4])
    def test_best_accuracy_is_the_formula(self, seen):
        x, y = lookahead_task(4000, length=30, horizon=4, seed=1)
        sums = sum((x[:, k : k + 26, 0] for k in range(1, seen + 1)), np.zeros(1))
        accuracy = ((sums > 0) == y[:, :26]).mean()
        best = 0.5 + np.arcsin(np.sqrt(seen / 4)) / np.pi
        assert accuracy == pytest.approx(best, abs=0.01)

    @pytest.mark.parametrize("wrong", [{"length": 0}, {"horizon": 0}])
    def test_bad_numbers_are_refused(self, wrong):
        ((name, value),) = wrong.items()
        with pytest.raises(ValueError, match=f"at least 1. Received: {name}={value}"):
            lookahead_task(**{"num_sequences": 2, "length": 3, **wrong})
