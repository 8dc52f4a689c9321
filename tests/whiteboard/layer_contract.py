"""What every layer of the library keeps, written once.

Register a layer by adding a `LayerCase` to `CASES`. `test_layer_contract.py` runs
every check of `CHECKS` on every case, and fails for an exported layer without one.
"""

import dataclasses
import importlib
import inspect
import json
import math
import pkgutil
import tempfile
from collections.abc import Callable
from pathlib import Path

import keras
import numpy as np
import pytest

import whiteboard
from whiteboard import cnn, fundamentals, generative, rnn, transformer


@dataclasses.dataclass(frozen=True)
class LayerCase:
    """One layer in one setting.

    `inputs` maps each tensor argument of `call`, first one first, to its shape
    (batch included); an integer dtype draws tokens below `vocabulary`. `unreached`
    names weights whose gradient is zero by mathematics.
    """

    id: str
    layer: type
    arguments: dict
    inputs: dict
    call_arguments: dict = dataclasses.field(default_factory=dict)
    dtype: str = "float32"
    vocabulary: int = 7
    builtin: Callable | None = None
    is_random: bool = False
    unreached: tuple = ()

    def make(self, **kwargs):
        return self.layer(**{**self.arguments, **kwargs})

    def data(self, batch_size=2):
        rng = np.random.default_rng(0)
        shapes = {name: (batch_size, *s[1:]) for name, s in self.inputs.items()}
        if self.dtype.startswith("int"):
            draw = {n: rng.integers(0, self.vocabulary, s) for n, s in shapes.items()}
        else:
            draw = {name: rng.normal(size=shape) for name, shape in shapes.items()}
        return {name: array.astype(self.dtype) for name, array in draw.items()}

    def build(self, layer):
        call_with_shapes(layer.build, self.inputs)

    def output_shape(self, layer):
        return call_with_shapes(layer.compute_output_shape, self.inputs)

    def output(self, layer, data=None, **kwargs):
        data = self.data() if data is None else data
        return to_numpy(layer(**data, **self.call_arguments, **kwargs))

    def functional(self, layer):
        shapes = {name: shape[1:] for name, shape in self.inputs.items()}
        inputs = {
            n: keras.Input(s, dtype=self.dtype, name=n) for n, s in shapes.items()
        }
        return keras.Model(inputs, layer(**inputs, **self.call_arguments))


