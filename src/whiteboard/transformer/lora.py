"""Low-rank adaptation (LoRA): fine-tune a matrix by a product of two thin ones."""

import keras
from keras import ops

from whiteboard.fundamentals import require_positive

# Shapes: ... leading axes (batch, tokens), I inputs, O outputs, r rank.


def low_rank_update(a, b, alpha):
    r"""Compute what LoRA adds to a kernel.

    $$\Delta W = \frac{\alpha}{r} A B$$

    Source: Hu et al., "LoRA: Low-Rank Adaptation of Large Language Models", 2021,
    section 4.1, which writes the transpose, $BA$: Keras multiplies kernels from the
    right.

    Args:
        a: A tensor `(I, r)`.
        b: A tensor `(r, O)`.
        alpha: The scale's numerator, a number.

    Returns:
        A tensor `(I, O)`, of rank r at most.
    """
    return (alpha / a.shape[1]) * ops.matmul(a, b)


@keras.saving.register_keras_serializable(package="whiteboard")
class LoRADense(keras.layers.Layer):
    r"""A dense layer with a frozen kernel and a trainable low-rank update.

    $$\mathbf{y} = \phi\left(\mathbf{x} W + \frac{\alpha}{r} (\mathbf{x} A) B
    + \mathbf{b}\right)$$

    A is drawn, B starts at zero: at first the layer computes what the frozen one did.
    Only A and B are trained, r (I + O) numbers instead of I O.

    Source: Hu et al., "LoRA: Low-Rank Adaptation of Large Language Models", 2021.

    Args:
        units: Number of outputs O.
        rank: r.
        alpha: Numerator of the scale. `None` means r, a scale of 1, as
            `keras.layers.Dense.enable_lora` has it.
        activation: As in `keras.layers.Dense`.
        use_bias: Whether there is a bias; it is frozen too.
        **kwargs: Passed to `keras.layers.Layer`.

    Call arguments:
        inputs: A tensor `(..., I)`.

    Returns:
        A tensor `(..., O)`.

    Raises:
        ValueError: If a number is not positive, or I is not known.

    Examples:
        >>> dense = keras.layers.Dense(64)
        >>> dense.build((None, 32))
        >>> adapted = LoRADense.from_dense(dense, rank=4, alpha=8)
        >>> [tuple(weight.shape) for weight in adapted.trainable_weights]
        [(32, 4), (4, 64)]
    """

    def __init__(
        self, units, rank, alpha=None, activation=None, use_bias=True, **kwargs
    ):
        super().__init__(**kwargs)
        alpha = rank if alpha is None else alpha
        require_positive(units=units, rank=rank, alpha=alpha)
        self.units = units
        self.rank = rank
        self.alpha = alpha
        self.activation = keras.activations.get(activation)
        self.use_bias = use_bias
        self.supports_masking = True

    @classmethod
    def from_dense(cls, dense, rank, alpha=None):
        """Make the layer from a built `keras.layers.Dense`, with its weights."""
        if not isinstance(dense, keras.layers.Dense) or not dense.built:
            raise ValueError(f"dense must be a built Dense layer. Received: {dense}")
        layer = cls(
            dense.units,
            rank,
            alpha,
            activation=dense.activation,
            use_bias=dense.use_bias,
            dtype=dense.dtype_policy,
        )
        layer.build((None, dense.kernel.shape[0]))
        layer.kernel.assign(ops.copy(dense.kernel))
        if dense.use_bias:
            layer.bias.assign(ops.copy(dense.bias))
        return layer

    def build(self, input_shape):
        features = input_shape[-1]
        if features is None:
            raise ValueError(
                "LoRADense needs inputs with a known last axis. "
                f"Received: input_shape={tuple(input_shape)}"
            )
        shape, frozen = (features, self.units), {"trainable": False}
        self.kernel = self.add_weight(shape, "glorot_uniform", name="kernel", **frozen)
        if self.use_bias:
            self.bias = self.add_weight((self.units,), "zeros", name="bias", **frozen)
        self.lora_a = self.add_weight((features, self.rank), "he_uniform", name="a")
        self.lora_b = self.add_weight((self.rank, self.units), "zeros", name="b")

    def call(self, inputs):
        outputs = ops.matmul(inputs, self.kernel)  # (..., O)
        update = ops.matmul(ops.matmul(inputs, self.lora_a), self.lora_b)
        outputs = outputs + (self.alpha / self.rank) * update
        if self.use_bias:
            outputs = outputs + self.bias
        return self.activation(outputs)

    def merge(self):
        """Make a `keras.layers.Dense` with the update added to its kernel.

        It computes the same in one matrix product, so LoRA adds no latency.
        """
        dense = keras.layers.Dense(
            self.units,
            activation=self.activation,
            use_bias=self.use_bias,
            dtype=self.dtype_policy,
        )
        dense.build((None, self.kernel.shape[0]))
        update = low_rank_update(self.lora_a.value, self.lora_b.value, self.alpha)
        dense.kernel.assign(self.kernel.value + update)
        if self.use_bias:
            dense.bias.assign(ops.copy(self.bias))
        return dense

    def compute_output_shape(self, input_shape):
        return (*input_shape[:-1], self.units)

    def get_config(self):
        return {
            **super().get_config(),
            "units": self.units,
            "rank": self.rank,
            "alpha": self.alpha,
            "activation": keras.activations.serialize(self.activation),
            "use_bias": self.use_bias,
        }
