import math

import keras
import pytest

from whiteboard.transformer import TransformerSize, activation_bytes, training_bytes

GPT3 = TransformerSize(12288, 96, 96, 51200)


@pytest.mark.parametrize("mixed_precision", [True, False])
def test_sixteen_bytes_a_parameter(mixed_precision):
    assert sum(training_bytes(1000, mixed_precision).values()) == 16_000


@pytest.mark.parametrize("stage, gigabytes", [(0, 120), (1, 31.4), (2, 16.6), (3, 1.9)])
def test_zero_as_published(stage, gigabytes):
    """Rajbhandari et al. 2020, figure 1: 7.5 billion parameters on 64 devices."""
    bytes_each = training_bytes(7.5e9, num_devices=64, zero_stage=stage)
    assert sum(bytes_each.values()) / 1e9 == pytest.approx(gigabytes, abs=0.05)


def test_states_are_those_of_keras_adam():
    model = keras.Sequential([keras.Input((8,)), keras.layers.Dense(16)])
    optimizer = keras.optimizers.Adam()
    optimizer.build(model.trainable_variables)
    moments = [v for v in optimizer.variables if len(v.shape) > 0]
    states = sum(4 * math.prod(v.shape) for v in moments)
    parameters = model.count_params()
    expected = training_bytes(parameters, mixed_precision=False)
    assert states == expected["first moments"] + expected["second moments"]


def test_activations_as_published():
    """Korthikanti et al. 2022, table 2: s b h (34 + 5 a s / h), 34 s b h, 2 s b h."""
    unit = 96 * 2048 * 12288
    assert activation_bytes(GPT3, 2048, 1) == unit * (34 + 5 * 96 * 2048 // 12288)
    assert activation_bytes(GPT3, 2048, 1, "scores") == 34 * unit
    assert activation_bytes(GPT3, 2048, 3, "layers") == 3 * 2 * unit


def test_only_the_scores_are_quadratic_in_the_length():
    for recompute, growth in {"nothing": 4, "scores": 2, "layers": 2}.items():
        short, long = (activation_bytes(GPT3, n, 1, recompute) for n in (2**20, 2**21))
        assert long / short == pytest.approx(growth, rel=0.01)


@pytest.mark.skipif(keras.backend.backend() != "torch", reason="counts saved tensors")
def test_activations_are_what_torch_keeps():
    """Without dropout and in float32: 30 + 2 a s / h halves of four bytes."""
    import torch

    width, heads, length, batch = 64, 4, 96, 2
    generator = torch.Generator().manual_seed(7)
    x = torch.randn(batch, length, width, generator=generator, requires_grad=True)
    linear = [
        torch.nn.Linear(a, b)
        for a, b in [(64, 64)] * 4 + [(width, 4 * width), (4 * width, width)]
    ]
    norms = [torch.nn.LayerNorm(width) for _ in range(2)]
    kept = {}

    def pack(tensor):
        storage = tensor.untyped_storage()
        kept[storage.data_ptr()] = storage.nbytes()
        return tensor

    def heads_of(tensor):
        return tensor.view(batch, length, heads, -1).transpose(1, 2)

    with torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor):
        h = norms[0](x)
        query, key, value = (heads_of(m(h)) for m in linear[:3])
        scores = (query / 4) @ key.transpose(2, 3)
        mixed = torch.softmax(scores, dim=-1) @ value
        x = x + linear[3](mixed.transpose(1, 2).reshape(batch, length, width))
        h = linear[4](norms[1](x))
        x = x + linear[5](torch.nn.functional.gelu(h))
    parameters = {p.data_ptr() for m in linear + norms for p in m.parameters()}
    activations = sum(kept[pointer] for pointer in kept.keys() - parameters)
    size = TransformerSize(width, 1, heads, 10)
    masks = 2 * width + heads * length + 2 * heads * length  # no dropout here
    formula = activation_bytes(size, length, batch) - length * batch * masks
    assert activations / 2 == pytest.approx(formula, rel=0.05)


@pytest.mark.parametrize("stage", [-1, 4, "3"])
def test_unknown_stage(stage):
    with pytest.raises(ValueError, match="zero_stage must be 0, 1, 2 or 3. Received"):
        training_bytes(10, zero_stage=stage)


@pytest.mark.parametrize("value", [0, -1, float("nan")])
def test_not_positive(value):
    with pytest.raises(ValueError, match="parameters must be positive"):
        training_bytes(value)
    with pytest.raises(ValueError, match="num_devices must be positive"):
        training_bytes(10, num_devices=value)
    with pytest.raises(ValueError, match="length must be positive"):
        activation_bytes(GPT3, value, 1)
    with pytest.raises(ValueError, match="batch_size must be positive"):
        activation_bytes(GPT3, 8, value)


def test_what_the_formula_does_not_cover():
    with pytest.raises(ValueError, match="Received: gated=True"):
        activation_bytes(TransformerSize(8, 1, 2, 10, gated=True), 8, 1)
    with pytest.raises(ValueError, match="num_key_value_heads=1 of 2"):
        activation_bytes(TransformerSize(8, 1, 2, 10, num_key_value_heads=1), 8, 1)
    with pytest.raises(ValueError, match="recompute must be one of nothing, scores"):
        activation_bytes(GPT3, 8, 1, recompute="all")