ATTENTION = {"num_heads": 2, "key_dim": 3}
CASES = [
    LayerCase(
        id="MultiHeadAttention-self",
        layer=transformer.MultiHeadAttention,
        arguments=ATTENTION,
        inputs={"query": (2, 5, 8), "value": (2, 5, 8)},
        builtin=lambda: keras.layers.MultiHeadAttention(**ATTENTION),
        unreached=("key_bias",),  # q . b is the same for every key: softmax drops it
    ),
    LayerCase(
        id="MultiHeadAttention-cross-causal",
        layer=transformer.MultiHeadAttention,
        arguments={**ATTENTION, "use_bias": False},
        inputs={"query": (2, 5, 8), "value": (2, 6, 7), "key": (2, 6, 9)},
        call_arguments={"use_causal_mask": True},
        builtin=lambda: keras.layers.MultiHeadAttention(**ATTENTION, use_bias=False),
    ),
    LayerCase(
        id="MultiHeadAttention-dropout",
        layer=transformer.MultiHeadAttention,
        arguments={**ATTENTION, "dropout": 0.5},
        inputs={"query": (2, 5, 8), "value": (2, 5, 8)},
        builtin=lambda: keras.layers.MultiHeadAttention(**ATTENTION, dropout=0.5),
        is_random=True,
        unreached=("key_bias",),
    ),
    LayerCase(
        id="SinusoidalPositionalEncoding",
        layer=transformer.SinusoidalPositionalEncoding,
        arguments={"max_wavelength": 100.0},
        inputs={"inputs": (2, 5, 8)},
    ),
    LayerCase(
        id="LearnedPositionalEncoding",
        layer=transformer.LearnedPositionalEncoding,
        arguments={"max_length": 6},
        inputs={"inputs": (2, 5, 8)},
    ),
    LayerCase(
        id="RotaryEmbedding",
        layer=transformer.RotaryEmbedding,
        arguments={"max_wavelength": 100.0, "scaling_factor": 2.0},
        inputs={"inputs": (2, 3, 5, 8)},
    ),
    LayerCase(
        id="ALiBi",
        layer=transformer.ALiBi,
        arguments={},
        inputs={"scores": (2, 3, 5, 5)},
    ),
    LayerCase(
        id="RelativePositionBias",
        layer=transformer.RelativePositionBias,
        arguments={"num_buckets": 4, "max_distance": 6, "initializer": "ones"},
        inputs={"scores": (2, 3, 5, 5)},
    ),
    LayerCase(
        id="RelativePositionBias-causal",
        layer=transformer.RelativePositionBias,
        arguments={"num_buckets": 4, "max_distance": 6, "bidirectional": False},
        inputs={"scores": (2, 3, 5, 5)},
    ),
    LayerCase(
        id="EncoderBlock",
        layer=transformer.EncoderBlock,
        arguments={"num_heads": 2, "mlp_dim": 6},
        inputs={"inputs": (2, 5, 8)},
        unreached=("key_bias",),
    ),
    LayerCase(
        id="EncoderBlock-dropout",
        layer=transformer.EncoderBlock,
        arguments={"num_heads": 2, "mlp_dim": 6, "dropout": 0.4},
        inputs={"inputs": (2, 5, 8)},
        is_random=True,
        unreached=("key_bias",),
    ),
    LayerCase(
        id="LoRADense",
        layer=transformer.LoRADense,
        arguments={"units": 4, "rank": 2, "alpha": 3.0, "activation": "tanh"},
        inputs={"inputs": (2, 5, 8)},
    ),
    LayerCase(
        id="EncoderBlock-post-norm",
        layer=transformer.EncoderBlock,
        arguments={
            "num_heads": 4,
            "mlp_dim": 6,
            "activation": "relu",
            "norm_first": False,
            "num_key_value_heads": 2,
        },
        inputs={"inputs": (2, 5, 8)},
        unreached=("key_bias",),
    ),
    LayerCase(
        id="DecoderBlock",
        layer=transformer.DecoderBlock,
        arguments={"num_heads": 2, "mlp_dim": 6, "num_key_value_heads": 1},
        inputs={"inputs": (2, 5, 8)},
        unreached=("key_bias",),
    ),
    LayerCase(
        id="DecoderBlock-cross-attention",
        layer=transformer.DecoderBlock,
        arguments={"num_heads": 2, "mlp_dim": 6, "norm_first": False},
        inputs={"inputs": (2, 5, 8), "memory": (2, 6, 7)},
        unreached=("key_bias",),
    ),
    LayerCase(
        id="TokenAndPositionEmbedding",
        layer=transformer.TokenAndPositionEmbedding,
        arguments={"vocabulary_size": 7, "width": 8, "max_length": 6},
        inputs={"ids": (2, 5)},
        dtype="int32",
    ),
    LayerCase(
        id="TokenAndPositionEmbedding-sinusoidal",
        layer=transformer.TokenAndPositionEmbedding,
        arguments={
            "vocabulary_size": 7,
            "width": 8,
            "max_length": 6,
            "position": "sinusoidal",
        },
        inputs={"ids": (2, 5)},
        dtype="int32",
    ),
    LayerCase(
        id="ClassToken",
        layer=transformer.ClassToken,
        arguments={"initializer": "ones"},
        inputs={"inputs": (2, 5, 8)},
    ),
    LayerCase(
        id="PatchEmbedding",
        layer=transformer.PatchEmbedding,
        arguments={"patch_size": 2, "width": 6},
        inputs={"inputs": (2, 4, 6, 3)},
    ),
    LayerCase(
        id="ConvolutionalStem",
        layer=transformer.ConvolutionalStem,
        arguments={"patch_size": 2, "width": 6},
        inputs={"inputs": (2, 4, 6, 3)},
    ),
    LayerCase(
        id="Dropout",
        layer=fundamentals.Dropout,
        arguments={"rate": 0.4},
        inputs={"inputs": (2, 5, 8)},
        builtin=lambda: keras.layers.Dropout(0.4),
        is_random=True,
    ),
    LayerCase(
        id="BatchNormalization",
        layer=fundamentals.BatchNormalization,
        arguments={"momentum": 0.9, "epsilon": 1e-5},
        inputs={"inputs": (2, 5, 8)},
        builtin=lambda: keras.layers.BatchNormalization(momentum=0.9, epsilon=1e-5),
    ),
    LayerCase(
        id="LayerNormalization",
        layer=fundamentals.LayerNormalization,
        arguments={"epsilon": 1e-5},
        inputs={"inputs": (2, 5, 8)},
        builtin=lambda: keras.layers.LayerNormalization(epsilon=1e-5),
    ),
    LayerCase(
        id="LayerNormalization-two-axes",
        layer=fundamentals.LayerNormalization,
        arguments={"axis": [1, 3]},
        inputs={"inputs": (2, 5, 4, 8)},
        builtin=lambda: keras.layers.LayerNormalization(axis=[1, 3]),
    ),
    LayerCase(
        id="GroupNormalization",
        layer=fundamentals.GroupNormalization,
        arguments={"groups": 4},
        inputs={"inputs": (2, 5, 8)},
        builtin=lambda: keras.layers.GroupNormalization(groups=4),
    ),
    LayerCase(
        id="GroupNormalization-instance",
        layer=fundamentals.GroupNormalization,
        arguments={"groups": -1},
        inputs={"inputs": (2, 4, 5, 8)},
        builtin=lambda: keras.layers.GroupNormalization(groups=-1),
    ),
    LayerCase(
        id="RMSNormalization",
        layer=fundamentals.RMSNormalization,
        arguments={"epsilon": 1e-5},
        inputs={"inputs": (2, 5, 8)},  # the built-in calls it x: test_rms_normalization
    ),
    LayerCase(
        id="MLP",
        layer=fundamentals.MLP,
        arguments={"units": [6, 5, 3], "activation": "tanh"},
        inputs={"inputs": (2, 4, 7)},
        builtin=lambda: keras.Sequential(
            [
                keras.layers.Dense(6, "tanh"),
                keras.layers.Dense(5, "tanh"),
                keras.layers.Dense(3),
            ]
        ),
    ),
    LayerCase(
        id="ResidualBlock-projection",
        layer=cnn.ResidualBlock,
        arguments={"filters": 5, "strides": 2},
        inputs={"inputs": (2, 5, 6, 3)},
    ),
    LayerCase(
        id="ResidualBlock-bottleneck-zero-padding",
        layer=cnn.ResidualBlock,
        arguments={"filters": 2, "bottleneck": True, "shortcut": "zero_padding"},
        inputs={"inputs": (2, 4, 4, 3)},
    ),
    LayerCase(
        id="PreActivationBlock",
        layer=cnn.PreActivationBlock,
        arguments={"filters": 3},
        inputs={"inputs": (2, 5, 4, 3)},
    ),
    LayerCase(
        id="PreActivationBlock-bottleneck-projection",
        layer=cnn.PreActivationBlock,
        arguments={"filters": 2, "strides": 2, "bottleneck": True},
        inputs={"inputs": (2, 6, 5, 3)},
    ),
    LayerCase(
        id="Bidirectional",
        layer=rnn.Bidirectional,
        arguments={"layer": keras.layers.LSTM(3, return_sequences=True)},
        inputs={"sequences": (2, 5, 8)},
        builtin=lambda: keras.layers.Bidirectional(
            keras.layers.LSTM(3, return_sequences=True)
        ),
    ),
    LayerCase(
        id="Bidirectional-sum",
        layer=rnn.Bidirectional,
        arguments={
            "layer": keras.layers.GRU(3, return_sequences=True),
            "merge_mode": "sum",
        },
        inputs={"sequences": (2, 5, 8)},
        builtin=lambda: keras.layers.Bidirectional(
            keras.layers.GRU(3, return_sequences=True), merge_mode="sum"
        ),
    ),
    LayerCase(
        id="SimpleRNN",
        layer=rnn.SimpleRNN,
        arguments={"units": 3, "return_sequences": True},
        inputs={"sequences": (2, 5, 8)},
        builtin=lambda: keras.layers.SimpleRNN(3, return_sequences=True),
    ),
    LayerCase(
        id="LSTM",
        layer=rnn.LSTM,
        arguments={"units": 3, "return_sequences": True},
        inputs={"sequences": (2, 5, 8)},
        builtin=lambda: keras.layers.LSTM(3, return_sequences=True),
    ),
    LayerCase(
        id="LSTM-backwards",
        layer=rnn.LSTM,
        arguments={
            "units": 3,
            "unit_forget_bias": False,
            "return_sequences": True,
            "go_backwards": True,
        },
        inputs={"sequences": (2, 5, 8)},
        builtin=lambda: keras.layers.LSTM(
            3, unit_forget_bias=False, return_sequences=True, go_backwards=True
        ),
    ),
    LayerCase(
        id="GRU",
        layer=rnn.GRU,
        arguments={"units": 3, "return_sequences": True},
        inputs={"sequences": (2, 5, 8)},
        builtin=lambda: keras.layers.GRU(3, return_sequences=True),
    ),
    LayerCase(
        id="GRU-reset-before",
        layer=rnn.GRU,
        arguments={"units": 3, "reset_after": False, "return_sequences": True},
        inputs={"sequences": (2, 5, 8)},
        builtin=lambda: keras.layers.GRU(3, reset_after=False, return_sequences=True),
    ),
    LayerCase(
        id="AdditiveAttention",
        layer=rnn.AdditiveAttention,
        arguments={"units": 6},
        inputs={"query": (2, 5, 8), "value": (2, 4, 7)},
    ),
    LayerCase(
        id="StateSpace-convolution",
        layer=rnn.StateSpace,
        arguments={"state_dim": 4, "min_step": 0.01},
        inputs={"inputs": (2, 5, 8)},
    ),
    LayerCase(
        id="StateSpace-scan",
        layer=rnn.StateSpace,
        arguments={"state_dim": 4, "mode": "scan"},
        inputs={"inputs": (2, 5, 8)},
    ),
    LayerCase(
        id="StateSpace-parallel-scan",
        layer=rnn.StateSpace,
        arguments={"state_dim": 4, "mode": "parallel_scan", "max_step": 0.2},
        inputs={"inputs": (2, 5, 8)},
    ),
    LayerCase(
        id="SelectiveStateSpace",
        layer=rnn.SelectiveStateSpace,
        arguments={"state_dim": 4, "min_step": 0.01, "max_step": 0.2},
        inputs={"inputs": (2, 5, 8)},
    ),
    LayerCase(
        id="LayerScale",
        layer=cnn.LayerScale,
        arguments={"initial_value": 0.5},
        inputs={"inputs": (2, 4, 5, 3)},
    ),
    LayerCase(
        id="LocalResponseNormalization",
        layer=cnn.LocalResponseNormalization,
        arguments={"size": 3, "alpha": 0.5, "beta": 0.6, "bias": 1.5},
        inputs={"inputs": (2, 4, 5, 6)},
    ),
    LayerCase(
        id="Conv2D",
        layer=cnn.Conv2D,
        arguments={"filters": 6, "kernel_size": 3, "strides": 2, "padding": "same"},
        inputs={"inputs": (2, 6, 7, 4)},
        builtin=lambda: keras.layers.Conv2D(6, 3, strides=2, padding="same"),
    ),
    LayerCase(
        id="Conv2D-groups-dilation",
        layer=cnn.Conv2D,
        arguments={
            "filters": 6,
            "kernel_size": (3, 2),
            "dilation_rate": 2,
            "groups": 2,
            "use_bias": False,
        },
        inputs={"inputs": (2, 6, 7, 4)},
        builtin=lambda: keras.layers.Conv2D(
            6, (3, 2), dilation_rate=2, groups=2, use_bias=False
        ),
    ),
    LayerCase(
        id="DepthwiseConv2D",
        layer=cnn.DepthwiseConv2D,
        arguments={"kernel_size": 3, "depth_multiplier": 2},
        inputs={"inputs": (2, 6, 7, 4)},
        builtin=lambda: keras.layers.DepthwiseConv2D(3, depth_multiplier=2),
    ),
    LayerCase(
        id="SeparableConv2D",
        layer=cnn.SeparableConv2D,
        arguments={"filters": 5, "kernel_size": 3, "padding": "same"},
        inputs={"inputs": (2, 6, 7, 4)},
        builtin=lambda: keras.layers.SeparableConv2D(5, 3, padding="same"),
    ),
    LayerCase(
        id="MaxPooling2D",
        layer=cnn.MaxPooling2D,
        arguments={"pool_size": 3, "strides": 2, "padding": "same"},
        inputs={"inputs": (2, 6, 7, 4)},
        builtin=lambda: keras.layers.MaxPooling2D(3, strides=2, padding="same"),
    ),
    LayerCase(
        id="AveragePooling2D",
        layer=cnn.AveragePooling2D,
        arguments={"pool_size": 3, "strides": 1, "padding": "same"},
        inputs={"inputs": (2, 6, 7, 4)},
        builtin=lambda: keras.layers.AveragePooling2D(3, strides=1, padding="same"),
    ),
    LayerCase(
        id="BlurPooling2D",
        layer=cnn.BlurPooling2D,
        arguments={"kernel_size": 3},
        inputs={"inputs": (2, 6, 7, 4)},
    ),
    LayerCase(
        id="SpectralNormalization-dense",
        layer=generative.SpectralNormalization,
        arguments={"layer": keras.layers.Dense(4, "tanh"), "power_iterations": 2},
        inputs={"inputs": (2, 5, 8)},
    ),
    LayerCase(
        id="SpectralNormalization-convolution",
        layer=generative.SpectralNormalization,
        arguments={"layer": keras.layers.Conv2D(4, 3, strides=2, padding="same")},
        inputs={"inputs": (2, 6, 7, 3)},
    ),
    LayerCase(
        id="SpectralNormalization-embedding",
        layer=generative.SpectralNormalization,
        arguments={"layer": keras.layers.Embedding(7, 4)},
        inputs={"inputs": (2, 5)},
        dtype="int32",
    ),
    LayerCase(
        id="ConcatenateCondition",
        layer=generative.ConcatenateCondition,
        arguments={},
        inputs={"inputs": (2, 4, 5, 3), "condition": (2, 6)},
    ),
    LayerCase(
        id="ProjectionLogits",
        layer=generative.ProjectionLogits,
        arguments={},
        inputs={"features": (2, 8), "condition": (2, 6)},
    ),
    LayerCase(
        id="AdaptiveInstanceNormalization",
        layer=generative.AdaptiveInstanceNormalization,
        arguments={"epsilon": 1e-4},
        inputs={"inputs": (2, 4, 5, 3), "style": (2, 6)},
    ),
    LayerCase(
        id="ModulatedConv2D",
        layer=generative.ModulatedConv2D,
        arguments={"filters": 4, "kernel_size": 3},
        inputs={"inputs": (2, 4, 5, 3), "style": (2, 6)},
    ),
    LayerCase(
        id="NoiseInjection",
        layer=generative.NoiseInjection,
        arguments={},
        inputs={"inputs": (2, 4, 5, 3), "noise": (2, 4, 5, 1)},
    ),
    LayerCase(
        id="TimeEmbedding",
        layer=generative.TimeEmbedding,
        arguments={"steps": 8, "width": 6},
        inputs={"times": (2,)},
        dtype="int32",
    ),
    LayerCase(
        id="MinibatchDiscrimination",
        layer=generative.MinibatchDiscrimination,
        arguments={"num_kernels": 3, "kernel_dim": 2},
        inputs={"inputs": (2, 5)},
    ),
]


