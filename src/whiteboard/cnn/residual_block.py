"""Residual blocks: a stack of layers whose output is added to its own input."""

import keras
from keras import ops

from whiteboard.fundamentals import require_positive

SHORTCUTS = ("projection", "zero_padding", None)

# Shapes: B images, H rows, W columns, C channels in, F channels out, S strides.


def zero_padding_shortcut(x, filters, strides=1):
    """Carry `x` past a block without parameters: the identity where the shapes agree.

    Otherwise every S-th pixel is kept and the new channels are zeros: option A of
    He et al. 2015, section 3.3.

    Args:
        x: `(B, H, W, C)`.
        filters: F, the channels of the result, at least C.
        strides: S, the distance between the pixels that are kept.

    Returns:
        A tensor `(B, ceil(H / S), ceil(W / S), F)`.

    Raises:
        ValueError: If `filters` is below C.

    Examples:
        >>> zero_padding_shortcut(keras.ops.ones((2, 8, 8, 16)), 32, strides=2).shape
        (2, 4, 4, 32)
    """
    _require_room(filters, x.shape[-1])
    x = x[:, ::strides, ::strides]  # (B, H/S, W/S, C)
    return ops.pad(x, [[0, 0], [0, 0], [0, 0], [0, filters - x.shape[-1]]])


