import keras
import numpy as np
import pytest
from keras import ops

from whiteboard.fundamentals import model_gradients, value_and_gradients
from whiteboard.transformer import DecoderBlock, RotaryEmbedding


def random(*shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape).astype("float32")


def to_numpy(x):
    return ops.convert_to_numpy(x)


X, MEMORY = random(3, 5, 8), random(3, 6, 8, seed=1)
X_MASK = np.arange(5) < np.array([[5], [3], [1]])
MEMORY_MASK = np.arange(6) < np.array([[6], [2], [4]])


def model_of(block, has_memory, names):
    """A model of one block with its padding masks as inputs."""
    tensors = [keras.Input((5, 8)), keras.Input((5,), dtype="bool")]
    if has_memory:
        tensors += [keras.Input((6, 8)), keras.Input((6,), dtype="bool")]
    first, *others = tensors
    arguments = dict(zip(names, others, strict=False))
    return keras.Model(tensors, block(first, **arguments))


@pytest.mark.parametrize("norm_first", [True, False], ids=["pre_norm", "post_norm"])
@pytest.mark.parametrize("has_memory", [True, False], ids=["cross", "decoder_only"])
def test_agrees_with_keras_hub(keras_hub, norm_first, has_memory):
    mine = DecoderBlock(2, 16, norm_first=norm_first)
    theirs = keras_hub.layers.TransformerDecoder(
        16,
        2,
        activation="gelu",
        layer_norm_epsilon=1e-6,
        normalize_first=norm_first,
    )
    their_names = ("decoder_padding_mask", "encoder_sequence", "encoder_padding_mask")
    models = (
        model_of(mine, has_memory, ("inputs_mask", "memory", "memory_mask")),
        model_of(theirs, has_memory, their_names),
    )
    drawn = [random(*w.shape, seed=i) / 2 for i, w in enumerate(mine.weights)]
    inputs = (X, X_MASK, MEMORY, MEMORY_MASK) if has_memory else (X, X_MASK)
    results = []
    for model in models:
        model.set_weights(drawn)
        output = to_numpy(model(inputs))
        loss, gradients = model_gradients(model, inputs, X[::-1], "mse")
        results.append([output, loss, *gradients])
    for own, other in zip(*results, strict=True):
        np.testing.assert_allclose(own, other, atol=1e-5)


@pytest.mark.parametrize("has_memory", [True, False])
@pytest.mark.parametrize("norm_first", [True, False])
def test_no_token_depends_on_a_later_one(has_memory, norm_first):
    block = DecoderBlock(2, 16, norm_first=norm_first)
    memory = (MEMORY,) if has_memory else ()
    block(X, *memory)

    def output_at_2(x):
        return ops.sum(block(x, *memory)[:, 2] ** 3)

    _, (gradient,) = value_and_gradients(output_at_2, X)
    assert np.abs(gradient[:, 3:]).max() == 0
    assert np.abs(gradient[:, :3]).min(axis=(0, 2)).max() > 0


def test_reads_the_memory_and_no_padding_of_it():
    block = DecoderBlock(2, 16)
    before = to_numpy(block(X, MEMORY, memory_mask=MEMORY_MASK))
    changed = np.where(MEMORY_MASK[..., None], MEMORY, 9)
    after = to_numpy(block(X, changed, memory_mask=MEMORY_MASK))
    np.testing.assert_allclose(before, after, atol=1e-6)
    assert np.abs(to_numpy(block(X, changed)) - after).max() > 1e-2


@pytest.mark.parametrize("has_memory", [True, False])
@pytest.mark.parametrize("groups", [None, 1])
@pytest.mark.parametrize("position", [None, RotaryEmbedding], ids=str)
def test_with_a_cache_writes_the_same(has_memory, groups, position):
    block = DecoderBlock(
        2, 16, num_key_value_heads=groups, position=position and position()
    )
    memory = (MEMORY,) if has_memory else ()
    expected = to_numpy(block(X, *memory))
    cache, start = block.empty_cache(3, length=7), 0
    for end in (2, 3, 5):
        output, cache = block(X[:, start:end], *memory, cache=cache, cache_index=start)
        np.testing.assert_allclose(to_numpy(output), expected[:, start:end], atol=1e-5)
        start = end


def test_memory_must_come_as_built():
    block = DecoderBlock(2, 16)
    block(X)
    with pytest.raises(ValueError, match="Received: one, for a block built without"):
        block(X, MEMORY)
    block = DecoderBlock(2, 16)
    block(X, MEMORY)
    with pytest.raises(ValueError, match="Received: none, for a block built with one"):
        block(X)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"num_heads": 0}, "num_heads must be a positive integer. Received: .*=0"),
        ({"mlp_dim": 1.5}, "mlp_dim must be a positive integer. Received: mlp_dim=1.5"),
        ({"num_heads": 3}, "num_heads must divide the width.*num_heads=3, width=8"),
        ({"num_key_value_heads": 3}, "num_key_value_heads must divide num_heads"),
        ({"dropout": 1.5}, "rate"),
    ],
)
def test_bad_arguments_are_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        DecoderBlock(**{"num_heads": 2, "mlp_dim": 16, **arguments})(X)


@pytest.mark.parametrize("shape", [(5, 8), (2, 5, None), (2, 3, 5, 8)])
def test_other_shapes_are_refused(shape):
    with pytest.raises(ValueError, match="needs inputs of shape.*Received"):
        DecoderBlock(2, 16).build(shape)