@keras.saving.register_keras_serializable(package="whiteboard_tests")
class Parent(keras.Model):
    """A subclassed model around one layer, with trainable maps before it."""

    def __init__(self, layer, call_arguments, features, **kwargs):
        super().__init__(**kwargs)
        self.layer = layer
        self.call_arguments = call_arguments
        self.features = features
        self.maps = {
            name: keras.layers.Dense(n, use_bias=False) for name, n in features.items()
        }

    @classmethod
    def of(cls, case, **kwargs):
        features = {name: shape[-1] for name, shape in case.inputs.items()}
        is_float = case.dtype.startswith("float")
        return cls(
            case.make(**kwargs), case.call_arguments, features if is_float else {}
        )

    def build(self, shapes):
        for name, layer in self.maps.items():
            layer.build(shapes[name])
        call_with_shapes(self.layer.build, shapes)

    def call(self, inputs):
        inputs = {n: self.maps[n](x) if self.maps else x for n, x in inputs.items()}
        return self.layer(**inputs, **self.call_arguments)

    def get_config(self):
        layer = keras.saving.serialize_keras_object(self.layer)
        own = {"call_arguments": self.call_arguments, "features": self.features}
        return {**super().get_config(), "layer": layer, **own}

    @classmethod
    def from_config(cls, config):
        layer = keras.saving.deserialize_keras_object(config.pop("layer"))
        return cls(layer, **config)


