import keras
import numpy as np
import pytest
from keras import ops

from whiteboard.fundamentals import value_and_gradients
from whiteboard.transformer import LoRADense, low_rank_update


def random(*shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape).astype("float32")


def to_numpy(x):
    return ops.convert_to_numpy(x)


def built_dense(units=5, features=7, **kwargs):
    dense = keras.layers.Dense(units, **kwargs)
    dense.build((None, features))
    dense.set_weights([random(*w.shape, seed=9) for w in dense.weights])
    return dense


def adapted(dense, rank=2, alpha=6):
    layer = LoRADense.from_dense(dense, rank, alpha)
    layer.lora_a.assign(random(*layer.lora_a.shape, seed=1))
    layer.lora_b.assign(random(*layer.lora_b.shape, seed=2))
    return layer


@pytest.mark.parametrize("shape", [(7,), (3, 7), (2, 3, 7)])
def test_at_first_it_computes_what_the_dense_layer_does(shape):
    dense, x = built_dense(activation="tanh"), random(2, *shape)
    layer = LoRADense.from_dense(dense, rank=3, alpha=12)
    np.testing.assert_allclose(to_numpy(layer(x)), to_numpy(dense(x)), atol=1e-6)


def test_is_the_formula():
    layer, x = adapted(built_dense()), random(4, 7)
    a, b = to_numpy(layer.lora_a), to_numpy(layer.lora_b)
    expected = x @ (to_numpy(layer.kernel) + 6 / 2 * a @ b) + to_numpy(layer.bias)
    np.testing.assert_allclose(to_numpy(layer(x)), expected, atol=1e-5)
    np.testing.assert_allclose(
        to_numpy(low_rank_update(a, b, alpha=6)), 3 * a @ b, atol=1e-5
    )


def with_keras(layer, dense, rank, alpha):
    dense.enable_lora(rank, lora_alpha=alpha)
    dense.lora_kernel_a.assign(layer.lora_a)
    dense.lora_kernel_b.assign(layer.lora_b)


@pytest.mark.parametrize(("rank", "alpha"), [(2, None), (3, 12), (2, 0.5)])
@pytest.mark.parametrize("use_bias", [False, True])
def test_agrees_with_keras(rank, alpha, use_bias):
    dense, x = built_dense(use_bias=use_bias, activation="gelu"), random(4, 7)
    layer = adapted(dense, rank, alpha)
    with_keras(layer, dense, rank, alpha)
    np.testing.assert_allclose(to_numpy(layer(x)), to_numpy(dense(x)), atol=1e-5)


def test_gradients_agree_with_keras():
    dense, x, weights = built_dense(activation="tanh"), random(4, 7), random(4, 5)
    layer = adapted(dense, 2, 6)
    with_keras(layer, dense, 2, 6)

    def gradients(module, names):
        pairs = [getattr(module, name) for name in names]

        def loss(*values):
            mapping = zip(pairs, values, strict=True)
            with keras.StatelessScope(state_mapping=mapping):
                return ops.sum(ops.multiply(weights, module(x)))

        return value_and_gradients(loss, *[to_numpy(pair) for pair in pairs])[1]

    ours = gradients(layer, ["lora_a", "lora_b"])
    theirs = gradients(dense, ["lora_kernel_a", "lora_kernel_b"])
    for one, other in zip(ours, theirs, strict=True):
        assert np.abs(one).max() > 0.1
        np.testing.assert_allclose(one, other, atol=1e-5, rtol=1e-5)


def test_only_the_two_thin_matrices_are_trained():
    layer = adapted(built_dense())
    model = keras.Sequential([layer])
    model.compile(keras.optimizers.SGD(0.1), "mse")
    before = [to_numpy(w) for w in (layer.kernel, layer.bias)]
    a, b = to_numpy(layer.lora_a), to_numpy(layer.lora_b)
    model.fit(random(8, 7), random(8, 5), verbose=0)
    assert [w.name for w in layer.trainable_weights] == ["a", "b"]
    for weight, value in zip((layer.kernel, layer.bias), before, strict=True):
        np.testing.assert_array_equal(to_numpy(weight), value)
    assert np.abs(to_numpy(layer.lora_a) - a).max() > 1e-4
    assert np.abs(to_numpy(layer.lora_b) - b).max() > 1e-4


def test_training_leaves_the_layers_it_came_from_and_merged_to():
    dense, x = built_dense(), random(8, 7)
    layer = adapted(dense)
    before = to_numpy(dense(x))
    merged = layer.merge()
    expected = to_numpy(merged(x))
    model = keras.Sequential([layer])
    model.compile("sgd", "mse")
    model.fit(x, random(8, 5), verbose=0)  # JAX gives the weights' buffers away
    np.testing.assert_array_equal(to_numpy(dense(x)), before)
    np.testing.assert_array_equal(to_numpy(merged(x)), expected)


@pytest.mark.parametrize("use_bias", [False, True])
def test_merged_layer_is_a_dense_layer_that_computes_the_same(use_bias):
    layer = adapted(built_dense(use_bias=use_bias, activation="relu"))
    merged, x = layer.merge(), random(4, 7)
    assert type(merged) is keras.layers.Dense
    np.testing.assert_allclose(to_numpy(merged(x)), to_numpy(layer(x)), atol=1e-5)
    assert len(merged.trainable_weights) == 1 + use_bias


def test_saved_and_loaded(tmp_path):
    model, x = (
        keras.Sequential([keras.Input((7,)), adapted(built_dense())]),
        random(4, 7),
    )
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(to_numpy(loaded(x)), to_numpy(model(x)))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"units": 0}, "units must be positive. Received: units=0"),
        ({"rank": 0}, "rank must be positive. Received: rank=0"),
        ({"rank": -1}, "rank must be positive. Received: rank=-1"),
        ({"alpha": 0}, "alpha must be positive. Received: alpha=0"),
        ({"alpha": np.nan}, "alpha must be positive"),
    ],
)
def test_bad_number_is_refused(change, message):
    with pytest.raises(ValueError, match=message):
        LoRADense(**{"units": 3, "rank": 2, **change})


@pytest.mark.parametrize(
    "dense", [keras.layers.Dense(3), keras.layers.LayerNormalization(), None]
)
def test_what_is_no_built_dense_layer_is_refused(dense):
    with pytest.raises(ValueError, match="dense must be a built Dense layer"):
        LoRADense.from_dense(dense, rank=2)


def test_unknown_features_are_refused():
    with pytest.raises(ValueError, match="known last axis"):
        LoRADense(3, rank=2).build((2, None))
