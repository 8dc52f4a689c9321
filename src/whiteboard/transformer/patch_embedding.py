"""An image as a sequence of tokens: by one matrix for each patch, or by a small ConvNet."""

import math

import keras
from keras import layers, ops

from whiteboard.fundamentals import require_positive

# Shapes: B batch, (H, W, C) image, P patch_size, T = (H / P) * (W / P) tokens, D width.


class ImageTokens(layers.Layer):
    """What the embeddings share: a stem turns P x P pixels into D numbers."""

    def __init__(self, patch_size, width, **kwargs):
        super().__init__(**kwargs)
        require_positive(patch_size=patch_size, width=width)
        self.patch_size = patch_size
        self.width = width

    def build(self, input_shape):
        self.grid(input_shape)
        self.stem = self.make_stem()
        self.stem.build(input_shape)
        self.built = True

    def call(self, inputs):
        x = self.stem(inputs)  # (B, H / P, W / P, D)
        return ops.reshape(x, (-1, math.prod(x.shape[1:3]), self.width))  # (B, T, D)

    def compute_output_shape(self, input_shape):
        return (input_shape[0], math.prod(self.grid(input_shape)), self.width)

    def grid(self, input_shape):
        """The number of rows and of columns of patches."""
        if len(input_shape) != 4 or None in input_shape[1:]:
            raise ValueError(
                f"{type(self).__name__} needs images of a known shape (batch, height, "
                f"width, channels). Received: input_shape={tuple(input_shape)}"
            )
        height, width = input_shape[1:3]
        if height % self.patch_size or width % self.patch_size:
            raise ValueError(
                "patch_size must divide the height and the width of the image. Received: "
                f"patch_size={self.patch_size}, height={height}, width={width}"
            )
        return height // self.patch_size, width // self.patch_size

    def get_config(self):
        config = {"patch_size": self.patch_size, "width": self.width}
        return {**super().get_config(), **config}


@keras.saving.register_keras_serializable(package="whiteboard")
class PatchEmbedding(ImageTokens):
    r"""Cut an image into patches and map each by the same matrix.

    $$\mathbf{z}_t = \mathbf{x}_t E + \mathbf{b}, \quad
    \mathbf{x}_t \in \mathbb{R}^{P^2 C}, \quad E \in \mathbb{R}^{P^2 C \times D}$$

    That is a convolution whose stride is its kernel size. Dosovitskiy et al. 2021, "An
    Image is Worth 16x16 Words", section 3.1.

    Args:
        patch_size: Side P of a patch in pixels, a divisor of the image's sides.
        width: Size D of a token.
        **kwargs: Passed to `keras.layers.Layer`.

    Call arguments:
        inputs: Images `(B, H, W, C)`.

    Returns:
        Tokens `(B, T, D)`, row by row from the top left.

    Raises:
        ValueError: If an argument is not positive, the shape of the images is unknown,
            or the patch size does not divide it.

    Examples:
        >>> PatchEmbedding(16, 768)(keras.ops.zeros((1, 224, 224, 3))).shape
        (1, 196, 768)
    """

    def make_stem(self):
        return layers.Conv2D(
            self.width,
            kernel_size=self.patch_size,
            strides=self.patch_size,
            data_format="channels_last",
            dtype=self.dtype_policy,
        )


@keras.saving.register_keras_serializable(package="whiteboard")
class ConvolutionalStem(ImageTokens):
    """Make tokens by 3 x 3 convolutions of stride 2, each with batch norm and ReLU.

    Every convolution halves the image; the channels double from one to the next and end
    at the width. A 1 x 1 convolution follows. Xiao et al. 2021, "Early Convolutions Help
    Transformers See Better", section 4 (whose channels do not end at the width).

    Args:
        patch_size: Pixels P from one token to the next, a power of two from 2 on that
            divides the image's sides.
        width: Size D of a token, a multiple of `patch_size / 2`.
        **kwargs: Passed to `keras.layers.Layer`.

    Call arguments:
        inputs: Images `(B, H, W, C)`.

    Returns:
        Tokens `(B, T, D)`, row by row from the top left.

    Raises:
        ValueError: If an argument is not as above, or the shape of the images is
            unknown or not divisible by the patch size.

    Examples:
        >>> ConvolutionalStem(16, 768)(keras.ops.zeros((1, 224, 224, 3))).shape
        (1, 196, 768)
    """

    def __init__(self, patch_size, width, **kwargs):
        super().__init__(patch_size, width, **kwargs)
        if patch_size < 2 or patch_size & (patch_size - 1):
            raise ValueError(
                "patch_size must be a power of two from 2 on. "
                f"Received: patch_size={patch_size}"
            )
        if width % (patch_size // 2):
            raise ValueError(
                "width must be a multiple of half the patch_size. "
                f"Received: width={width}, patch_size={patch_size}"
            )

    def make_stem(self):
        options = {"data_format": "channels_last", "dtype": self.dtype_policy}
        stem, stride = [], 2
        while stride <= self.patch_size:
            channels = self.width * stride // self.patch_size
            stem += [
                layers.Conv2D(
                    channels, 3, 2, padding="same", use_bias=False, **options
                ),
                layers.BatchNormalization(dtype=self.dtype_policy),
                layers.ReLU(dtype=self.dtype_policy),
            ]
            stride *= 2
        stem.append(layers.Conv2D(self.width, kernel_size=1, **options))
        return keras.Sequential(stem)