def call_with_shapes(method, shapes):
    if len(shapes) == 1:
        return method(*shapes.values())
    return method(**{f"{name}_shape": shape for name, shape in shapes.items()})


def random_weights(layer, rng, scale=1.0):
    drawn = [scale * rng.normal(size=weight.shape) for weight in layer.weights]
    names = [weight.name for weight in layer.weights]
    return [abs(w) if "variance" in n else w for n, w in zip(names, drawn, strict=True)]


def to_numpy(tensor):
    return keras.ops.convert_to_numpy(tensor)


def dtype_of(tensor):
    return keras.backend.standardize_dtype(tensor.dtype)


def exported_layers():
    """Every layer class that a package of whiteboard exports.

    Models are exempt, and so are base classes, which have no `call`.
    """
    packages = [whiteboard.__name__]
    packages += [
        module.name
        for module in pkgutil.walk_packages(whiteboard.__path__, "whiteboard.")
        if module.ispkg
    ]
    modules = [importlib.import_module(name) for name in packages]
    members = (getattr(module, name) for module in modules for name in dir(module))
    return {
        member
        for member in members
        if inspect.isclass(member)
        and issubclass(member, keras.layers.Layer)
        and not issubclass(member, keras.Model)
        and member.call is not keras.layers.Layer.call
        and member.__module__.startswith("whiteboard")
    }


