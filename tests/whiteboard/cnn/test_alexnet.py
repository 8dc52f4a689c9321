import functools

import numpy as np
import pytest
from architecture_contract import (
    check_refuses_bad_arguments,
    check_saves_and_loads,
    check_trains_in_mixed_precision,
    to_numpy,
)

from whiteboard.cnn import AlexNet, feature_maps


@pytest.fixture(scope="module")
def model():
    return AlexNet()


def test_has_the_parameters_of_the_paper(model):
    counts = {layer.name: layer.count_params() for layer in model.layers}
    assert model.count_params() == 60_965_224
    assert counts["conv1"] == 96 * (11 * 11 * 3 + 1)
    assert counts["conv2"] == 256 * (5 * 5 * 48 + 1)
    assert counts["conv3"] == 384 * (3 * 3 * 256 + 1)
    assert counts["conv4"] == 384 * (3 * 3 * 192 + 1)
    assert counts["conv5"] == 256 * (3 * 3 * 192 + 1)
    assert counts["fc6"] == 4096 * (6 * 6 * 256 + 1)


def test_has_the_maps_of_the_paper(model):
    shapes = {layer.name: layer.output.shape[1:] for layer in model.layers}
    assert shapes["conv1"] == (55, 55, 96)
    assert shapes["conv2"] == (27, 27, 256)
    assert shapes["conv5"] == (13, 13, 256)
    assert shapes["pool5"] == (6, 6, 256)


def test_without_groups_each_convolution_sees_all_maps():
    small = AlexNet((64, 64, 3), classes=1000, grouped=False)
    counts = {layer.name: layer.count_params() for layer in small.layers}
    assert counts["conv2"] == 256 * (5 * 5 * 96 + 1)
    dense = 4096 * (6 * 6 * 256 - 256)  # of fc6, at 224 x 224 over 64 x 64
    assert small.count_params() + dense == 62_378_344


def test_a_group_sees_only_its_own_half():
    model = AlexNet((64, 64, 3), classes=2)
    second = model.get_layer("conv2")
    maps = np.random.default_rng(0).normal(size=(1, 7, 7, 96)).astype("float32")
    changed = maps.copy()
    changed[..., 48:] += 1
    before, after = to_numpy(second(maps)), to_numpy(second(changed))
    np.testing.assert_array_equal(before[..., :128], after[..., :128])
    assert not np.allclose(before[..., 128:], after[..., 128:])


def test_responses_are_normalized_before_they_are_pooled():
    model = AlexNet((64, 64, 3), classes=2)
    image = 50 * np.random.default_rng(0).normal(size=(1, 64, 64, 3)).astype("float32")
    names = ["conv1", "norm1", "pool1"]
    maps = feature_maps(model, names)(image)
    convolved, normalized, pooled = (to_numpy(maps[name]) for name in names)
    assert not np.allclose(convolved / 2**0.75, normalized, rtol=0.1)
    window = normalized[0, :3, :3, 0]
    np.testing.assert_allclose(pooled[0, 0, 0, 0], window.max(), rtol=1e-5)


@pytest.mark.parametrize("grouped", [True, False])
def test_trains_in_mixed_precision(grouped):
    builder = functools.partial(AlexNet, grouped=grouped)
    check_trains_in_mixed_precision(builder, (64, 64, 3), jit_compile=grouped)


def test_saves_and_loads(tmp_path):
    check_saves_and_loads(AlexNet, (64, 64, 3), tmp_path)


def test_bad_arguments_are_refused():
    check_refuses_bad_arguments(AlexNet, min_size=64, any_size=False)
