import keras
import numpy as np
import pytest
from keras import ops

from whiteboard.fundamentals import value_and_gradients
from whiteboard.generative import MinibatchDiscrimination, minibatch_similarities


def random(*shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape).astype("float32")


def reference(projections):
    """The formula of the paper, one pair of samples at a time, divided by B."""
    batch, kernels, _ = projections.shape
    similarities = np.zeros((batch, kernels))
    for i in range(batch):
        for j in range(batch):
            for b in range(kernels):
                distance = np.abs(projections[i, b] - projections[j, b]).sum()
                similarities[i, b] += np.exp(-distance) / batch
    return similarities


class TestMinibatchSimilarities:
    @pytest.mark.parametrize("shape", [(1, 1, 1), (5, 3, 2), (4, 1, 6)])
    def test_is_the_formula(self, shape):
        projections = random(*shape)
        result = ops.convert_to_numpy(minibatch_similarities(projections))
        np.testing.assert_allclose(result, reference(projections), atol=1e-6)

    def test_gradient_is_that_of_the_formula(self):
        projections = random(4, 2, 3)
        _, (gradient,) = value_and_gradients(
            lambda x: ops.sum(minibatch_similarities(x)), projections
        )
        step = 1e-5
        for index in np.ndindex(projections.shape):
            up, down = projections.astype("float64"), projections.astype("float64")
            up[index] += step
            down[index] -= step
            slope = (reference(up).sum() - reference(down).sum()) / (2 * step)
            assert gradient[index] == pytest.approx(slope, abs=1e-4)

    def test_equal_rows_give_one_and_distant_rows_one_over_batch(self):
        equal = minibatch_similarities(np.ones((5, 3, 2), "float32"))
        np.testing.assert_allclose(ops.convert_to_numpy(equal), 1.0)
        distant = minibatch_similarities(
            100 * np.arange(5, dtype="float32").reshape(5, 1, 1)
        )
        np.testing.assert_allclose(ops.convert_to_numpy(distant), 0.2)

    def test_a_batch_twice_over_changes_nothing(self):
        projections = random(4, 2, 3)
        once = ops.convert_to_numpy(minibatch_similarities(projections))
        twice = minibatch_similarities(np.concatenate([projections, projections]))
        np.testing.assert_allclose(ops.convert_to_numpy(twice)[:4], once, atol=1e-6)


class TestMinibatchDiscrimination:
    def test_appends_the_similarities_of_the_projections(self):
        layer, x = MinibatchDiscrimination(num_kernels=3, kernel_dim=2), random(5, 4)
        outputs = ops.convert_to_numpy(layer(x))
        (kernel,) = layer.get_weights()
        np.testing.assert_array_equal(outputs[:, :4], x)
        expected = reference((x @ kernel).reshape(5, 3, 2))
        np.testing.assert_allclose(outputs[:, 4:], expected, atol=1e-6)

    def test_a_batch_of_one_row_is_sound(self):
        outputs = ops.convert_to_numpy(MinibatchDiscrimination(3)(random(1, 4)))
        np.testing.assert_allclose(outputs[:, 4:], 1.0)

    def test_kernel_initializer(self):
        layer = MinibatchDiscrimination(3, kernel_initializer="zeros")
        outputs = ops.convert_to_numpy(layer(random(5, 4)))
        np.testing.assert_allclose(outputs[:, 4:], 1.0)

    def test_nan_in_one_row_is_seen_in_all(self):
        x = random(3, 4)
        x[1, 2] = np.nan
        assert np.isnan(ops.convert_to_numpy(MinibatchDiscrimination(2)(x))[0]).any()

    @pytest.mark.parametrize("name", ["num_kernels", "kernel_dim"])
    @pytest.mark.parametrize("value", [0, -2])
    def test_bad_numbers_are_refused(self, name, value):
        arguments = {"num_kernels": 3, name: value}
        with pytest.raises(ValueError, match=f"{name} must be positive.*{value}"):
            MinibatchDiscrimination(**arguments)

    @pytest.mark.parametrize("shape", [(5, 4, 3), (4,), (None, None)])
    def test_wrong_rank_is_refused(self, shape):
        with pytest.raises(ValueError, match="needs inputs of shape.*Received"):
            MinibatchDiscrimination(3).build(shape)


def test_the_discriminator_learns_to_tell_a_batch_without_variety():
    keras.utils.set_random_seed(3)
    inputs = keras.Input((2,))
    x = MinibatchDiscrimination(num_kernels=4, kernel_dim=2)(inputs)
    model = keras.Model(inputs, keras.layers.Dense(1)(x))
    varied, spot = random(64, 2), random(1, 2, seed=1)
    batches = [varied, np.repeat(spot, 64, axis=0)]

    def gap():
        real, fake = (ops.convert_to_numpy(model(batch)) for batch in batches)
        return real.mean() - fake.mean()

    before = gap()
    loss = keras.losses.BinaryCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(0.05), loss)
    for _ in range(30):
        for label, batch in zip([1, 0], batches, strict=True):
            model.train_on_batch(batch, np.full((64, 1), label))
    assert gap() > before + 1
