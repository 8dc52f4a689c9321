import keras
import numpy as np
import pytest
from keras import ops
from normalization_parity import both, check_gradients, random, to_numpy

from whiteboard.fundamentals import BatchNormalization

SHAPES = [(16, 4), (8, 5, 4), (4, 5, 6, 3), (2, 3, 3, 3, 2), (1, 4)]


class TestParity:
    @pytest.mark.parametrize("shape", SHAPES)
    @pytest.mark.parametrize("training", [True, False])
    def test_outputs(self, shape, training):
        mine, builtin = both(BatchNormalization, shape, epsilon=1e-2)
        outputs = [
            to_numpy(f(random(*shape), training=training)) for f in (mine, builtin)
        ]
        np.testing.assert_allclose(*outputs, atol=1e-5)

    @pytest.mark.parametrize("momentum", [0.99, 0.5, 0.0, 1.0])
    def test_moving_averages_step_by_step(self, momentum):
        mine, builtin = both(BatchNormalization, (8, 5, 4), momentum=momentum)
        for step in range(5):
            for layer in (mine, builtin):
                layer(random(8, 5, 4, seed=step), training=True)
            for weights in zip(mine.get_weights(), builtin.get_weights(), strict=True):
                np.testing.assert_allclose(*weights, rtol=1e-5)

    @pytest.mark.parametrize("training", [True, False])
    def test_gradients(self, training):
        check_gradients(both(BatchNormalization, (16, 4)), (16, 4), training)

    @pytest.mark.parametrize("training", [True, False])
    def test_mask(self, training):
        mine, builtin = both(BatchNormalization, (6, 5, 4))
        mask = np.random.default_rng(3).random((6, 5)) < 0.5
        x = random(6, 5, 4)
        outputs = [
            to_numpy(f(x, training=training, mask=mask)) for f in (mine, builtin)
        ]
        np.testing.assert_allclose(*outputs, atol=1e-4)
        for weights in zip(mine.get_weights(), builtin.get_weights(), strict=True):
            np.testing.assert_allclose(*weights, rtol=1e-4)

    @pytest.mark.parametrize("policy", ["mixed_float16", "mixed_bfloat16"])
    def test_mixed_precision(self, policy):
        mine, builtin = both(BatchNormalization, (32, 4), dtype=policy)
        x = 300 * random(32, 4)  # x^2 overflows float16
        outputs = [f(x, training=True) for f in (mine, builtin)]
        compute_dtype = policy.removeprefix("mixed_")
        assert keras.backend.standardize_dtype(outputs[0].dtype) == compute_dtype
        outputs = [to_numpy(ops.cast(y, "float32")) for y in outputs]
        assert np.isfinite(outputs[0]).all()
        np.testing.assert_allclose(*outputs, rtol=1e-2, atol=1e-2)
        for weights in zip(mine.get_weights(), builtin.get_weights(), strict=True):
            np.testing.assert_allclose(*weights, rtol=1e-4)

    def test_fit(self):
        x, y = random(64, 6), random(64, 4, seed=1)
        weights = []
        for norm in both(BatchNormalization, (16, 4)):
            keras.utils.set_random_seed(2)
            model = keras.Sequential([keras.Input((6,)), keras.layers.Dense(4), norm])
            model.compile(keras.optimizers.SGD(0.1), "mse")
            model.fit(x, y, batch_size=16, epochs=2, shuffle=False, verbose=0)
            weights.append(model.get_weights())
        for pair in zip(*weights, strict=True):
            np.testing.assert_allclose(*pair, atol=1e-4)


class TestModes:
    def test_inference_leaves_the_moving_averages(self):
        layer, _ = both(BatchNormalization, (8, 4))
        before = layer.get_weights()
        layer(random(8, 4))
        for pair in zip(before, layer.get_weights(), strict=True):
            np.testing.assert_array_equal(*pair)

    def test_a_frozen_layer_is_in_inference_mode(self):
        layer, _ = both(BatchNormalization, (8, 4))
        x, before = random(8, 4), layer.get_weights()
        expected = to_numpy(layer(x, training=False))
        layer.trainable = False
        np.testing.assert_array_equal(to_numpy(layer(x, training=True)), expected)
        for pair in zip(before, layer.get_weights(), strict=True):
            np.testing.assert_array_equal(*pair)

    def test_training_normalizes_each_channel(self):
        layer = BatchNormalization(epsilon=0.0)
        y = to_numpy(layer(random(8, 5, 5, 3), training=True))
        np.testing.assert_allclose(y.mean(axis=(0, 1, 2)), 0, atol=1e-5)
        np.testing.assert_allclose(y.var(axis=(0, 1, 2)), 1, atol=1e-4)

    def test_one_row_becomes_beta_in_training(self):
        layer, _ = both(BatchNormalization, (1, 4))
        y = to_numpy(layer(random(1, 4), training=True))
        np.testing.assert_allclose(y[0], layer.get_weights()[1], atol=1e-6)

    def test_weights(self):
        layer = BatchNormalization()
        layer.build((None, 64))
        names = ["gamma", "beta", "moving_mean", "moving_variance"]
        assert [weight.name for weight in layer.weights] == names
        assert layer.count_params() == 256
        assert [w.name for w in layer.trainable_weights] == names[:2]

    def test_nan_shows(self):
        layer, x = BatchNormalization(), random(8, 4)
        x[2, 1] = np.nan
        y = to_numpy(layer(x, training=True))
        bad = [False, True, False, False]
        np.testing.assert_array_equal(np.isnan(y).all(axis=0), bad)
        np.testing.assert_array_equal(np.isnan(layer.get_weights()[2]), bad)


class TestBadInput:
    @pytest.mark.parametrize("momentum", [-0.1, 1.1, np.nan])
    def test_momentum(self, momentum):
        with pytest.raises(ValueError, match="between 0 and 1. Received: momentum="):
            BatchNormalization(momentum=momentum)

    def test_epsilon(self):
        with pytest.raises(ValueError, match="Received: epsilon=-0.1"):
            BatchNormalization(epsilon=-0.1)

    @pytest.mark.parametrize("shape", [(4,), (None, None), (2, 3, None)])
    def test_shape(self, shape):
        with pytest.raises(
            ValueError, match="BatchNormalization needs inputs of shape"
        ):
            BatchNormalization().build(shape)

    def test_other_number_of_features(self):
        layer = BatchNormalization()
        layer(random(2, 4))
        with pytest.raises(ValueError, match="axis -1 .* have value 4.*shape .2, 5"):
            layer(random(2, 5))

    def test_mask_of_the_wrong_rank(self):
        with pytest.raises(ValueError, match="mask must have one axis less"):
            BatchNormalization()(random(2, 3, 4), training=True, mask=np.ones(2, bool))

    def test_empty_batch_in_training(self):
        with pytest.raises(ValueError, match="axes must not be empty"):
            BatchNormalization()(np.zeros((0, 4), "float32"), training=True)

    def test_empty_batch_at_inference(self):
        assert BatchNormalization()(np.zeros((0, 4), "float32")).shape == (0, 4)
