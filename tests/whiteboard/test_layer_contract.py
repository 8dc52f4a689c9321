"""Every layer keeps the contract, and the contract catches layers that do not."""

import keras
import pytest
from layer_contract import (
    CASES,
    CHECKS,
    LayerCase,
    check_build_makes_all_weights,
    check_config_round_trip,
    check_gradients_reach_all_weights,
    check_is_registered,
    check_mask_passes_on,
    check_mixed_precision,
    check_output_shape,
    check_save_and_load,
    check_training_flag,
    exported_layers,
)


def test_every_exported_layer_has_a_case():
    missing = exported_layers() - {case.layer for case in CASES}
    assert not missing, f"no LayerCase for {sorted(map(str, missing))}"


def test_exported_layers_are_found():
    assert {case.layer for case in CASES} <= exported_layers()


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_layer_keeps_the_contract(case, check):
    check(case)


class Scale(keras.layers.Layer):
    """A sound layer but for what a subclass breaks."""

    def build(self, inputs_shape):
        self.scale = self.add_weight((inputs_shape[-1],), "ones", name="scale")

    def call(self, inputs):
        return inputs * self.scale

    def compute_output_shape(self, inputs_shape):
        return inputs_shape


class WithoutKwargs(Scale):
    def __init__(self):
        super().__init__()


class ForgetsArgument(Scale):
    def __init__(self, rate=1.0, **kwargs):
        super().__init__(**kwargs)


class WrongShape(Scale):
    def compute_output_shape(self, inputs_shape):
        return (*inputs_shape[:-1], 1)


@keras.saving.register_keras_serializable(package="whiteboard_tests")
class SkipsItsChild(Scale):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.child = keras.layers.Dense(8)

    def build(self, inputs_shape):
        pass

    def call(self, inputs):
        return self.child(inputs)


class ForgetsDtype(SkipsItsChild):
    def build(self, inputs_shape):
        self.child.dtype_policy = "float32"
        self.child.build(inputs_shape)


class StopsGradient(Scale):
    def call(self, inputs):
        return keras.ops.stop_gradient(inputs) * self.scale


class UnusedWeight(Scale):
    def call(self, inputs):
        return inputs


class LosesMask(Scale):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.supports_masking = True

    def compute_mask(self, inputs, previous_mask):
        return None


class RandomAtInference(Scale):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.seed = keras.random.SeedGenerator(1)

    def call(self, inputs):
        return inputs + keras.random.normal(inputs.shape, seed=self.seed)


@pytest.mark.parametrize(
    ("layer", "check"),
    [
        (Scale, check_is_registered),
        (WithoutKwargs, check_config_round_trip),
        (ForgetsArgument, check_config_round_trip),
        (WrongShape, check_output_shape),
        (SkipsItsChild, check_build_makes_all_weights),
        (SkipsItsChild, check_save_and_load),
        (ForgetsDtype, check_mixed_precision),
        (StopsGradient, check_gradients_reach_all_weights),
        (UnusedWeight, check_gradients_reach_all_weights),
        (LosesMask, check_mask_passes_on),
        (RandomAtInference, check_training_flag),
    ],
)
def test_contract_catches_a_broken_layer(layer, check):
    case = LayerCase(layer.__name__, layer, {}, inputs={"inputs": (2, 5, 8)})
    with pytest.raises((AssertionError, TypeError, ValueError)):
        check(case)
