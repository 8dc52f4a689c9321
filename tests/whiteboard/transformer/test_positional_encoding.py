import keras
import numpy as np
import pytest
from keras import ops

from whiteboard.transformer import (
    LearnedPositionalEncoding,
    SinusoidalPositionalEncoding,
    sinusoidal_encoding,
)

LAYERS = {
    "sinusoidal": lambda **kwargs: SinusoidalPositionalEncoding(**kwargs),
    "learned": lambda **kwargs: LearnedPositionalEncoding(max_length=6, **kwargs),
}


@pytest.fixture(params=LAYERS)
def make_layer(request):
    return LAYERS[request.param]


def reference(length, depth, max_wavelength=10_000.0):
    """The formula of the paper, one number at a time, in float64."""
    table = np.zeros((length, depth))
    for column in range(depth):
        i, is_cosine = divmod(column, 2)
        angle = np.arange(length) / max_wavelength ** (2 * i / depth)
        table[:, column] = np.cos(angle) if is_cosine else np.sin(angle)
    return table


def random(*shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape).astype("float32")


def to_numpy(x):
    return ops.convert_to_numpy(ops.cast(x, "float32"))


class TestSinusoidalEncoding:
    @pytest.mark.parametrize("length", [0, 1, 2, 50])
    @pytest.mark.parametrize("depth", [1, 2, 7, 64])
    @pytest.mark.parametrize("max_wavelength", [100, 10_000.0, 500_000])
    def test_is_the_formula(self, length, depth, max_wavelength):
        encoding = sinusoidal_encoding(length, depth, max_wavelength)
        assert keras.backend.standardize_dtype(encoding.dtype) == "float32"
        np.testing.assert_allclose(
            to_numpy(encoding), reference(length, depth, max_wavelength), atol=1e-7
        )

    def test_is_exact_at_position_100_000(self):
        encoding = to_numpy(sinusoidal_encoding(100_001, 9))
        np.testing.assert_allclose(encoding, reference(100_001, 9), atol=1e-7)

    def test_position_zero_alternates_zero_and_one(self):
        first = to_numpy(sinusoidal_encoding(1, 5))[0]
        np.testing.assert_array_equal(first, [0, 1, 0, 1, 0])

    def test_longer_encoding_starts_with_the_shorter_one(self):
        short, long = sinusoidal_encoding(5, 8), sinusoidal_encoding(9, 8)
        np.testing.assert_array_equal(to_numpy(short), to_numpy(long)[:5])

    def test_numpy_integers_are_integers(self):
        encoding = sinusoidal_encoding(np.int64(100_001), np.int64(4))
        np.testing.assert_allclose(to_numpy(encoding), reference(100_001, 4), atol=1e-7)

    @pytest.mark.parametrize(
        ("arguments", "message"),
        [
            ({"depth": 0}, "depth must be positive. Received: depth=0"),
            ({"depth": -2}, "depth must be positive. Received: depth=-2"),
            ({"length": -1}, "length must not be negative. Received: length=-1"),
            ({"max_wavelength": 0}, "max_wavelength must be positive.*=0"),
            ({"max_wavelength": -1.0}, "max_wavelength must be positive.*=-1.0"),
            ({"max_wavelength": np.nan}, "max_wavelength must be positive.*=nan"),
        ],
    )
    def test_bad_input_is_refused(self, arguments, message):
        with pytest.raises(ValueError, match=message):
            sinusoidal_encoding(**{"length": 4, "depth": 8, **arguments})