def check_is_registered(case):
    name = keras.saving.get_registered_name(case.layer)
    assert name == f"whiteboard>{case.layer.__name__}"


def check_config_round_trip(case):
    layer = case.make(name="renamed", dtype="mixed_bfloat16", trainable=False)
    revived = case.layer.from_config(layer.get_config())
    assert (revived.name, revived.trainable) == ("renamed", False)
    assert revived.dtype_policy.name == "mixed_bfloat16"
    serialized = keras.saving.serialize_keras_object(layer)
    assert keras.saving.serialize_keras_object(revived) == serialized
    from_json = keras.saving.deserialize_keras_object(
        json.loads(json.dumps(serialized))
    )
    assert from_json.get_config() == layer.get_config()
    parameters = set(inspect.signature(case.layer.__init__).parameters)
    missing = parameters - {"self", "args", "kwargs"} - set(layer.get_config())
    assert not missing, f"get_config lacks {sorted(missing)}"


def check_output_shape(case):
    layer = case.make()
    predicted = tuple(case.output_shape(layer))
    assert predicted == case.output(layer).shape
    symbolic = {
        name: keras.KerasTensor(shape, dtype=case.dtype)
        for name, shape in case.inputs.items()
    }
    output = case.make()(**symbolic, **case.call_arguments)
    assert tuple(output.shape) == predicted
    assert output.dtype == dtype_of(layer(**case.data(), **case.call_arguments))


