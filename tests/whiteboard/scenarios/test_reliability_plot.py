import matplotlib.pyplot as plt
import numpy as np
import pytest

from whiteboard.scenarios import plot_reliability, reliability_curve


@pytest.fixture(autouse=True)
def close_figures():
    yield
    plt.close("all")


def test_draws_the_curve_of_each_model():
    rng = np.random.default_rng(0)
    p = {"first": rng.random(500), "second": rng.random(500) / 2}
    y = (rng.random(500) < p["first"]).astype(int)
    figure = plot_reliability(p, y, num_bins=5)
    diagonal, *lines = figure.axes[0].lines
    assert np.array_equal(diagonal.get_xdata(), diagonal.get_ydata())
    for line, (name, values) in zip(lines, p.items(), strict=True):
        assert line.get_label() == name
        drawn = np.array(line.get_data())
        np.testing.assert_array_equal(drawn, reliability_curve(values, y, 5))
    assert "first 0." in figure.get_label() and f"{y.mean():.2f}" in figure.get_label()


@pytest.mark.parametrize(
    ("p", "message"), [({}, "must hold a model"), ({"m": [2.0]}, "in \\[0, 1\\]")]
)
def test_bad_input_leaves_no_figure(p, message):
    before = plt.get_fignums()
    with pytest.raises(ValueError, match=message):
        plot_reliability(p, [1], 1)
    assert plt.get_fignums() == before
