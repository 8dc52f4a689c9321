import numpy as np
import pytest
from scipy import stats

from whiteboard.scenarios import patient_bootstrap


def test_with_one_scan_each_it_is_the_ordinary_bootstrap():
    values = np.random.default_rng(7).normal(size=200)
    low, high = patient_bootstrap(np.mean, np.arange(200), values, num_resamples=4000)
    reference = stats.bootstrap(
        (values,), np.mean, n_resamples=4000, method="percentile", random_state=7
    ).confidence_interval
    np.testing.assert_allclose((low, high), reference, atol=0.015)


def test_copies_of_a_scan_do_not_narrow_the_interval():
    values = np.random.default_rng(7).normal(size=100)
    patients = np.random.default_rng(8).permutation(np.arange(100).repeat(10))
    once = patient_bootstrap(np.mean, np.arange(100), values, seed=7)
    ten_times = patient_bootstrap(np.mean, patients, values[patients], seed=7)
    np.testing.assert_allclose(once, ten_times, atol=1e-12)


def test_it_covers():
    rng, covered = np.random.default_rng(7), 0
    for _ in range(200):
        effect = rng.normal(size=40)
        patients = np.arange(40).repeat(4)
        values = effect[patients] + 0.2 * rng.normal(size=160)
        low, high = patient_bootstrap(
            np.mean, patients, values, num_resamples=200, confidence=0.9, seed=rng
        )
        covered += low < 0 < high
    assert 0.8 < covered / 200 < 0.96


def test_what_is_not_defined_in_a_resample_is_left_out():
    found = patient_bootstrap(
        lambda y: np.nan if y.sum() == 0 else y.mean(), [1, 2, 3], [0.0, 0.0, 1.0]
    )
    assert np.isfinite(found).all()


@pytest.mark.parametrize(
    ("patients", "arrays", "keywords", "message"),
    [
        ([1, 2], [[1, 2, 3]], {}, r"length of patients, 2. Received: \[3\]"),
        ([1, 2], [], {}, r"Received: \[\]"),
        ([1, 1], [[1, 2]], {}, "at least two. Received: 1 of them"),
        ([1, 2], [[1, 2]], {"num_resamples": 0}, "num_resamples must be positive"),
        ([1, 2], [[1, 2]], {"confidence": 1}, "confidence between 0 and 1"),
    ],
)
def test_bad_arguments_are_refused(patients, arrays, keywords, message):
    with pytest.raises(ValueError, match=message):
        patient_bootstrap(np.mean, patients, *arrays, **keywords)
