import matplotlib
import matplotlib.pyplot as plt
import numpy as np
import pytest
from keras import ops

from whiteboard.transformer import plot_attention_weights

matplotlib.use("Agg")


@pytest.fixture(autouse=True)
def close_figures():
    yield
    plt.close("all")


def test_one_head():
    weights = [[0.9, 0.1, 0.0], [0.2, 0.3, 0.5]]
    figure = plot_attention_weights(weights, ["he", "ran"], ["il", "a", "couru"])
    axes = figure.axes[0]
    np.testing.assert_allclose(axes.images[0].get_array(), weights)
    assert [label.get_text() for label in axes.get_yticklabels()] == ["he", "ran"]
    assert [label.get_text() for label in axes.get_xticklabels()] == [
        "il",
        "a",
        "couru",
    ]
    assert figure.get_label() == (
        "Attention weights. Looks most: he at il (0.90), ran at couru (0.50)."
    )


def test_a_heat_map_per_head_on_one_scale():
    heads = ops.convert_to_tensor([[[0.9, 0.1], [0.4, 0.6]], [[0.5, 0.5], [0.0, 1.0]]])
    figure = plot_attention_weights(heads, ["a", "b"], title="Two heads")
    maps = [axes for axes in figure.axes if axes.images]
    assert [axes.get_title() for axes in maps] == ["head 1", "head 2"]
    assert {axes.images[0].get_clim() for axes in maps} == {(0.0, 1.0)}
    assert figure.get_suptitle() == "Two heads"
    assert figure.get_label() == (
        "Two heads. Head 1 looks most: a at a (0.90), b at b (0.60). "
        "Head 2 looks most: a at all keys alike (0.50), b at b (1.00)."
    )


def test_label_of_many_tokens_names_the_strongest_link():
    weights = np.full((12, 12), 0.05)
    weights[3, 7] = 0.8
    tokens = [f"t{i}" for i in range(12)]
    label = plot_attention_weights(weights, tokens).get_label()
    assert label == "Attention weights. Looks most: t3 at t7 (0.80)."


def test_figure_stays_open_and_fits_the_page():
    figure = plot_attention_weights(np.full((8, 4, 4), 0.25), list("abcd"))
    assert figure.number in plt.get_fignums()
    width, height = figure.get_size_inches()
    assert width <= 7 and height <= 3.2


@pytest.mark.parametrize("shape", [(3,), (1, 2, 3, 3)])
def test_refuses_other_ranks(shape):
    with pytest.raises(ValueError, match=r"\(T, S\) or \(H, T, S\)"):
        plot_attention_weights(np.ones(shape), ["a"] * 3)


@pytest.mark.parametrize(("queries", "keys"), [(2, 3), (3, 2)])
def test_refuses_tokens_that_do_not_match(queries, keys):
    with pytest.raises(ValueError, match=f"{queries} query tokens, {keys} key tokens"):
        plot_attention_weights(np.ones((3, 3)), ["a"] * queries, ["b"] * keys)