class TestSinusoidalPositionalEncoding:
    @pytest.mark.parametrize("shape", [(5, 8), (2, 5, 8), (3, 2, 5, 7), (2, 0, 4)])
    def test_adds_the_encoding(self, shape):
        x = random(*shape)
        outputs = to_numpy(SinusoidalPositionalEncoding(max_wavelength=50)(x))
        expected = x + reference(shape[-2], shape[-1], 50)
        np.testing.assert_allclose(outputs, expected, atol=1e-6)

    def test_has_no_weights_and_no_longest_sequence(self):
        layer = SinusoidalPositionalEncoding()
        layer(random(1, 3, 4))
        outputs = to_numpy(layer(np.zeros((1, 20_000, 4), "float32")))
        np.testing.assert_allclose(outputs[0], reference(20_000, 4), atol=1e-7)
        assert layer.weights == []

    @pytest.mark.parametrize("jit_compile", [False, True])
    def test_is_exact_where_the_length_is_known_only_at_run_time(self, jit_compile):
        inputs = keras.Input((None, 4))
        model = keras.Model(inputs, SinusoidalPositionalEncoding()(inputs))
        model.compile(jit_compile=jit_compile and keras.backend.backend() != "torch")
        for length in (3, 70_000):
            zeros = np.zeros((1, length, 4), "float32")
            outputs = model.predict(zeros, verbose=0)[0]
            np.testing.assert_allclose(outputs, reference(length, 4), atol=1e-6)

    @pytest.mark.parametrize("dtype", ["mixed_float16", "mixed_bfloat16", "bfloat16"])
    def test_low_precision_rounds_the_encoding_only_once(self, dtype):
        compute_dtype = keras.DTypePolicy(dtype).compute_dtype
        outputs = SinusoidalPositionalEncoding(dtype=dtype)(np.zeros((1, 5000, 4)))
        assert keras.backend.standardize_dtype(outputs.dtype) == compute_dtype
        expected = ops.cast(reference(5000, 4).astype("float32"), compute_dtype)
        np.testing.assert_array_equal(to_numpy(outputs)[0], to_numpy(expected))

    def test_agrees_with_keras_hub(self, keras_hub):
        x = random(2, 50, 8)
        theirs = keras_hub.layers.SinePositionEncoding(max_wavelength=500)
        mine = SinusoidalPositionalEncoding(max_wavelength=500)
        expected = x + to_numpy(theirs(x))
        np.testing.assert_allclose(to_numpy(mine(x)), expected, atol=1e-5)

    def test_bad_max_wavelength_is_refused(self):
        with pytest.raises(ValueError, match="Received: max_wavelength=0"):
            SinusoidalPositionalEncoding(max_wavelength=0)


class TestLearnedPositionalEncoding:
    @pytest.mark.parametrize("length", [0, 1, 4, 6])
    @pytest.mark.parametrize("leading", [(), (3,), (2, 3)])
    def test_adds_the_first_rows_of_the_table(self, length, leading):
        layer = LearnedPositionalEncoding(max_length=6)
        x = random(*leading, length, 8)
        outputs = to_numpy(layer(x))
        (table,) = layer.get_weights()
        assert table.shape == (6, 8)
        assert np.abs(table).max() > 0
        np.testing.assert_allclose(outputs, x + table[:length], atol=1e-6)

    def test_table_gets_the_sum_of_the_gradients_of_its_row(self):
        # d/dtable[p] of mean((x + table - y)^2) is 2 mean_over_batch(x + table - y) / D
        x, y = random(3, 4, 5), random(3, 4, 5, seed=1)
        model = keras.Sequential([LearnedPositionalEncoding(max_length=6)])
        model.compile(keras.optimizers.SGD(1.0), "mse")
        model.build(x.shape)
        (before,) = model.get_weights()
        model.fit(x, y, batch_size=3, verbose=0)
        (after,) = model.get_weights()
        residual = x + before[:4] - y
        gradient = np.zeros_like(before)
        gradient[:4] = 2 * residual.sum(axis=0) / residual.size
        np.testing.assert_allclose(before - after, gradient, atol=1e-6)
        np.testing.assert_array_equal(after[4:], before[4:])

    def test_initializer(self):
        layer = LearnedPositionalEncoding(max_length=3, initializer="ones")
        outputs = to_numpy(layer(np.zeros((1, 2, 4))))
        np.testing.assert_array_equal(outputs, np.ones((1, 2, 4)))

    def test_longer_sequence_is_refused_when_the_model_is_made(self):
        layer = LearnedPositionalEncoding(max_length=6)
        with pytest.raises(ValueError, match="Received: length=7, max_length=6"):
            layer(keras.Input((7, 4)))

    def test_longer_sequence_is_refused_by_a_model_of_any_length(self):
        inputs = keras.Input((None, 4))
        model = keras.Model(inputs, LearnedPositionalEncoding(max_length=6)(inputs))
        model(np.zeros((1, 6, 4)))
        with pytest.raises(ValueError, match="Received: length=7, max_length=6"):
            model(np.zeros((1, 7, 4)))

    @pytest.mark.parametrize("max_length", [1, 6])
    @pytest.mark.parametrize("jit_compile", [False, True])
    def test_longer_sequence_is_refused_in_a_compiled_model(
        self, max_length, jit_compile
    ):
        inputs = keras.Input((None, 4))
        layer = LearnedPositionalEncoding(max_length)
        model = keras.Model(inputs, layer(inputs))
        jit_compile = jit_compile and keras.backend.backend() != "torch"
        model.compile("sgd", "mse", jit_compile=jit_compile)
        fits, too_long = (np.zeros((2, max_length + n, 4)) for n in (0, 3))
        model.fit(fits, fits, verbose=0)
        with pytest.raises(Exception, match=f"max_length(=|_){max_length}"):
            model.fit(too_long, too_long, verbose=0)

    @pytest.mark.parametrize("max_length", [0, -3])
    def test_bad_max_length_is_refused(self, max_length):
        with pytest.raises(ValueError, match=f"Received: max_length={max_length}"):
            LearnedPositionalEncoding(max_length)


