import keras
import numpy as np
import pytest
from keras import ops
from keras.src.initializers.random_initializers import compute_fans

from whiteboard import fundamentals
from whiteboard.fundamentals import Orthogonal, VarianceScaling, fans

PRESETS = [
    "GlorotNormal",
    "GlorotUniform",
    "HeNormal",
    "HeUniform",
    "LecunNormal",
    "LecunUniform",
]
SHAPES = [(40, 60), (3, 3, 8, 16), (5, 8, 2), (50,), ()]


def to_numpy(tensor):
    return ops.convert_to_numpy(tensor)


@pytest.mark.parametrize("shape", [*SHAPES, (1, 1), (2, 3, 4, 5, 6), (0, 4)])
def test_fans_are_those_of_keras(shape):
    assert fans(shape) == compute_fans(shape)


@pytest.mark.parametrize("name", PRESETS)
@pytest.mark.parametrize("shape", SHAPES)
def test_presets_draw_what_keras_draws(name, shape):
    mine = getattr(fundamentals, name)(seed=7)(shape)
    expected = getattr(keras.initializers, name)(seed=7)(shape)
    np.testing.assert_array_equal(to_numpy(mine), to_numpy(expected))


@pytest.mark.parametrize("mode", VarianceScaling.MODES)
@pytest.mark.parametrize("distribution", VarianceScaling.DISTRIBUTIONS)
def test_variance_scaling_draws_what_keras_draws(mode, distribution):
    arguments = {"scale": 0.3, "mode": mode, "distribution": distribution, "seed": 3}
    mine = to_numpy(VarianceScaling(**arguments)((300, 500)))
    expected = to_numpy(keras.initializers.VarianceScaling(**arguments)((300, 500)))
    np.testing.assert_array_equal(mine, expected)
    n = {"fan_in": 300, "fan_out": 500, "fan_avg": 400}[mode]
    assert mine.var() == pytest.approx(0.3 / n, rel=0.02)
    assert abs(mine.mean()) < 4 * np.sqrt(0.3 / n / mine.size)
    largest = {"truncated_normal": 2.2737, "uniform": np.sqrt(3)}
    if distribution in largest:
        limit = largest[distribution] * np.sqrt(0.3 / n)
        assert 0.99 * limit < np.abs(mine).max() <= limit * (1 + 1e-6)


@pytest.mark.parametrize("shape", [(6, 6), (6, 4), (4, 6), (3, 3, 2, 8)])
def test_orthogonal_draws_what_keras_draws(shape):
    mine = to_numpy(Orthogonal(2.0, seed=7)(shape))
    expected = to_numpy(keras.initializers.Orthogonal(2.0, seed=7)(shape))
    np.testing.assert_allclose(mine, expected, atol=1e-6)
    singular_values = np.linalg.svd(mine.reshape(-1, shape[-1]), compute_uv=False)
    np.testing.assert_allclose(singular_values, 2, rtol=1e-5)


@pytest.mark.parametrize("name", [*PRESETS, "VarianceScaling", "Orthogonal"])
class TestAll:
    def make(self, name, **kwargs):
        return getattr(fundamentals, name)(**kwargs)

    def test_an_integer_seed_draws_the_same_again(self, name):
        initializer = self.make(name, seed=7)
        first, second = (to_numpy(initializer((4, 4))) for _ in range(2))
        np.testing.assert_array_equal(first, second)
        assert np.abs(to_numpy(self.make(name, seed=8)((4, 4))) - first).max() > 0

    def test_a_seed_generator_draws_anew(self, name):
        initializer = self.make(name, seed=keras.random.SeedGenerator(7))
        first, second = (to_numpy(initializer((4, 4))) for _ in range(2))
        assert np.abs(first - second).max() > 0

    def test_no_seed_follows_the_global_one(self, name):
        drawn = []
        for seed in (7, 7, 8):
            keras.utils.set_random_seed(seed)
            drawn.append([to_numpy(self.make(name)((4, 4))) for _ in range(2)])
        np.testing.assert_array_equal(drawn[0], drawn[1])
        assert np.abs(drawn[0][0] - drawn[2][0]).max() > 0
        assert np.abs(drawn[0][0] - drawn[0][1]).max() > 0

    def test_no_seed_draws_what_keras_draws(self, name):
        drawn = []
        for home in (fundamentals, keras.initializers):
            keras.utils.set_random_seed(7)
            drawn.append(to_numpy(getattr(home, name)()((4, 4))))
        np.testing.assert_allclose(*drawn, atol=1e-6)
        initializer = self.make(name)
        assert initializer.get_config()["seed"] is None
        assert to_numpy(initializer.clone()((4, 4))).shape == (4, 4)

    def test_config_round_trip(self, name):
        for seed in (7, keras.random.SeedGenerator(7)):
            initializer = self.make(name, seed=seed)
            config = keras.saving.serialize_keras_object(initializer)
            copy = keras.saving.deserialize_keras_object(config)
            assert type(copy) is type(initializer)
            expected = to_numpy(initializer((4, 4)))
            np.testing.assert_array_equal(to_numpy(copy((4, 4))), expected)

    def test_a_layer_with_it_saves_and_loads(self, name, tmp_path):
        layer = keras.layers.Dense(3, kernel_initializer=self.make(name, seed=7))
        model = keras.Sequential([keras.Input((4,)), layer])
        model.save(tmp_path / "model.keras")
        loaded = keras.saving.load_model(tmp_path / "model.keras")
        initializer = loaded.layers[0].kernel_initializer
        assert type(initializer).__name__ == name
        kernel = to_numpy(loaded.layers[0].kernel)
        np.testing.assert_array_equal(kernel, to_numpy(initializer((4, 3))))

    def test_dtype(self, name):
        if name == "Orthogonal":
            pytest.skip("no QR factorization in half precision, as in Keras")
        drawn = self.make(name, seed=7)((4, 4), dtype="float16")
        assert keras.backend.standardize_dtype(drawn.dtype) == "float16"


@pytest.mark.parametrize(
    "make, message",
    [
        (lambda: VarianceScaling(scale=0), "scale must be positive.*scale=0"),
        (lambda: VarianceScaling(scale=float("nan")), "scale=nan"),
        (lambda: VarianceScaling(mode="fan"), "mode must be one of.*mode=fan"),
        (lambda: VarianceScaling(distribution="cauchy"), "distribution=cauchy"),
        (lambda: Orthogonal(gain=-1.0), "gain must be positive.*gain=-1.0"),
        (lambda: Orthogonal()((3,)), r"at least two axes.*shape=\(3,\)"),
    ],
)
def test_bad_input_is_refused(make, message):
    with pytest.raises(ValueError, match=message):
        make()
