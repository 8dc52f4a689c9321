import keras
import pytest

from whiteboard.cnn import run_graph


def names_visited(model):
    names = []

    def visit(layer, *args, **kwargs):
        names.append(layer.name)
        return sum(keras.tree.flatten((args, kwargs))) + 1

    return run_graph(model, [0] * len(model.inputs), visit), names


def test_a_chain_is_visited_in_order():
    layers = [keras.layers.Dense(2, name=name) for name in "abc"]
    model = keras.Sequential([keras.Input((3,)), *layers])
    assert names_visited(model) == (3, ["a", "b", "c"])


def test_branches_bring_their_values():
    inputs = keras.Input((3,))
    x = keras.layers.Dense(3, name="a")(inputs)
    model = keras.Model(inputs, keras.layers.Add(name="sum")([inputs, x]))
    assert names_visited(model) == (2, ["a", "sum"])


def test_shared_layers_and_nested_models_are_visited_per_call():
    dense = keras.layers.Dense(3, name="dense")
    nested = keras.Sequential([keras.Input((3,)), dense, keras.layers.ReLU(name="r")])
    inputs = keras.Input((3,))
    model = keras.Model(inputs, dense(nested(nested(inputs))))
    assert names_visited(model) == (5, ["dense", "r", "dense", "r", "dense"])


def test_several_inputs_and_outputs():
    a, b = keras.Input((3,)), keras.Input((3,))
    total = keras.layers.Add(name="sum")([a, b])
    model = keras.Model([a, b], {"sum": total, "first": a})
    outputs, _ = names_visited(model)
    assert outputs == {"sum": 1, "first": 0}


def test_a_subclassed_or_unbuilt_model_is_refused():
    class Subclassed(keras.Model):
        pass

    for model in (Subclassed(), keras.Sequential([keras.layers.Dense(2)])):
        with pytest.raises(ValueError, match="built Functional or Sequential"):
            run_graph(model, [0], lambda layer, x: x)
