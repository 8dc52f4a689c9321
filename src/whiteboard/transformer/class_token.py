"""A token that belongs to no part of the input, to be read out at the end."""

import keras
from keras import ops


@keras.saving.register_keras_serializable(package="whiteboard")
class ClassToken(keras.layers.Layer):
    """Put one learned vector, the same for every example, before the tokens.

    Devlin et al. 2019 (BERT); Dosovitskiy et al. 2021 (ViT), equation 1.

    Args:
        initializer: Initializer of the vector.
        **kwargs: Passed to `keras.layers.Layer`.

    Call arguments:
        inputs: A tensor of shape `(B, T, D)`.

    Returns:
        A tensor of shape `(B, 1 + T, D)`.

    Raises:
        ValueError: If the inputs do not have three axes with a known last one.

    Examples:
        >>> ClassToken()(keras.ops.zeros((2, 196, 768))).shape
        (2, 197, 768)
    """

    def __init__(self, initializer="zeros", **kwargs):
        super().__init__(**kwargs)
        self.initializer = keras.initializers.get(initializer)

    def build(self, input_shape):
        if len(input_shape) != 3 or input_shape[-1] is None:
            raise ValueError(
                "ClassToken needs inputs of shape (batch, tokens, width) with a known "
                f"width. Received: input_shape={tuple(input_shape)}"
            )
        self.token = self.add_weight(
            (1, 1, input_shape[-1]), self.initializer, name="token"
        )
        self.built = True

    def call(self, inputs):
        batch, _, width = ops.shape(inputs)
        token = ops.broadcast_to(self.token, (batch, 1, width))
        return ops.concatenate([token, inputs], axis=1)  # (B, 1 + T, D)

    def compute_output_shape(self, input_shape):
        batch, length, width = input_shape
        return (batch, None if length is None else 1 + length, width)

    def get_config(self):
        initializer = keras.initializers.serialize(self.initializer)
        return {**super().get_config(), "initializer": initializer}