def check_unknown_batch_size(case):
    layer = case.make()
    model = case.functional(layer)
    assert model.output.shape[0] is None
    for batch_size in (1, 3):
        data = case.data(batch_size)
        predicted = model.predict(data, verbose=0)
        np.testing.assert_allclose(predicted, case.output(layer, data), atol=1e-5)


def check_build_makes_all_weights(case):
    layer = case.make()
    case.build(layer)
    built = [(weight.path, weight.shape) for weight in layer.weights]
    case.output(layer)
    assert [(weight.path, weight.shape) for weight in layer.weights] == built


def check_save_and_load(case):
    """Through a subclassed parent: a Functional one hides a build without children."""
    model = Parent.of(case)
    expected = to_numpy(model(case.data()))
    rng = np.random.default_rng(1)
    model.set_weights(random_weights(model, rng))
    assert not model.weights or not np.allclose(to_numpy(model(case.data())), expected)
    expected = to_numpy(model(case.data()))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.keras"
        model.save(path)
        loaded = keras.models.load_model(path)
    np.testing.assert_allclose(to_numpy(loaded(case.data())), expected, atol=1e-6)


def check_mixed_precision(case):
    reference = case.make()
    expected = case.output(reference)
    for policy, tolerance in {"mixed_float16": 1e-2, "mixed_bfloat16": 5e-2}.items():
        layer = case.make(dtype=policy)
        case.build(layer)
        layer.set_weights(reference.get_weights())
        output = layer(**case.data(), **case.call_arguments)
        assert dtype_of(output) == layer.compute_dtype == policy.removeprefix("mixed_")
        floats = {dtype_of(w) for w in layer.weights} - {"int32", "int64", "bool"}
        assert floats <= {"float32"}
        output = to_numpy(output).astype("float32")
        assert np.isfinite(output).all()
        np.testing.assert_allclose(
            output, expected, atol=tolerance * np.abs(expected).max()
        )


