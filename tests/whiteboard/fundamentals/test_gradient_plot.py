import matplotlib
import matplotlib.pyplot as plt
import numpy as np
import pytest

from whiteboard.fundamentals import LayerDiagnostics, plot_gradient_norms

matplotlib.use("Agg")


@pytest.fixture(autouse=True)
def close_figures():
    yield
    plt.close("all")


def test_one_line_per_network_on_a_log_scale():
    figure = plot_gradient_norms({"a": [0.01, 0.1, 1], "b": [5, 4]}, title="Depth")
    (axes,) = figure.axes
    assert axes.get_yscale() == "log" and axes.get_title() == "Depth"
    first, second = axes.lines
    np.testing.assert_array_equal(first.get_xydata(), [[1, 0.01], [2, 0.1], [3, 1]])
    np.testing.assert_array_equal(second.get_ydata(), [5, 4])
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["a", "b"]
    assert figure.get_label() == (
        "Gradient norm against layer, log scale. "
        "a: from 1.0e+00 at layer 3 to 1.0e-02 at layer 1. "
        "b: from 4.0e+00 at layer 2 to 5.0e+00 at layer 1."
    )


def test_rows_of_gradient_diagnostics_are_drawn_by_their_output_gradient():
    rows = [LayerDiagnostics("dense", 0, 1, 0, norm, 9, 9) for norm in (2.0, 3.0)]
    (line,) = plot_gradient_norms({"a": rows}).axes[0].lines
    np.testing.assert_array_equal(line.get_ydata(), [2, 3])


def test_zero_nan_and_infinity_leave_a_gap():
    figure = plot_gradient_norms({"a": [0, 1e-300, np.nan, 2, np.inf]})
    (line,) = figure.axes[0].lines
    np.testing.assert_array_equal(
        np.isnan(line.get_ydata()), [True, False, True, False, True]
    )
    assert "from 2.0e+00 at layer 4 to 1.0e-300 at layer 2" in figure.get_label()


def test_figure_stays_open_and_fits_the_page():
    figure = plot_gradient_norms({"a": np.ones(50)})
    assert figure.number in plt.get_fignums()
    width, height = figure.get_size_inches()
    assert width <= 7 and height <= 3.2


@pytest.mark.parametrize("norms", [{}, {"a": []}, {"a": [0, 0]}, {"a": [np.nan]}])
def test_nothing_to_draw_is_refused(norms):
    with pytest.raises(ValueError, match="at least one is positive and finite"):
        plot_gradient_norms(norms)
