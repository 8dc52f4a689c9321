import numpy as np
import pytest

from whiteboard.datasets import ring_of_gaussians
from whiteboard.generative import measure_mode_coverage


@pytest.mark.parametrize("modes", [2, 8, 25])
def test_real_data_covers_every_mode_evenly(modes):
    real, centres = ring_of_gaussians(20_000, modes=modes, radius=3.0, seed=3)
    coverage = measure_mode_coverage(real, centres, deviation=0.05)
    assert coverage.covered == modes
    assert coverage.good == pytest.approx(1 - np.exp(-4.5), abs=0.003)
    assert coverage.balance > 0.999
    assert coverage.shares.sum() == pytest.approx(coverage.good)


def test_counts_by_hand():
    centres = [[0, 0], [10, 0], [0, 10]]
    samples = [[0, 0], [0, 2.9], [3.1, 0], [10, 0], [50, 50]]
    coverage = measure_mode_coverage(samples, centres, deviation=1.0)
    assert coverage.covered == 2
    assert coverage.good == pytest.approx(3 / 5)
    np.testing.assert_allclose(coverage.shares, [2 / 5, 1 / 5, 0])
    entropy = -(2 / 3 * np.log(2 / 3) + 1 / 3 * np.log(1 / 3)) / np.log(3)
    assert coverage.balance == pytest.approx(entropy)


@pytest.mark.parametrize(("radius", "good"), [(1.0, 0.25), (2.0, 0.5), (4.0, 1.0)])
def test_radius_is_in_deviations_and_its_edge_is_outside(radius, good):
    samples = [[0.0], [0.5], [1.0], [1.5]]
    coverage = measure_mode_coverage(samples, [[0.0], [9.0]], 0.5, radius)
    assert coverage.good == good


def test_a_share_at_the_threshold_does_not_cover():
    samples = np.array([[0.0]] * 99 + [[5.0]])
    centres = [[0.0], [5.0]]
    assert measure_mode_coverage(samples, centres, 0.1, threshold=0.01).covered == 1
    assert measure_mode_coverage(samples, centres, 0.1, threshold=0.0).covered == 2


def test_one_mode_has_no_balance_and_noise_neither():
    centres = [[0.0, 0.0], [5.0, 0.0]]
    one = measure_mode_coverage(np.zeros((10, 2)), centres, 0.1)
    assert (one.covered, one.good, one.balance) == (1, 1.0, 0.0)
    none = measure_mode_coverage(np.full((10, 2), 99.0), centres, 0.1)
    assert (none.covered, none.good, none.balance) == (0, 0.0, 0.0)


SAMPLES, CENTRES = np.zeros((4, 2)), np.array([[0.0, 0.0], [1.0, 0.0]])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"samples": np.zeros(4)}, r"shapes \(N, D\) and \(M, D\).*=\(4,\)"),
        ({"samples": np.zeros((4, 3))}, r"samples.shape=\(4, 3\)"),
        ({"centres": np.zeros(2)}, r"centres.shape=\(2,\)"),
        ({"samples": np.zeros((0, 2))}, "Received: 0 samples, 2 modes"),
        ({"centres": CENTRES[:1]}, "Received: 4 samples, 1 modes"),
        ({"samples": SAMPLES + np.nan}, "must be finite"),
        ({"centres": CENTRES + np.inf}, "must be finite"),
        ({"deviation": 0.0}, "deviation must be positive. Received: deviation=0.0"),
        ({"deviation": np.nan}, "deviation must be positive. Received: deviation=nan"),
        ({"radius": -1.0}, "radius must be positive. Received: radius=-1.0"),
        ({"threshold": 1.0}, "threshold must be at least 0 and below 1"),
    ],
)
def test_bad_input_is_refused(arguments, message):
    given = {"samples": SAMPLES, "centres": CENTRES, "deviation": 0.1, **arguments}
    with pytest.raises(ValueError, match=message):
        measure_mode_coverage(**given)
