import keras
import numpy as np
import pytest
from keras import ops

from whiteboard.fundamentals import value_and_gradients
from whiteboard.generative import SpectralNormalization, spectral_norm


def random(*shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape).astype("float32")


def to_numpy(x):
    return ops.convert_to_numpy(x)


def largest_singular_value(matrix):
    return np.linalg.svd(matrix.reshape(-1, matrix.shape[-1]), compute_uv=False)[0]


class TestSpectralNorm:
    @pytest.mark.parametrize("shape", [(5, 3), (3, 5), (1, 4), (4, 1), (1, 1)])
    def test_is_the_largest_singular_value(self, shape):
        matrix = random(*shape)
        sigma, u = spectral_norm(matrix, random(shape[1], seed=1), iterations=100)
        assert float(sigma) == pytest.approx(largest_singular_value(matrix), rel=1e-4)
        assert np.linalg.norm(to_numpy(u)) == pytest.approx(1, abs=1e-5)

    def test_comes_from_below(self):
        matrix, u = random(30, 20), random(20, seed=1)
        sigmas = [float(spectral_norm(matrix, u, n)[0]) for n in (1, 3, 10, 100)]
        assert sigmas == sorted(sigmas)
        assert sigmas[-1] <= largest_singular_value(matrix) * (1 + 1e-5)

    def test_gradient_is_the_outer_product_of_the_singular_vectors(self):
        matrix, u = random(6, 4), random(4, seed=1)
        _, (gradient,) = value_and_gradients(
            lambda w: spectral_norm(w, u, iterations=100)[0], matrix
        )
        left, _, right = np.linalg.svd(matrix)
        np.testing.assert_allclose(gradient, np.outer(left[:, 0], right[0]), atol=1e-4)

    def test_zero_matrix_has_the_norm_zero(self):
        sigma, u = spectral_norm(np.zeros((3, 2), "float32"), random(2))
        assert float(sigma) == 0 and np.isfinite(to_numpy(u)).all()


class TestSpectralNormalization:
    @pytest.mark.parametrize(
        ("layer", "inputs"),
        [
            (keras.layers.Dense(5, "tanh"), random(2, 7)),
            (keras.layers.Conv2D(5, 3), random(2, 6, 6, 3)),
            (keras.layers.Embedding(9, 4), np.array([[1, 8, 3]])),
        ],
        ids=lambda value: type(value).__name__,
    )
    def test_is_the_layer_with_the_kernel_over_its_norm(self, layer, inputs):
        wrapped = SpectralNormalization(layer, power_iterations=100)
        wrapped(inputs)
        kernel, *others = [to_numpy(w) for w in wrapped.layer.weights]
        plain = type(layer).from_config(layer.get_config())
        plain(inputs)
        plain.set_weights([kernel / largest_singular_value(kernel), *others])
        np.testing.assert_allclose(
            to_numpy(wrapped(inputs)), to_numpy(plain(inputs)), atol=1e-4
        )

    def test_agrees_with_pytorch_forward_and_backward(self):
        torch = pytest.importorskip("torch")
        x, target = random(4, 7), random(4, 5, seed=1)
        layer = SpectralNormalization(
            keras.layers.Dense(5, use_bias=False), power_iterations=100
        )
        layer(x)
        (kernel,) = [to_numpy(w) for w in layer.layer.weights]
        reference = torch.nn.Linear(7, 5, bias=False, device="cpu")
        reference.weight.data = torch.tensor(kernel.T.copy())
        torch.nn.utils.parametrizations.spectral_norm(reference)
        for _ in range(100):
            output = reference(torch.tensor(x))
        output.backward(torch.tensor(target))
        np.testing.assert_allclose(
            to_numpy(layer(x)), output.detach().numpy(), atol=1e-4
        )

        def loss(w):
            outputs, _ = layer.stateless_call([w], [layer.u.value], x)
            return ops.sum(ops.multiply(outputs, target))

        _, (gradient,) = value_and_gradients(loss, kernel)
        expected = reference.parametrizations.weight.original.grad.numpy().T
        np.testing.assert_allclose(gradient, expected, atol=1e-4)

    def test_only_training_moves_u_and_nothing_moves_the_kernel(self):
        layer, x = SpectralNormalization(keras.layers.Dense(5)), random(2, 7)
        layer(x)
        kernel, u = to_numpy(layer.kernel), to_numpy(layer.u)
        layer(x, training=False)
        np.testing.assert_array_equal(to_numpy(layer.u), u)
        layer(x, training=True)
        assert not np.allclose(to_numpy(layer.u), u)
        np.testing.assert_array_equal(to_numpy(layer.kernel), kernel)

    def test_scale_of_the_kernel_does_not_matter(self):
        layer, x = SpectralNormalization(keras.layers.Dense(5)), random(2, 7)
        before = to_numpy(layer(x))
        layer.kernel.assign(100 * layer.kernel)
        np.testing.assert_allclose(to_numpy(layer(x)), before, rtol=1e-4, atol=1e-6)

    def test_frozen_layer_stays_normalized(self):
        layer, x = SpectralNormalization(keras.layers.Dense(5)), random(2, 7)
        before = to_numpy(layer(x))
        layer.trainable = False
        np.testing.assert_allclose(to_numpy(layer(x)), before, atol=1e-6)

    def test_zero_kernel_gives_zeros_and_can_recover(self):
        zeros = keras.layers.Dense(5, kernel_initializer="zeros")
        layer, x = SpectralNormalization(zeros, power_iterations=100), random(2, 7)
        assert not to_numpy(layer(x, training=True)).any()
        kernel = random(7, 5)
        layer.kernel.assign(kernel)
        expected = x @ kernel / largest_singular_value(kernel)
        np.testing.assert_allclose(to_numpy(layer(x)), expected, atol=1e-4)

    def test_keeps_up_in_fit_with_one_iteration_a_step(self):
        keras.utils.set_random_seed(2)
        wrapped = SpectralNormalization(keras.layers.Dense(16, use_bias=False))
        model = keras.Sequential([wrapped, keras.layers.Dense(1)])
        model.compile(keras.optimizers.Adam(0.01), "mse")
        x = random(512, 8)
        model.fit(x, x[:, :1] * x[:, 1:2], batch_size=16, epochs=10, verbose=0)
        used = to_numpy(wrapped(np.eye(8, dtype="float32")))
        assert largest_singular_value(used) == pytest.approx(1, abs=0.02)

    def test_wraps_a_copy(self):
        layer = keras.layers.Dense(5)
        SpectralNormalization(layer)(random(2, 7))
        assert not layer.built


class TestBadInput:
    def test_no_layer(self):
        with pytest.raises(TypeError, match="layer must be a Keras layer"):
            SpectralNormalization("dense")

    def test_no_kernel(self):
        with pytest.raises(ValueError, match="layer must have a kernel or embeddings"):
            SpectralNormalization(keras.layers.ReLU())(random(2, 7))

    @pytest.mark.parametrize("iterations", [0, -1])
    def test_no_iterations(self, iterations):
        with pytest.raises(ValueError, match="power_iterations must be positive"):
            SpectralNormalization(keras.layers.Dense(5), power_iterations=iterations)
