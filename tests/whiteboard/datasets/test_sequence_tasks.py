import numpy as np
import pytest

from whiteboard.datasets import (
    counting_task,
    delay_task,
    latch_task,
    lookahead_task,
    recall_task,
    repetition_task,
)

TASKS = {
    "recall": (recall_task, {"lag": 5}),
    "counting": (counting_task, {"max_count": 5}),
    "lookahead": (lookahead_task, {"length": 5}),
    "delay": (delay_task, {"length": 5}),
    "latch": (latch_task, {"length": 5}),
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
        assert x.dtype in ("float32", "int32") and x.shape[0] == y.shape[0] == 1

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


class TestRepetition:
    def test_tokens_repeat_with_a_hidden_period(self):
        x, y, is_known = repetition_task(500, 20, num_tokens=12, seed=1)
        assert x.dtype == y.dtype == "int32" and is_known.dtype == "float32"
        assert x.shape == y.shape == is_known.shape == (500, 20)
        np.testing.assert_array_equal(x[:, 1:], y[:, :-1])
        periods = (is_known == 0).sum(axis=1)
        assert set(periods) == {4, 5, 6, 7, 8} and set(x.ravel()) == set(range(12))
        for row, target, period in zip(x, y, periods, strict=True):
            assert len(set(row[:period])) == period
            np.testing.assert_array_equal(row[period:], row[:-period])
            np.testing.assert_array_equal(target[period:], target[:-period])

    def test_seed_decides(self):
        first, second = repetition_task(9, 9, seed=3), repetition_task(9, 9, seed=3)
        np.testing.assert_array_equal(first, second)
        assert not np.array_equal(first[0], repetition_task(9, 9, seed=4)[0])

    @pytest.mark.parametrize(
        ("wrong", "message"),
        [
            ({"num_sequences": 0}, "num_sequences must be at least 1"),
            ({"shortest": 0}, "shortest must be at least 1"),
            ({"longest": 3}, "longest must be at least 4. Received: longest=3"),
            ({"num_tokens": 7}, "num_tokens must be at least 8"),
            ({"length": 8}, "length must be at least 9. Received: length=8"),
        ],
    )
    def test_bad_numbers_are_refused(self, wrong, message):
        with pytest.raises(ValueError, match=message):
            repetition_task(**{"num_sequences": 2, "length": 20, **wrong})


class TestDelay:
    def test_labels_are_the_tokens_of_some_steps_ago(self):
        x, y = delay_task(200, 10, lag=4, num_tokens=6, seed=1)
        assert x.dtype == y.dtype == "int32" and x.shape == y.shape == (200, 10)
        np.testing.assert_array_equal(y[:, 4:], x[:, :-4])
        assert (y[:, :4] == 0).all() and set(x.ravel()) == {1, 2, 3, 4, 5}

    def test_a_lag_beyond_the_end_leaves_no_token(self):
        assert (delay_task(5, 3, lag=7, seed=1)[1] == 0).all()

    @pytest.mark.parametrize("name", ["num_sequences", "length", "lag"])
    def test_bad_numbers_are_refused(self, name):
        with pytest.raises(ValueError, match=f"at least 1. Received: {name}=0"):
            delay_task(**{"num_sequences": 2, "length": 3, name: 0})
        with pytest.raises(ValueError, match="num_tokens must be at least 2"):
            delay_task(2, 3, num_tokens=1)


class TestLatch:
    def test_labels_are_the_last_token_that_was_written(self):
        x, y = latch_task(300, 12, write_rate=0.3, seed=1)
        assert x.dtype == y.dtype == "int32" and x.shape == y.shape == (300, 12)
        assert (x[:, 0] > 0).all() and set(x.ravel()) == set(range(8))
        assert (x[:, 1:] > 0).mean() == pytest.approx(0.3, abs=0.03)
        for tokens, labels in zip(x, y, strict=True):
            held = 0
            for token, label in zip(tokens, labels, strict=True):
                held = token or held
                assert label == held

    @pytest.mark.parametrize("rate", [-0.1, 1.1, float("nan")])
    def test_bad_numbers_are_refused(self, rate):
        with pytest.raises(ValueError, match="write_rate must be in"):
            latch_task(2, 3, write_rate=rate)
        with pytest.raises(ValueError, match="at least 1. Received: length=0"):
            latch_task(2, 0)
