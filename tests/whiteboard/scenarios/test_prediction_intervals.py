import numpy as np
import pytest

from whiteboard.scenarios import conformal_margin

RNG = np.random.default_rng(0)


def test_is_the_order_statistic():
    assert conformal_margin([3, -1, 2, -4], coverage=0.8) == 4
    assert conformal_margin([3, -1, 2, -4], coverage=0.6) == 3
    assert conformal_margin(np.arange(1, 20), coverage=0.95) == 19
    assert conformal_margin(np.arange(1, 10), coverage=0.7) == 7  # not 8 by rounding


@pytest.mark.parametrize("n", [9, 10, 50])
@pytest.mark.parametrize("coverage", [0.5, 0.9])
def test_covers_exactly_what_theory_says(n, coverage):
    # For continuous exchangeable errors: ceil((n + 1) coverage) / (n + 1).
    errors, new = RNG.standard_t(2, size=(n, 20_000)), RNG.standard_t(2, size=20_000)
    covered = (np.abs(new) <= conformal_margin(errors, coverage)).mean()
    expected = np.ceil(round((n + 1) * coverage, 9)) / (n + 1)
    assert coverage <= expected + 1e-9 and abs(covered - expected) < 0.012


def test_has_a_margin_for_each_step_ahead():
    errors = RNG.normal(size=(40, 3)) * [1, 2, 3]
    margins = conformal_margin(errors, 0.9)
    assert margins.shape == (3,)
    assert margins.tolist() == [conformal_margin(e, 0.9) for e in errors.T]


@pytest.mark.parametrize(
    ("errors", "coverage", "message"),
    [
        (np.ones(8), 0.9, "Received: coverage=0.9, n=8"),
        ([], 0.5, "Received: coverage=0.5, n=0"),
        (np.ones(9), 1.0, r"coverage must be in \(0, 1\)"),
        (np.ones(9), np.nan, r"coverage must be in \(0, 1\)"),
        ([1, np.nan, 2], 0.5, "errors must be finite"),
        (np.ones((2, 2, 2)), 0.5, r"shape=\(2, 2, 2\)"),
        (3.0, 0.5, r"shape=\(\)"),
    ],
)
def test_bad_input_is_refused(errors, coverage, message):
    with pytest.raises(ValueError, match=message):
        conformal_margin(errors, coverage)
