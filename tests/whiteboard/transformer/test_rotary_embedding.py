import keras
import numpy as np
import pytest
from keras import ops

from whiteboard.fundamentals import value_and_gradients
from whiteboard.transformer import (
    MultiHeadAttention,
    RotaryEmbedding,
    apply_rotary_embedding,
)

POSITIONS = [0, 1, 7, 1000]


def random(*shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape).astype("float32")


def to_numpy(x):
    return ops.convert_to_numpy(ops.cast(x, "float32"))


def reference(x, offset=0, max_wavelength=10_000.0):
    """Complex multiplication: pair i is the number x_i + j x_(i + Dk / 2)."""
    half = x.shape[-1] // 2
    frequencies = max_wavelength ** (-np.arange(half) / half)
    angles = np.outer(np.arange(x.shape[-2]) + offset, frequencies)
    turned = (x[..., :half] + 1j * x[..., half:]) * np.exp(1j * angles)
    return np.concatenate([turned.real, turned.imag], axis=-1)


class TestApplyRotaryEmbedding:
    @pytest.mark.parametrize("shape", [(5, 8), (3, 5, 2), (2, 3, 5, 64), (2, 0, 4)])
    @pytest.mark.parametrize("max_wavelength", [100, 500_000.0])
    @pytest.mark.parametrize("offset", [0, 3])
    def test_is_complex_multiplication(self, shape, max_wavelength, offset):
        x = random(*shape)
        turned = to_numpy(apply_rotary_embedding(x, offset, max_wavelength))
        expected = reference(x, offset, max_wavelength)
        np.testing.assert_allclose(turned, expected, atol=1e-5)

    def test_is_exact_at_position_100_000(self):
        x = random(2, 6)
        turned = to_numpy(apply_rotary_embedding(x, 100_000))
        np.testing.assert_allclose(turned, reference(x, 100_000), atol=1e-5)

    def test_scores_depend_on_the_offset_and_norms_not_at_all(self):
        query, key = random(1, 16), random(1, 16, seed=1)
        turn = apply_rotary_embedding
        for distance in (0, 3):
            scores = [
                to_numpy(turn(query, p + distance)) @ to_numpy(turn(key, p)).T
                for p in POSITIONS
            ]
            assert np.ptp(scores) < 1e-4
        norms = [np.linalg.norm(to_numpy(turn(query, p))) for p in POSITIONS]
        np.testing.assert_allclose(norms, np.linalg.norm(query), rtol=1e-5)

    def test_scaling_factor_divides_the_positions(self):
        x = random(2, 9, 8)
        scaled = to_numpy(apply_rotary_embedding(x, scaling_factor=4.0))
        plain = to_numpy(apply_rotary_embedding(x[:, ::4]))
        np.testing.assert_allclose(scaled[:, ::4], plain, atol=1e-5)

    def test_offset_as_a_tensor(self):
        x = random(2, 3, 8)
        turned = apply_rotary_embedding(x, ops.convert_to_tensor(5))
        np.testing.assert_allclose(to_numpy(turned), reference(x, 5), atol=1e-5)

    @pytest.mark.parametrize("scaling_factor", [1.0, 2.5])
    @pytest.mark.parametrize("start", [0, 11])
    def test_agrees_with_keras_hub(self, keras_hub, scaling_factor, start):
        layer = keras_hub.layers.RotaryEmbedding(
            max_wavelength=500, scaling_factor=scaling_factor, sequence_axis=2
        )
        x, y = random(2, 3, 7, 8), random(2, 3, 7, 8, seed=1)

        def mine(x):
            return apply_rotary_embedding(x, start, 500, scaling_factor)

        def theirs(x):
            return layer(x, start_index=start)

        np.testing.assert_allclose(to_numpy(mine(x)), to_numpy(theirs(x)), atol=1e-5)
        gradients = [
            value_and_gradients(lambda x, f=f: ops.sum(ops.multiply(f(x), y)), x)[1][0]
            for f in (mine, theirs)
        ]
        np.testing.assert_allclose(*gradients, atol=1e-5)

    def test_half_precision_is_rounded_once(self):
        x = ops.cast(random(1, 4, 8), "bfloat16")
        turned = apply_rotary_embedding(x, offset=5000)
        assert keras.backend.standardize_dtype(turned.dtype) == "bfloat16"
        exact = ops.cast(reference(to_numpy(x), 5000).astype("float32"), "bfloat16")
        gap = np.abs(to_numpy(turned) - to_numpy(exact))
        assert (gap <= np.abs(to_numpy(exact)) / 128).all()

    @pytest.mark.parametrize(
        ("shape", "arguments", "message"),
        [
            ((2, 5, 7), {}, r"even key_dim. Received: shape=\(2, 5, 7\)"),
            ((8,), {}, r"\(..., length, key_dim\).*Received: shape=\(8,\)"),
            ((5, 8), {"max_wavelength": 0}, "max_wavelength must be positive.*=0"),
            ((5, 8), {"max_wavelength": np.nan}, "max_wavelength must be .*=nan"),
            (
                (5, 8),
                {"scaling_factor": -1.0},
                "scaling_factor must be positive.*=-1.0",
            ),
        ],
    )
    def test_bad_input_is_refused(self, shape, arguments, message):
        with pytest.raises(ValueError, match=message):
            apply_rotary_embedding(np.zeros(shape, "float32"), **arguments)


