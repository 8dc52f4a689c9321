import keras
import numpy as np
import pytest
from keras import ops

from whiteboard.transformer import AttentionPosition, MultiHeadAttention


@keras.saving.register_keras_serializable(package="whiteboard_tests")
class Recency(AttentionPosition):
    """Marks the first feature with the position, and prefers near keys."""

    def rotate(self, inputs, offset=0):
        positions = ops.arange(inputs.shape[2]) + offset
        mark = ops.cast(positions, inputs.dtype)[:, None]
        return ops.concatenate([inputs[..., :1] + mark, inputs[..., 1:]], axis=-1)

    def bias(self, query_length, key_length, offset=0):
        queries = ops.arange(query_length)[:, None] + offset
        distances = ops.cast(queries - ops.arange(key_length), "float32")
        return -ops.abs(distances)[None]  # (1, T, S)


def to_numpy(tensor):
    return ops.convert_to_numpy(tensor)


def inputs(length=6):
    return np.random.default_rng(0).normal(size=(2, length, 8)).astype("float32")


def test_the_base_changes_nothing():
    x = inputs()
    plain, positioned = (
        MultiHeadAttention(2, 4),
        MultiHeadAttention(2, 4, position=AttentionPosition()),
    )
    for layer in (plain, positioned):
        layer.build(x.shape, x.shape)
    positioned.set_weights(plain.get_weights())
    np.testing.assert_array_equal(to_numpy(plain(x, x)), to_numpy(positioned(x, x)))


def test_marks_queries_and_keys_but_not_values():
    x = np.zeros((1, 4, 8), "float32")
    layer = MultiHeadAttention(2, 4, position=Recency())
    output, scores = layer(x, x, return_attention_scores=True)
    positions = np.arange(4)
    expected = positions[:, None] * positions / 2 - abs(positions[:, None] - positions)
    expected = np.exp(expected) / np.exp(expected).sum(axis=-1, keepdims=True)
    np.testing.assert_allclose(to_numpy(scores)[0, 1], expected, atol=1e-6)
    np.testing.assert_array_equal(to_numpy(output), 0)


@pytest.mark.parametrize("groups", [1, 2])
def test_counts_from_the_cache(groups):
    layer = MultiHeadAttention(2, 4, num_key_value_heads=groups, position=Recency())
    x = inputs()
    expected = to_numpy(layer(x, x, use_causal_mask=True))
    cache, outputs = layer.empty_cache(2, 6), []
    for index in range(6):
        token = x[:, index : index + 1]
        output, cache = layer(token, token, cache=cache, cache_index=index)
        outputs.append(to_numpy(output))
    np.testing.assert_allclose(np.concatenate(outputs, axis=1), expected, atol=1e-5)


def test_is_saved_with_its_layer(tmp_path):
    x = keras.Input((6, 8))
    model = keras.Model(x, MultiHeadAttention(2, 4, position=Recency())(x, x))
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    assert isinstance(loaded.layers[-1].position, Recency)
    np.testing.assert_array_equal(
        loaded.predict(inputs(), verbose=0), model.predict(inputs(), verbose=0)
    )


def test_refuses_a_position_that_is_none():
    with pytest.raises(TypeError, match="AttentionPosition or None.*'rotary'"):
        MultiHeadAttention(2, 4, position="rotary")