@keras.saving.register_keras_serializable(package="whiteboard")
class ResidualBlock(keras.layers.Layer):
    r"""Add the input to what the layers make of it, then apply a ReLU.

    $$\mathbf{y} = \mathrm{relu}(s(\mathbf{x}) + F(\mathbf{x})), \quad
    F = \mathrm{BN} \circ W_2 \circ \mathrm{relu} \circ \mathrm{BN} \circ W_1$$

    He et al. 2015, figures 2 and 5. The shortcut $s$ is the identity wherever the shapes
    agree. The first convolution has the stride; in a bottleneck torchvision strides the
    3 x 3 one ("v1.5").

    Args:
        filters: F; a bottleneck puts out 4 F channels.
        strides: S.
        bottleneck: Convolutions 1 x 1, 3 x 3, 1 x 1 instead of two 3 x 3.
        shortcut: s where the shapes differ: `"projection"`, a 1 x 1 convolution
            (option B), or `"zero_padding"` (option A). None removes s everywhere: the
            plain block.
        zero_init_residual: Start at F = 0: the last gamma is zero (Goyal et al. 2017).
        **kwargs: Passed to `keras.layers.Layer`.

    Call arguments:
        inputs: A tensor of shape `(B, H, W, C)`.
        training: Whether batch normalization uses the statistics of the batch.

    Returns:
        A tensor of shape `(B, ceil(H / S), ceil(W / S), F)`.

    Raises:
        ValueError: If `filters` or `strides` is not positive, `shortcut` is unknown, a
            plain block is to start at zero, the inputs are not images, or zero padding
            would have to remove channels.

    Examples:
        >>> ResidualBlock(32, strides=2)(keras.ops.ones((2, 8, 8, 16))).shape
        (2, 4, 4, 32)
    """

    def __init__(
        self,
        filters,
        strides=1,
        bottleneck=False,
        shortcut="projection",
        zero_init_residual=False,
        **kwargs,
    ):
        super().__init__(**kwargs)
        require_positive(filters=filters, strides=strides)
        if shortcut not in SHORTCUTS:
            raise ValueError(
                f"shortcut must be one of {SHORTCUTS}. Received: shortcut={shortcut!r}"
            )
        if zero_init_residual and shortcut is None:
            raise ValueError(
                "zero_init_residual needs a shortcut: without one the block is zero. "
                "Received: shortcut=None, zero_init_residual=True"
            )
        self.filters = filters
        self.strides = strides
        self.bottleneck = bottleneck
        self.shortcut = shortcut
        self.zero_init_residual = zero_init_residual
        if bottleneck:
            layout = [(filters, 1, strides), (filters, 3, 1), (4 * filters, 1, 1)]
        else:
            layout = [(filters, 3, strides), (filters, 3, 1)]
        self.output_filters = layout[-1][0]
        self.convolutions = [self._convolution(*shape) for shape in layout]
        self.norms = [self._norm() for _ in layout]
        self.projection = None
        if zero_init_residual:
            self._start_at_zero()

    def build(self, input_shape):
        if len(input_shape) != 4 or input_shape[-1] is None:
            raise ValueError(
                f"{type(self).__name__} needs inputs of shape (batch, rows, columns, "
                f"channels) with known channels. Received: input_shape={input_shape}"
            )
        shape = input_shape
        for layer in self._branch():
            layer.build(shape)
            shape = layer.compute_output_shape(shape)
        if self.shortcut == "zero_padding":
            _require_room(self.output_filters, input_shape[-1])
        has_new_shape = self.strides > 1 or self.output_filters != input_shape[-1]
        if self.shortcut == "projection" and has_new_shape:
            self._build_projection(input_shape)
        self.built = True

    def call(self, inputs, training=None):
        h = inputs
        for i, convolution in enumerate(self.convolutions):
            h = convolution(ops.relu(h) if i else h)
            h = self.norms[i](h, training=training)
        if self.projection is not None:
            h = h + self.projection_norm(self.projection(inputs), training=training)
        elif self.shortcut is not None:
            h = h + zero_padding_shortcut(inputs, self.output_filters, self.strides)
        return ops.relu(h)

    def compute_output_shape(self, input_shape):
        batch, *size, _ = input_shape
        size = [n if n is None else -(-n // self.strides) for n in size]
        return (batch, *size, self.output_filters)

    def get_config(self):
        config = {
            "filters": self.filters,
            "strides": self.strides,
            "bottleneck": self.bottleneck,
            "shortcut": self.shortcut,
            "zero_init_residual": self.zero_init_residual,
        }
        return {**super().get_config(), **config}

    def _branch(self):
        pairs = zip(self.convolutions, self.norms, strict=True)
        return [layer for pair in pairs for layer in pair]

    def _build_projection(self, input_shape):
        self.projection = self._convolution(self.output_filters, 1, self.strides)
        self.projection.build(input_shape)
        self.projection_norm = self._norm()
        self.projection_norm.build(self.compute_output_shape(input_shape))

    def _start_at_zero(self):
        self.norms[-1].gamma_initializer = keras.initializers.Zeros()

    def _convolution(self, filters, kernel_size, strides):
        return keras.layers.Conv2D(
            filters,
            kernel_size,
            strides,
            padding="same",
            use_bias=False,
            kernel_initializer="he_normal",
            data_format="channels_last",
            dtype=self.dtype_policy,
        )

    def _norm(self):
        return keras.layers.BatchNormalization(
            momentum=0.9, epsilon=1e-5, dtype=self.dtype_policy
        )


@keras.saving.register_keras_serializable(package="whiteboard")
class PreActivationBlock(ResidualBlock):
    r"""Normalize and activate before each convolution; leave the sum untouched.

    $$\mathbf{y} = s(\mathbf{x}) + F(\mathbf{x}), \quad
    F = W_2 \circ \mathrm{relu} \circ \mathrm{BN} \circ W_1 \circ \mathrm{relu} \circ
    \mathrm{BN}$$

    "v2", He et al. 2016, figure 1 (b): nothing stands on the path from block to block
    but additions. After the last block the network needs a batch normalization and a
    ReLU. A projection is a convolution of relu(BN(x)) without a normalization.

    Args, call arguments, returns and errors: as for `ResidualBlock`, except that
    `zero_init_residual` sets the last kernel to zero. With a zero gamma before a ReLU no
    gradient would ever reach the branch.

    Examples:
        >>> PreActivationBlock(32, strides=2)(keras.ops.ones((2, 8, 8, 16))).shape
        (2, 4, 4, 32)
    """

    def call(self, inputs, training=None):
        activated = ops.relu(self.norms[0](inputs, training=training))
        h = self.convolutions[0](activated)
        for i, convolution in enumerate(self.convolutions[1:], 1):
            h = convolution(ops.relu(self.norms[i](h, training=training)))
        if self.projection is not None:
            h = h + self.projection(activated)
        elif self.shortcut is not None:
            h = h + zero_padding_shortcut(inputs, self.output_filters, self.strides)
        return h

    def _branch(self):
        pairs = zip(self.norms, self.convolutions, strict=True)
        return [layer for pair in pairs for layer in pair]

    def _build_projection(self, input_shape):
        self.projection = self._convolution(self.output_filters, 1, self.strides)
        self.projection.build(input_shape)

    def _start_at_zero(self):
        self.convolutions[-1].kernel_initializer = keras.initializers.Zeros()


def _require_room(filters, channels):
    if filters < channels:
        raise ValueError(
            "zero padding adds channels and removes none: the block needs at least as "
            f"many as its inputs. Received: {filters} channels out, {channels} in"
        )