class TestRotaryEmbedding:
    def test_is_the_function(self):
        x = random(2, 3, 5, 8)
        layer = RotaryEmbedding(max_wavelength=50, scaling_factor=2.0)
        expected = to_numpy(apply_rotary_embedding(x, 4, 50, 2.0))
        np.testing.assert_array_equal(to_numpy(layer(x, offset=4)), expected)
        np.testing.assert_array_equal(to_numpy(layer.rotate(x, offset=4)), expected)
        assert layer.bias(5, 5) is None
        assert layer.weights == []

    @pytest.mark.parametrize("jit_compile", [False, True])
    def test_length_known_only_at_run_time(self, jit_compile):
        inputs = keras.Input((3, None, 8))
        model = keras.Model(inputs, RotaryEmbedding()(inputs))
        model.compile(jit_compile=jit_compile and keras.backend.backend() != "torch")
        for length in (2, 2000):
            x = random(1, 3, length, 8)
            turned = model.predict(x, verbose=0)
            np.testing.assert_allclose(turned, reference(x), atol=1e-5)

    def test_attention_turns_queries_and_keys_but_not_values(self):
        layer = MultiHeadAttention(2, 4, position=RotaryEmbedding())
        x = random(1, 5, 8)
        layer(x, x)
        kernels = [to_numpy(w) for w in (layer.query_kernel, layer.key_kernel)]
        query, key = (reference(np.einsum("btd,dhk->bhtk", x, k)) for k in kernels)
        scores = np.einsum("bhtk,bhsk->bhts", query, key) / 2
        weights = np.exp(scores) / np.exp(scores).sum(-1, keepdims=True)
        value = np.einsum("btd,dhk->bhtk", x, to_numpy(layer.value_kernel))
        expected = np.einsum(
            "bhts,bhsk,hkd->btd", weights, value, to_numpy(layer.output_kernel)
        )
        np.testing.assert_allclose(to_numpy(layer(x, x)), expected, atol=1e-5)

    @pytest.mark.parametrize("shape", [(2, 3, 5, 7), (2, 3, 5, None), (8,)])
    def test_bad_shape_is_refused(self, shape):
        with pytest.raises(ValueError, match="with an even key_dim. Received: shape="):
            RotaryEmbedding().build(shape)

    @pytest.mark.parametrize("name", ["max_wavelength", "scaling_factor"])
    def test_bad_argument_is_refused(self, name):
        with pytest.raises(ValueError, match=f"{name} must be positive"):
            RotaryEmbedding(**{name: 0})
