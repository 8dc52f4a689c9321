import numpy as np
import pytest
from architecture_contract import (
    check_refuses_bad_arguments,
    check_saves_and_loads,
    check_trains_in_mixed_precision,
)

from whiteboard.cnn import LeNet5


def test_has_the_parameters_of_each_layer():
    model = LeNet5()
    counts = {layer.name: layer.count_params() for layer in model.layers}
    assert model.count_params() == 61_706
    assert {name: count for name, count in counts.items() if count} == {
        "c1": 6 * (5 * 5 * 1 + 1),
        "c3": 16 * (5 * 5 * 6 + 1),
        "c5": 120 * (5 * 5 * 16 + 1),
        "f6": 84 * (120 + 1),
        "predictions": 10 * (84 + 1),
    }


def test_has_the_maps_of_the_paper():
    model = LeNet5()
    shapes = {layer.name: layer.output.shape[1:] for layer in model.layers}
    assert shapes["c1"] == (28, 28, 6)
    assert shapes["s2"] == (14, 14, 6)
    assert shapes["c3"] == (10, 10, 16)
    assert shapes["s4"] == (5, 5, 16)
    assert shapes["c5"] == (1, 1, 120)


def test_takes_larger_images():
    assert LeNet5((40, 36, 3), classes=4)(np.zeros((2, 40, 36, 3))).shape == (2, 4)


@pytest.mark.parametrize("jit_compile", [False, True])
def test_trains_in_mixed_precision(jit_compile):
    check_trains_in_mixed_precision(LeNet5, (32, 32, 1), jit_compile)


def test_saves_and_loads(tmp_path):
    check_saves_and_loads(LeNet5, (32, 32, 1), tmp_path)


def test_bad_arguments_are_refused():
    check_refuses_bad_arguments(LeNet5, min_size=32, any_size=False)
