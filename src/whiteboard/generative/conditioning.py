"""Two ways by which a network learns what it was asked for."""

import keras
from keras import ops

# Shapes: B batch, ... space or nothing, F features, C size of the condition.


@keras.saving.register_keras_serializable(package="whiteboard")
class ConcatenateCondition(keras.layers.Layer):
    """Append the condition to the features, the same one at each position.

    Source: Mirza and Osindero, "Conditional Generative Adversarial Nets", 2014, for
    vectors; for images the condition becomes constant maps, one for each entry.

    Args:
        **kwargs: Passed to `keras.layers.Layer`.

    Call arguments:
        inputs: Features `(B, ..., F)`.
        condition: `(B, C)`, such as one-hot labels.

    Returns:
        A tensor `(B, ..., F + C)`.

    Raises:
        ValueError: If the condition is not one vector for each example.

    Examples:
        >>> ConcatenateCondition()(ops.ones((2, 8, 8, 1)), ops.ones((2, 10))).shape
        (2, 8, 8, 11)
    """

    def build(self, inputs_shape, condition_shape):
        if len(condition_shape) != 2:
            raise ValueError(
                "condition must have the shape (batch, size). "
                f"Received: condition of shape {condition_shape}"
            )

    def call(self, inputs, condition):
        shape = ops.shape(inputs)
        ones = [1] * (len(shape) - 2)
        condition = ops.reshape(condition, (-1, *ones, condition.shape[-1]))
        condition = ops.broadcast_to(condition, (*shape[:-1], condition.shape[-1]))
        return ops.concatenate([inputs, condition], axis=-1)

    def compute_output_shape(self, inputs_shape, condition_shape):
        return (*inputs_shape[:-1], inputs_shape[-1] + condition_shape[-1])


def concatenate_condition(model, condition_size):
    """Split off a part of a model's input as the condition.

    Args:
        model: Model of inputs `(B, ..., F + C)`: a generator or a discriminator.
        condition_size: C.

    Returns:
        A `keras.Model` of the pair `[inputs (B, ..., F), condition (B, C)]`.

    Raises:
        ValueError: If the model's inputs have no room for the condition.

    Examples:
        >>> generator = concatenate_condition(dcgan_generator(16 + 10), condition_size=10)
        >>> [tensor.shape for tensor in generator.inputs]
        [(None, 16), (None, 10)]
    """
    *space, size = model.input_shape[1:]
    if not 0 < condition_size < size:
        raise ValueError(
            "condition_size must be positive and below the size of the model's inputs, "
            f"{size}. Received: condition_size={condition_size}"
        )
    inputs = keras.Input((*space, size - condition_size))
    condition = keras.Input((condition_size,))
    joined = ConcatenateCondition()(inputs, condition)
    return keras.Model([inputs, condition], model(joined), name=model.name)


@keras.saving.register_keras_serializable(package="whiteboard")
class ProjectionLogits(keras.layers.Layer):
    r"""Logits by a linear score and the product of the features with the condition's.

    $$f(x, y) = \mathbf{v}^\top \phi(x) + b + \mathbf{y}^\top V \phi(x)$$

    Source: Miyato and Koyama, "cGANs with Projection Discriminator", 2018, equation 3.

    Args:
        **kwargs: Passed to `keras.layers.Layer`.

    Call arguments:
        features: $\phi(x)$ of shape `(B, F)`.
        condition: y of shape `(B, C)`, such as one-hot labels.

    Returns:
        Logits `(B, 1)`.

    Examples:
        >>> ProjectionLogits()(ops.ones((2, 64)), ops.ones((2, 10))).shape
        (2, 1)
    """

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.score = keras.layers.Dense(1, dtype=self.dtype_policy)

    def build(self, features_shape, condition_shape):
        self.score.build(features_shape)
        self.embedding = self.add_weight(
            (condition_shape[-1], features_shape[-1]),
            "glorot_uniform",
            name="embedding",
        )

    def call(self, features, condition):
        embedded = ops.matmul(condition, self.embedding)  # (B, F)
        product = ops.sum(embedded * features, axis=-1, keepdims=True)
        return self.score(features) + product

    def compute_output_shape(self, features_shape, condition_shape):
        return (features_shape[0], 1)
