import sys

import numpy as np
import pytest

from whiteboard.datasets import demand_series, load_time_series, random_walk


class TestDemandSeries:
    def test_is_the_formula(self):
        series = demand_series(700, noise=0, seed=0)
        shape = np.array([-0.6, -0.5, -0.3, 0, 0.4, 1, 0])
        expected = 50 + 0.02 * series.day + 8 * shape[series.day % 7]
        expected = expected + 6 * series.promotion + 2 * series.weather
        np.testing.assert_allclose(series.demand, expected)
        assert all(x.shape == (700,) for x in series)

    def test_drivers_are_what_they_say(self):
        series = demand_series(200_000, seed=1)
        w = series.weather
        assert set(series.promotion) == {0, 1}
        assert abs(series.promotion.mean() - 0.1) < 0.01
        assert abs(w.var() - 1) < 0.05
        for h in (1, 3):
            unknown = (w[h:] - 0.8**h * w[:-h]).var()
            assert abs(unknown - (1 - 0.8 ** (2 * h))) < 0.05

    def test_noise_is_what_nothing_explains(self):
        noisy, clean = (demand_series(50_000, noise=n, seed=2) for n in (3, 0))
        assert abs((noisy.demand - clean.demand).std() - 3) < 0.05

    def test_parts_can_be_switched_off(self):
        flat = demand_series(30, 0, weekday=0, promotion=0, weather=0, noise=0, seed=3)
        np.testing.assert_array_equal(flat.demand, 50)

    def test_a_seed_gives_the_same_series(self):
        first, second, other = (demand_series(10, seed=s).demand for s in (3, 3, 4))
        np.testing.assert_array_equal(first, second)
        assert not np.array_equal(first, other)

    @pytest.mark.parametrize(
        "bad", [{"num_days": 0}, {"noise": -1}, {"noise": float("nan")}]
    )
    def test_bad_numbers_are_refused(self, bad):
        (name,) = bad
        with pytest.raises(ValueError, match=f"{name} must be at least"):
            demand_series(**{"num_days": 10, **bad})


class TestRandomWalk:
    def test_changes_are_independent_noise(self):
        changes = np.diff(random_walk(100_000, drift=0.5, deviation=2, seed=0))
        assert abs(changes.mean() - 0.5) < 0.05 and abs(changes.std() - 2) < 0.05
        assert abs(np.corrcoef(changes[1:], changes[:-1])[0, 1]) < 0.02

    def test_without_noise_it_is_a_line_from_the_start(self):
        walk = random_walk(3, drift=2, deviation=0, start=1)
        np.testing.assert_array_equal(walk, [3, 5, 7])

    @pytest.mark.parametrize("bad", [{"length": 0}, {"deviation": -0.1}])
    def test_bad_numbers_are_refused(self, bad):
        (name,) = bad
        with pytest.raises(ValueError, match=f"{name} must be at least"):
            random_walk(**{"length": 10, **bad})


class TestLoadTimeSeries:
    @pytest.mark.parametrize(
        ("name", "length", "period", "first", "last"),
        [
            ("co2", 526, 12, 316.1, 371.02),
            ("elec_equip", 257, 12, 66.19, 97.86),
            ("elnino", 732, 12, 23.11, 22.07),
            ("nile", 100, 1, 1120, 740),
            ("sunspots", 309, 1, 5, 2.9),
        ],
    )
    def test_series(self, name, length, period, first, last):
        pytest.importorskip("statsmodels")
        series, m = load_time_series(name)
        assert series.shape == (length,) and m == period and series.dtype == float
        np.testing.assert_allclose(series[[0, -1]], [first, last], atol=0.05)
        assert np.isfinite(series).all()

    def test_unknown_name_is_refused(self):
        with pytest.raises(ValueError, match="name must be one of.*Received: name=oil"):
            load_time_series("oil")

    def test_says_what_to_install(self, monkeypatch):
        monkeypatch.setitem(sys.modules, "statsmodels.datasets.nile.data", None)
        with pytest.raises(ImportError, match="pip install statsmodels"):
            load_time_series("nile")
