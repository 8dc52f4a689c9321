"""Features that tell the discriminator how close a sample is to its own batch."""

import keras
from keras import ops

from whiteboard.fundamentals import require_positive

# Shapes: B batch, F features, K kernels, C dimensions of a kernel.


def minibatch_similarities(projections):
    r"""How close each row is to the others of the batch, for each kernel.

    $$o_{ib} = \frac{1}{B} \sum_j \exp(-\lVert M_{ib} - M_{jb} \rVert_1)$$

    1 in a batch of equal rows, 1/B in a batch of rows far apart. Salimans et al. sum; the
    mean keeps the scale when the batch grows.

    Source: Salimans et al., "Improved Techniques for Training GANs", 2016, section 3.2.

    Args:
        projections: Tensor `(B, K, C)`.

    Returns:
        Tensor `(B, K)`, each number in (0, 1].
    """
    differences = ops.expand_dims(projections, 1) - ops.expand_dims(projections, 0)
    distances = ops.sum(ops.abs(differences), axis=-1)  # (B, B, K)
    return ops.mean(ops.exp(-distances), axis=1)


@keras.saving.register_keras_serializable(package="whiteboard")
class MinibatchDiscrimination(keras.layers.Layer):
    """Append to each row how close it is to the other rows of its batch.

    A discriminator with this layer must be given real and generated samples in separate
    batches: the features tell a batch without variety, not a bad sample.

    Source: Salimans et al., "Improved Techniques for Training GANs", 2016, section 3.2.

    Args:
        num_kernels: K, the number of features to append.
        kernel_dim: C, the number of dimensions in which a kernel measures distance.
        kernel_initializer: Initializer of the projection `(F, K * C)`.
        **kwargs: Passed to `keras.layers.Layer`.

    Inputs `(B, F)`, outputs `(B, F + K)`.

    Raises:
        ValueError: If a number is not positive, or the inputs are not of rank 2.

    Examples:
        >>> MinibatchDiscrimination(num_kernels=16)(keras.ops.ones((256, 64))).shape
        (256, 80)
    """

    def __init__(
        self, num_kernels, kernel_dim=4, kernel_initializer="glorot_uniform", **kwargs
    ):
        super().__init__(**kwargs)
        require_positive(num_kernels=num_kernels, kernel_dim=kernel_dim)
        self.num_kernels = num_kernels
        self.kernel_dim = kernel_dim
        self.kernel_initializer = keras.initializers.get(kernel_initializer)

    def build(self, input_shape):
        if len(input_shape) != 2 or input_shape[-1] is None:
            raise ValueError(
                "MinibatchDiscrimination needs inputs of shape (B, F). "
                f"Received: input_shape={input_shape}"
            )
        self.kernel = self.add_weight(
            shape=(input_shape[-1], self.num_kernels * self.kernel_dim),
            initializer=self.kernel_initializer,
            name="kernel",
        )

    def call(self, inputs):
        projections = ops.matmul(inputs, self.kernel)
        projections = ops.reshape(projections, (-1, self.num_kernels, self.kernel_dim))
        return ops.concatenate([inputs, minibatch_similarities(projections)], axis=-1)

    def compute_output_shape(self, input_shape):
        return (*input_shape[:-1], input_shape[-1] + self.num_kernels)

    def get_config(self):
        initializer = keras.initializers.serialize(self.kernel_initializer)
        return {
            **super().get_config(),
            "num_kernels": self.num_kernels,
            "kernel_dim": self.kernel_dim,
            "kernel_initializer": initializer,
        }
