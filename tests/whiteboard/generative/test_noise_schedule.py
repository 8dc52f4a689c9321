import numpy as np
import pytest

from whiteboard.generative import alpha_bars, cosine_schedule, linear_schedule


def test_linear_schedule_is_that_of_the_paper():
    betas = linear_schedule(1000)
    assert (len(betas), betas[0], betas[-1]) == (1000, 1e-4, 0.02)
    np.testing.assert_allclose(np.diff(betas), (0.02 - 1e-4) / 999)


def test_cosine_schedule_leaves_the_cosine_of_the_paper():
    time = np.arange(1001) / 1000
    f = np.cos((time + 0.008) / 1.008 * np.pi / 2) ** 2
    levels = alpha_bars(cosine_schedule(1000))
    np.testing.assert_allclose(levels[:-1], f[:-1] / f[0], rtol=1e-9)
    assert cosine_schedule(1000).max() == 0.999


@pytest.mark.parametrize("schedule", [linear_schedule, cosine_schedule])
@pytest.mark.parametrize("steps", [1, 2, 50])
def test_schedules_are_variances_for_any_number_of_steps(schedule, steps):
    betas = schedule(steps)
    assert betas.shape == (steps,) and np.all((betas > 0) & (betas < 1))


def test_alpha_bars_count_steps_from_zero():
    np.testing.assert_allclose(alpha_bars([0.1, 0.5]), [1, 0.9, 0.45])


@pytest.mark.parametrize("steps", [0, -1])
@pytest.mark.parametrize("schedule", [linear_schedule, cosine_schedule])
def test_no_steps_are_refused(schedule, steps):
    with pytest.raises(ValueError, match=f"steps must be positive. .*steps={steps}"):
        schedule(steps)


def test_a_linear_schedule_that_is_not_positive_is_refused():
    with pytest.raises(ValueError, match="first must be positive. Received: first=0"):
        linear_schedule(10, first=0)


@pytest.mark.parametrize("betas", [[], [0.1, 0.0], [0.5, 1.0], [np.nan], [[0.1]], 0.1])
def test_betas_that_are_no_variances_are_refused(betas):
    with pytest.raises(ValueError, match="betas must be a row of numbers.*Received"):
        alpha_bars(betas)
