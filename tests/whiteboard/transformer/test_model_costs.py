import keras
import pytest
from keras import layers

from whiteboard.cnn import count_flops
from whiteboard.transformer import (
    TransformerSize,
    attention_flops_per_token,
    flops_per_token,
    parameter_count,
)

SMALL = TransformerSize(width=24, num_layers=3, num_heads=4, vocabulary_size=50)
PLAIN = {"mlp_dim": 40}
GROUPED = {"mlp_dim": 40, "num_key_value_heads": 2, "gated": True}


def built(size, length, max_length, use_bias, tie_embeddings):
    """The model of these sizes from Keras' own layers, without values in its weights."""
    embedding = layers.Embedding(size.vocabulary_size, size.width)
    norm = layers.LayerNormalization if use_bias else layers.RMSNormalization

    def attention():
        depth = size.width // size.num_heads
        if size.num_key_value_heads == size.num_heads:
            return layers.MultiHeadAttention(size.num_heads, depth, use_bias=use_bias)
        sizes = depth, size.num_heads, size.num_key_value_heads
        return layers.GroupQueryAttention(*sizes, use_bias=use_bias)

    with keras.StatelessScope(initialize_variables=False):
        tokens = keras.Input((length,), dtype="int32")
        positions = keras.Input((length,), dtype="int32")
        x = embedding(tokens)
        if max_length:
            x = x + layers.Embedding(max_length, size.width)(positions)
        for _ in range(size.num_layers):
            h = norm()(x)
            x = x + attention()(h, h)
            h = norm()(x)
            hidden = layers.Dense(size.mlp_dim, use_bias=use_bias)(h)
            if size.gated:
                hidden = hidden * layers.Dense(size.mlp_dim, use_bias=use_bias)(h)
            x = x + layers.Dense(size.width, use_bias=use_bias)(hidden)
        x = norm()(x)
        if not tie_embeddings:
            x = layers.Dense(size.vocabulary_size, use_bias=False)(x)
        inputs = [tokens, positions] if max_length else tokens
        return keras.Model(inputs, x)


@pytest.mark.parametrize("sizes", [PLAIN, GROUPED])
@pytest.mark.parametrize("use_bias", [True, False])
@pytest.mark.parametrize("max_length, tie_embeddings", [(0, False), (16, True)])
def test_parameters_are_those_of_the_built_model(
    sizes, use_bias, max_length, tie_embeddings
):
    size = TransformerSize(24, 3, 4, 50, **sizes)
    model = built(size, 16, max_length, use_bias, tie_embeddings)
    expected = parameter_count(size, max_length, use_bias, tie_embeddings)
    assert model.count_params() == expected


@pytest.mark.parametrize("length", [1, 7, 64])
def test_flops_are_those_of_the_built_model(length):
    size = TransformerSize(24, 3, 4, 50, mlp_dim=40)
    model = built(size, length, 0, use_bias=True, tie_embeddings=False)
    assert flops_per_token(size, length) * length == count_flops(model).flops


@pytest.mark.parametrize(
    "size, arguments, expected",
    [
        (TransformerSize(768, 12, 12, 50257), {"max_length": 1024}, 124_439_808),
        (TransformerSize(1600, 48, 25, 50257), {"max_length": 1024}, 1_557_611_200),
        # 512 positions and 2 segments; the pooler on top is a dense layer of d² + d.
        (TransformerSize(768, 12, 12, 30522), {"max_length": 514}, 108_891_648),
        (
            TransformerSize(4096, 32, 32, 32000, mlp_dim=11008, gated=True),
            {"use_bias": False, "tie_embeddings": False},
            6_738_415_616,
        ),
        (
            TransformerSize(4096, 32, 32, 128256, 14336, 8, gated=True),
            {"use_bias": False, "tie_embeddings": False},
            8_030_261_248,
        ),
    ],
    ids=["GPT-2 small", "GPT-2 XL", "BERT-base", "Llama 2 7B", "Llama 3 8B"],
)
def test_published_models(size, arguments, expected):
    assert parameter_count(size, **arguments) == expected


def test_defaults_are_written_down():
    assert (SMALL.mlp_dim, SMALL.num_key_value_heads) == (96, 4)
    assert SMALL.matrix_weights == 12 * 3 * 24**2
    assert TransformerSize(24, 3, 4, 50, 96, 4) == SMALL


def test_a_causal_mask_skips_half_of_the_keys_on_average():
    keys = [position + 1 for position in range(64)]
    causal = attention_flops_per_token(SMALL, 64, causal=True)
    assert causal == 4 * 3 * 24 * sum(keys) / 64
    dense = attention_flops_per_token(SMALL, 64)
    assert flops_per_token(SMALL, 64) - flops_per_token(SMALL, 64, True) == (
        dense - causal
    )


@pytest.mark.parametrize("name", ["width", "num_layers", "num_heads", "mlp_dim"])
@pytest.mark.parametrize("value", [0, -4, 2.0, True, "8"])
def test_a_size_is_a_positive_integer(name, value):
    sizes = {"width": 24, "num_layers": 3, "num_heads": 4, "vocabulary_size": 50}
    with pytest.raises(ValueError, match=f"{name} must be a positive integer"):
        TransformerSize(**{**sizes, "mlp_dim": 96, name: value})


@pytest.mark.parametrize("heads, shared", [(5, None), (4, 3), (4, 8)])
def test_heads_divide(heads, shared):
    with pytest.raises(ValueError, match="num_heads must divide width"):
        TransformerSize(24, 3, heads, 50, num_key_value_heads=shared)


@pytest.mark.parametrize("length", [0, -1, float("nan")])
def test_a_length_is_positive(length):
    with pytest.raises(ValueError, match="length must be positive. Received: length="):
        flops_per_token(SMALL, length)
    with pytest.raises(ValueError, match="max_length must not be negative"):
        parameter_count(SMALL, max_length=-1)