def check_float64(case):
    if dtype_of(keras.ops.ones((), dtype="float64")) != "float64":
        pytest.skip("this backend has no float64 here (JAX without x64)")
    layer = case.make(dtype="float64")
    output = layer(**case.data(), **case.call_arguments)
    assert dtype_of(output) == "float64"
    assert {dtype_of(weight) for weight in layer.trainable_weights} <= {"float64"}
    reference = case.make()
    case.build(reference)
    reference.set_weights(layer.get_weights())
    np.testing.assert_allclose(to_numpy(output), case.output(reference), atol=1e-5)


def check_jit_compile(case):
    if keras.backend.backend() == "torch":
        pytest.skip(
            "Keras leaves torch eager unless asked; torch.compile is not tested"
        )
    layer = case.make()
    model = case.functional(layer)
    model.compile("sgd", "mse", jit_compile=True)
    expected = case.output(layer)
    compiled = model.predict(case.data(), verbose=0)
    np.testing.assert_allclose(compiled, expected, atol=1e-5)
    before = [to_numpy(weight) for weight in layer.trainable_weights]
    assert math.isfinite(model.train_on_batch(case.data(), expected + 1))
    after = [to_numpy(weight) for weight in layer.trainable_weights]
    assert not before or not all(map(np.array_equal, before, after))


def check_mask_passes_on(case):
    layer = case.make()
    first = next(iter(case.inputs))
    is_sequence = case.dtype.startswith("float") and len(case.inputs[first]) == 3
    if not (layer.supports_masking and is_sequence):
        pytest.skip("takes no sequence mask")
    data = case.data()
    for array in data.values():
        array[1, -2:] = 0  # padding: keras.layers.Masking masks all-zero steps
    masked = {name: keras.layers.Masking()(array) for name, array in data.items()}
    output = layer(**masked, **case.call_arguments)
    mask = getattr(output, "_keras_mask", None)
    assert mask is not None
    np.testing.assert_array_equal(to_numpy(mask), (data[first] != 0).any(axis=-1))


def check_training_flag(case):
    def train():
        keras.utils.set_random_seed(3)
        layer = case.make()
        first, second = (case.output(layer, **training) for _ in range(2))
        return layer, first, second

    takes_training = "training" in inspect.signature(case.layer.call).parameters
    training = {"training": True} if takes_training else {}
    layer, first, second = train()
    np.testing.assert_array_equal(case.output(layer), case.output(layer))
    np.testing.assert_array_equal(train()[1], first)
    if case.is_random:
        assert not np.allclose(first, second), "dropout draws the same mask twice"
        assert not np.allclose(first, case.output(layer)), "training changes nothing"


def check_gradients_reach_all_weights(case):
    """One SGD step moves each weight, and the maps before the layer too."""
    keras.utils.set_random_seed(3)
    model = Parent.of(case)
    rng = np.random.default_rng(2)
    shape = to_numpy(model(case.data())).shape
    model.set_weights(random_weights(model, rng, scale=0.5))
    before = {w.path: np.array(to_numpy(w)) for w in model.trainable_weights}
    model.compile(keras.optimizers.SGD(0.1), "mse", jit_compile=False)
    loss = model.train_on_batch(case.data(), rng.normal(size=shape))
    assert math.isfinite(loss)
    for weight in model.trainable_weights:
        change = np.abs(to_numpy(weight) - before[weight.path]).max()
        assert np.isfinite(change), weight.path
        is_unreached = weight.name in case.unreached
        assert (change < 1e-5) == is_unreached, f"{weight.path} moved by {change}"


def check_fit(case):
    keras.utils.set_random_seed(3)
    model = Parent.of(case)
    model.compile("adam", "mse")
    target = np.zeros_like(to_numpy(model(case.data(8))))
    history = model.fit(case.data(8), target, batch_size=4, epochs=2, verbose=0)
    assert np.isfinite(history.history["loss"]).all()


def check_agrees_with_builtin(case):
    if case.builtin is None:
        pytest.skip("Keras has no such layer")
    layer, builtin = case.make(), case.builtin()
    case.build(layer)
    case.build(builtin)
    rng = np.random.default_rng(1)
    layer.set_weights(random_weights(layer, rng))
    builtin.set_weights(layer.get_weights())
    np.testing.assert_allclose(case.output(layer), case.output(builtin), atol=1e-5)


CHECKS = [check for name, check in list(globals().items()) if name.startswith("check_")]
