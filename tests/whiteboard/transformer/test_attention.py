import keras
import ml_dtypes
import numpy as np
import pytest
from keras import ops

from whiteboard.transformer import causal_mask, scaled_dot_product_attention


def normal(*shape, seed=0, dtype="float32"):
    return np.random.default_rng([seed, *shape]).normal(size=shape).astype(dtype)


def attend(*arguments, **kwargs):
    results = scaled_dot_product_attention(*arguments, **kwargs)
    return tuple(map(ops.convert_to_numpy, results))


def by_loops(query, key, value, mask=None):
    """The definition, one query and one key at a time, in float64."""
    weights = np.zeros((len(query), len(key)))
    for t in range(len(query)):
        for s in range(len(key)):
            if mask is None or mask[t, s]:
                weights[t, s] = np.exp(query[t] @ key[s] / np.sqrt(len(key[s])))
    weights /= weights.sum(axis=1, keepdims=True)
    return weights @ value, weights


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("is_masked", [False, True])
def test_equals_the_definition(seed, is_masked):
    query, key, value = (normal(*s, seed=seed) for s in [(4, 3), (6, 3), (6, 5)])
    mask = None
    if is_masked:
        mask = np.random.default_rng(seed).random((4, 6)) < 0.5
        mask[:, seed] = True
    expected_output, expected_weights = by_loops(query, key, value, mask)
    output, weights = attend(query, key, value, mask)
    np.testing.assert_allclose(weights, expected_weights, atol=1e-6)
    np.testing.assert_allclose(output, expected_output, atol=1e-6)


@pytest.mark.parametrize("leading", [(), (2,), (2, 3)])
def test_leading_axes_are_independent(leading):
    query, key = normal(*leading, 4, 3), normal(*leading, 6, 3)
    value = normal(*leading, 6, 5)
    output, weights = attend(query, key, value)
    assert output.shape == (*leading, 4, 5)
    assert weights.shape == (*leading, 4, 6)
    last = tuple(size - 1 for size in leading)
    expected, _ = by_loops(query[last], key[last], value[last])
    np.testing.assert_allclose(output[last], expected, atol=1e-6)


@pytest.mark.parametrize("shape", [(6,), (1, 6), (4, 1), (4, 6), (2, 1, 6), (2, 4, 6)])
def test_mask_broadcasts(shape):
    query, key, value = normal(2, 4, 3), normal(2, 6, 3), normal(2, 6, 5)
    mask = np.random.default_rng(0).random(shape) < 0.7
    mask[..., :1] = True
    full = np.broadcast_to(mask, (2, 4, 6))
    np.testing.assert_allclose(
        attend(query, key, value, mask)[0], attend(query, key, value, full)[0]
    )


def test_masked_keys_get_no_weight_and_do_not_matter():
    query, key, value = normal(4, 3), normal(6, 3), normal(6, 5)
    mask = np.array([True, True, True, True, False, False])
    output, weights = attend(query, key, value, mask)
    assert (weights[:, 4:] == 0).all()
    np.testing.assert_allclose(weights.sum(axis=-1), 1, atol=1e-6)
    key[4:], value[4:] = 1e4, -1e4
    np.testing.assert_allclose(attend(query, key, value, mask)[0], output, atol=1e-6)


@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float32"])
def test_row_without_allowed_key_is_uniform_as_in_keras(dtype):
    if dtype == "float16" and keras.backend.backend() == "torch":
        pytest.skip("Keras on torch adds -45,850, too little for a masked row in half")
    inputs = ops.cast(normal(1, 4, 1, 8), dtype)  # (B, T, H, D) for keras.ops
    mask = np.ones((4, 4), dtype=bool)
    mask[2] = False
    merged = ops.swapaxes(inputs, 1, 2)
    output, weights = scaled_dot_product_attention(merged, merged, merged, mask)
    np.testing.assert_allclose(ops.convert_to_numpy(weights)[0, 0, 2], 0.25)
    expected = ops.dot_product_attention(inputs, inputs, inputs, mask=mask[None, None])
    np.testing.assert_allclose(
        ops.convert_to_numpy(ops.cast(ops.swapaxes(output, 1, 2), "float32")),
        ops.convert_to_numpy(ops.cast(expected, "float32")),
        atol={"float16": 2e-3, "bfloat16": 2e-2, "float32": 1e-6}[dtype],
    )


@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float32", "float64"])
def test_result_has_the_dtype_of_the_inputs(dtype):
    inputs = ops.cast(normal(4, 3), dtype)
    for result in scaled_dot_product_attention(inputs, inputs, inputs):
        assert keras.backend.standardize_dtype(result.dtype) == (
            keras.backend.standardize_dtype(inputs.dtype)
        )


def test_scores_beyond_the_range_of_float16_do_not_overflow():
    """q . k = 64 * 40 ** 2 = 102,400, above float16's 65,504 and before the scaling."""
    key = np.full((2, 64), 40, dtype="float16")
    key[1] = -40
    output, weights = attend(key, key, key)
    np.testing.assert_array_equal(weights, np.eye(2))
    np.testing.assert_array_equal(output, key)