class TestBothLayers:
    def test_output_shape(self, make_layer):
        assert make_layer().compute_output_shape((None, 5, 4)) == (None, 5, 4)
        assert make_layer()(keras.Input((None, 4))).shape == (None, None, 4)

    def test_mask_passes_through(self, make_layer):
        embedding = keras.layers.Embedding(9, 4, mask_zero=True)
        outputs = make_layer()(embedding(np.array([[1, 2, 0], [3, 0, 0]])))
        expected = [[True, True, False], [True, False, False]]
        mask = keras.src.backend.get_keras_mask(outputs)
        np.testing.assert_array_equal(ops.convert_to_numpy(mask), expected)

    @pytest.mark.parametrize("dtype", ["mixed_float16", "mixed_bfloat16", "float64"])
    def test_dtype_policy(self, make_layer, dtype):
        if keras.backend.backend() == "jax" and dtype == "float64":
            pytest.skip("JAX has no float64 unless it is switched on")
        layer = make_layer(dtype=dtype)
        policy = keras.DTypePolicy(dtype)
        outputs = layer(random(2, 5, 4))
        assert keras.backend.standardize_dtype(outputs.dtype) == policy.compute_dtype
        assert all(w.dtype == policy.variable_dtype for w in layer.weights)
        assert keras.DTypePolicy(dtype) == layer.dtype_policy

    def test_save_and_load_inside_a_subclassed_model(self, make_layer, tmp_path):
        @keras.saving.register_keras_serializable(package="test_positional_encoding")
        class Parent(keras.Model):
            def __init__(self, position, **kwargs):
                super().__init__(**kwargs)
                self.position = position

            def build(self, input_shape):
                self.position.build(input_shape)
                self.built = True

            def call(self, inputs):
                return self.position(inputs)

            def get_config(self):
                position = keras.saving.serialize_keras_object(self.position)
                return {**super().get_config(), "position": position}

            @classmethod
            def from_config(cls, config):
                position = keras.saving.deserialize_keras_object(config["position"])
                return cls(position)

        model, x = Parent(make_layer(name="place")), random(2, 5, 4)
        outputs = to_numpy(model(x))
        model.save(tmp_path / "model.keras")
        loaded = keras.saving.load_model(tmp_path / "model.keras")
        np.testing.assert_array_equal(to_numpy(loaded(x)), outputs)
        assert loaded.position.get_config() == model.position.get_config()

    def test_config_round_trip(self, make_layer):
        layer = make_layer(name="place", dtype="mixed_float16", trainable=False)
        copy = type(layer).from_config(layer.get_config())
        assert copy.get_config() == layer.get_config()
        assert copy.trainable is False

    @pytest.mark.parametrize("jit_compile", [False, True])
    def test_compiled_model_equals_eager_one(self, make_layer, jit_compile):
        inputs = keras.Input((None, 4))
        model = keras.Model(inputs, make_layer()(inputs))
        model.compile(jit_compile=jit_compile and keras.backend.backend() != "torch")
        for length in (3, 6):
            x = random(2, length, 4)
            compiled = model.predict(x, verbose=0)
            np.testing.assert_allclose(compiled, to_numpy(model(x)), atol=1e-6)

    @pytest.mark.parametrize("shape", [(4,), (2, 5, None)])
    def test_wrong_rank_or_unknown_depth_is_refused(self, make_layer, shape):
        with pytest.raises(ValueError, match=r"needs inputs of shape.*Received"):
            make_layer().build(shape)
