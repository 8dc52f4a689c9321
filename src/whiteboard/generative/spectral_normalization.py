"""Layers whose matrix is divided by its largest singular value."""

import keras
from keras import ops

from whiteboard.fundamentals import require_positive

# Shapes: n inputs of the matrix (all axes of the kernel but the last), m outputs.


def spectral_norm(matrix, u, iterations=1):
    r"""Estimate the largest singular value of a matrix by power iteration.

    $$v \leftarrow \frac{W u}{\|W u\|}, \quad
    u \leftarrow \frac{W^\top v}{\|W^\top v\|}, \quad \sigma = v^\top W u$$

    In the gradient u and v are constants: $\partial \sigma / \partial W = v u^\top$.

    Source: Miyato et al., "Spectral Normalization for Generative Adversarial Networks",
    2018, section 2.1.

    Args:
        matrix: `(n, m)`.
        u: `(m,)`, where the iteration starts: any vector that is not orthogonal to the
            first right singular vector.
        iterations: Number of iterations.

    Returns:
        The estimate, never above the true value, and the new `u`.

    Examples:
        >>> spectral_norm(np.diag([3.0, 1.0]), np.ones(2), iterations=5)
        (3.0, [1.0, 0.0])
    """
    matrix = ops.convert_to_tensor(matrix)
    constant = ops.stop_gradient(matrix)
    for _ in range(iterations):
        v = ops.normalize(ops.matmul(constant, u))  # (n,)
        u = ops.normalize(ops.matmul(v, constant))  # (m,)
    return ops.sum(v * ops.matmul(matrix, u)), u


@keras.saving.register_keras_serializable(package="whiteboard")
class SpectralNormalization(keras.layers.Wrapper):
    r"""Use a layer with the kernel $W / \sigma(W)$, whose spectral norm is 1.

    W itself is the weight that is trained, and the gradient flows through sigma. One
    power iteration a training call is enough, because `u` is kept and W moves slowly.
    The kernel is read as a matrix whose columns are its last axis. For a dense layer its
    spectral norm is the layer's Lipschitz constant; for a convolution it is not
    (Sedghi et al. 2019). `keras.layers.SpectralNormalization` instead overwrites the
    weight with W / sigma in each training call.

    Source: Miyato et al. 2018, algorithm 1.

    Args:
        layer: A layer with a `kernel` (as `Dense` and the convolutions) or with
            `embeddings`. A copy of it, with weights of its own, is wrapped.
        power_iterations: Iterations of each call.
        **kwargs: As for any layer; `dtype` is the layer's unless given.

    Call arguments:
        inputs: What the layer takes.
        training: Whether `u` is kept for the next call.

    Raises:
        TypeError: If `layer` is not a layer.
        ValueError: If it has no kernel, or `power_iterations` is not positive.

    Examples:
        >>> SpectralNormalization(keras.layers.Dense(64))(np.zeros((2, 32))).shape
        (2, 64)
    """

    def __init__(self, layer, power_iterations=1, **kwargs):
        if not isinstance(layer, keras.layers.Layer):
            raise TypeError(f"layer must be a Keras layer. Received: layer={layer}")
        require_positive(power_iterations=power_iterations)
        kwargs = {"dtype": layer.dtype_policy, **kwargs}
        copied = {**layer.get_config(), "dtype": kwargs["dtype"]}
        super().__init__(type(layer).from_config(copied), **kwargs)
        self.power_iterations = power_iterations

    def build(self, input_shape):
        super().build(input_shape)
        self.u = self.add_weight(
            shape=(self.kernel.shape[-1],),
            initializer="random_normal",
            dtype="float32",
            autocast=False,
            trainable=False,
            name="u",
        )

    @property
    def kernel(self):
        """The weight W that is trained."""
        for name in ("kernel", "embeddings"):
            if hasattr(self.layer, name):
                return getattr(self.layer, name)
        raise ValueError(
            f"layer must have a kernel or embeddings. Received: layer={self.layer}"
        )

    def call(self, inputs, training=False):
        kernel = ops.cast(self.kernel, "float32")
        matrix = ops.reshape(kernel, (-1, kernel.shape[-1]))  # (n, m)
        sigma, u = spectral_norm(matrix, self.u.value, self.power_iterations)
        if training:
            self.u.assign(ops.where(sigma > 0, u, self.u.value))
        normalized = kernel / ops.where(sigma > 0, sigma, 1.0)

        def value(weight):
            return normalized if weight is self.kernel else weight.value

        outputs, _ = self.layer.stateless_call(
            [value(weight) for weight in self.layer.trainable_variables],
            [value(weight) for weight in self.layer.non_trainable_variables],
            inputs,
        )
        return outputs

    def compute_output_shape(self, input_shape):
        return self.layer.compute_output_shape(input_shape)

    def get_config(self):
        return {**super().get_config(), "power_iterations": self.power_iterations}