def test_bfloat16_weights_are_those_of_float32_rounded():
    query = normal(8, 64).astype(ml_dtypes.bfloat16)
    rounded = query.astype("float32")
    _, expected = attend(rounded, rounded, rounded)
    tensor = ops.cast(rounded, "bfloat16")
    _, weights = scaled_dot_product_attention(tensor, tensor, tensor)
    weights = ops.convert_to_numpy(ops.cast(weights, "float32"))
    np.testing.assert_allclose(weights, expected, rtol=2**-8, atol=1e-6)


def test_works_on_symbolic_tensors():
    inputs = keras.Input((None, 8))
    output, weights = scaled_dot_product_attention(inputs, inputs, inputs)
    model = keras.Model(inputs, [output, weights])
    data = normal(2, 5, 8)
    predicted = model.predict(data, verbose=0)
    for actual, expected in zip(predicted, attend(data, data, data), strict=True):
        np.testing.assert_allclose(actual, expected, atol=1e-6)


@pytest.mark.parametrize(
    ("query", "key", "value", "message"),
    [
        ((3,), (3,), (3,), "same rank, at least 2"),
        ((4, 3), (2, 6, 3), (2, 6, 5), "same rank"),
        ((4, 3), (6, 2), (6, 5), r"last dimension.*\(4, 3\).*\(6, 2\)"),
        ((4, 3), (6, 3), (5, 5), r"length.*key.shape=\(6, 3\), value.shape=\(5, 5\)"),
        ((2, 4, 3), (5, 6, 3), (5, 6, 5), "batch"),
        ((2, 4, 3), (1, 6, 3), (1, 6, 5), "batch"),
    ],
)
def test_refuses_shapes_that_disagree(query, key, value, message):
    with pytest.raises(ValueError, match=message):
        scaled_dot_product_attention(normal(*query), normal(*key), normal(*value))


@pytest.mark.parametrize("shape", [(5,), (6, 4), (3, 4, 6), (1, 1, 4, 6)])
def test_refuses_a_mask_that_does_not_broadcast(shape):
    inputs = normal(2, 4, 3), normal(2, 6, 3), normal(2, 6, 5)
    with pytest.raises(ValueError, match=r"broadcast to .*\(2, 4, 6\)"):
        scaled_dot_product_attention(*inputs, mask=np.ones(shape, dtype=bool))


@pytest.mark.parametrize("dtype", ["float32", "int32"])
def test_refuses_a_mask_that_is_not_boolean(dtype):
    """An additive mask, 0 where allowed, would otherwise be read inverted."""
    inputs = normal(4, 3)
    with pytest.raises(ValueError, match=f"boolean.*mask.dtype={dtype}"):
        scaled_dot_product_attention(inputs, inputs, inputs, np.zeros((4, 4), dtype))


@pytest.mark.parametrize("dtypes", [["int32"] * 3, ["float32", "float32", "float16"]])
def test_refuses_dtypes_other_than_one_floating_dtype(dtypes):
    inputs = [np.eye(3, dtype=dtype) for dtype in dtypes]
    with pytest.raises(ValueError, match=f"floating dtype.*{', '.join(dtypes)}"):
        scaled_dot_product_attention(*inputs)


@pytest.mark.parametrize(("rows", "columns"), [(4, 4), (3, 5), (5, 3), (1, 1), (0, 2)])
def test_causal_mask_is_lower_triangular(rows, columns):
    mask = ops.convert_to_numpy(causal_mask(rows, columns))
    assert mask.dtype == bool
    np.testing.assert_array_equal(mask, np.tri(rows, columns, dtype=bool))


def test_causal_mask_from_an_offset_is_the_lower_part_of_the_full_one():
    full = np.tri(5, 7, dtype=bool)
    np.testing.assert_array_equal(ops.convert_to_numpy(causal_mask(2, 7, 3)), full[3:])


@pytest.mark.parametrize("arguments", [(-1, 2), (2, -1), (2, 2, -1)])
def test_causal_mask_refuses_negative_arguments(arguments):
    with pytest.raises(ValueError, match="must not be negative"):
        causal_mask(*arguments)


def test_bias_is_added_to_the_scaled_scores():
    query, key, value = normal(2, 4, 3), normal(2, 6, 3), normal(2, 6, 5)
    bias = normal(4, 6)
    _, weights = scaled_dot_product_attention(query, key, value, bias=bias)
    scores = query @ key.transpose(0, 2, 1) / np.sqrt(3) + bias
    expected = np.exp(scores) / np.exp(scores).sum(axis=-1, keepdims=True)
    np.testing.assert_allclose(ops.convert_to_numpy(weights), expected, atol=1e-6)


@pytest.mark.parametrize("shape", [(5,), (6, 4), (1, 1, 4, 6)])
def test_refuses_a_bias_that_does_not_broadcast(shape):
    inputs = normal(2, 4, 3), normal(2, 6, 3), normal(2, 6, 5)
    with pytest.raises(ValueError, match=r"bias must broadcast to .*\(2, 4, 6\)"):
        scaled_dot_product_attention(*inputs, bias=np.ones(shape, "float32"))
