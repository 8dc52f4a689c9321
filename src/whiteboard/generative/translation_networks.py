"""The networks of image-to-image translation: a U-Net and a discriminator of patches."""

import keras
from keras import layers

from whiteboard.fundamentals import require_positive

# Shapes: B batch, H height, W width, C channels.


def patch_discriminator(image_shape, filters=(64, 128, 256, 512), conditional=True):
    """Judge each patch of an image: convolutions only, one logit for each position.

    Kernels of 4; strides of 2 but for the last two layers; leaky ReLUs. Without the
    paper's batch normalization, which small batches do not need.

    Source: Isola et al. 2017, section 2.2.2 and appendix. Its 70 x 70 PatchGAN has the
    default filters.

    Args:
        image_shape: `(H, W, C)`; H and W may be None.
        filters: Filters of the hidden layers.
        conditional: Whether it sees the pair `[x, y]`, or one image alone.

    Returns:
        A `keras.Model` to logits `(B, H', W', 1)`.

    Raises:
        ValueError: If there is no hidden layer.

    Examples:
        >>> patch_discriminator((256, 256, 3)).output_shape
        (None, 32, 32, 1)
    """
    if not filters:
        raise ValueError(f"filters must not be empty. Received: filters={filters}")
    require_positive(**{"min(filters)": min(filters)})
    inputs = [keras.Input(image_shape) for _ in range(2 if conditional else 1)]
    x = layers.Concatenate()(inputs) if conditional else inputs[0]
    for i, count in enumerate(filters, start=1):
        strides = 1 if i == len(filters) else 2
        x = layers.Conv2D(count, 4, strides, padding="same")(x)
        x = layers.LeakyReLU(negative_slope=0.2)(x)
    x = layers.Conv2D(1, 4, padding="same")(x)
    return keras.Model(inputs if conditional else inputs[0], x, name="discriminator")


def unet_generator(image_shape, filters=(32, 64), activation="tanh"):
    """Translate an image by way of a small grid, with a skip at each size.

    Down by strided convolutions, up by transposed ones; each step up also sees what
    the step down of its size made, so detail need not pass the narrowest grid.

    Source: Ronneberger et al., "U-Net", 2015, as used by Isola et al. 2017; without
    normalization and dropout.

    Args:
        image_shape: `(H, W, C)`, H and W multiples of `2**len(filters)`.
        filters: Filters of the steps down; the steps up have them in reverse.
        activation: Activation of the output: "tanh" for images in [-1, 1].

    Returns:
        A `keras.Model` from `(B, H, W, C)` to the same shape.

    Raises:
        ValueError: If the steps do not fit the image.

    Examples:
        >>> unet_generator((8, 8, 1)).output_shape
        (None, 8, 8, 1)
    """
    height, width, channels = image_shape
    if not filters or height % 2 ** len(filters) or width % 2 ** len(filters):
        raise ValueError(
            "height and width must be multiples of 2**len(filters), of one step or "
            f"more. Received: image_shape={image_shape}, filters={filters}"
        )
    x = inputs = keras.Input(image_shape)
    halving = {"kernel_size": 4, "strides": 2, "padding": "same"}
    skips = []
    for count in filters:
        skips.append(x)
        x = layers.Conv2D(count, **halving)(x)
        x = layers.LeakyReLU(negative_slope=0.2)(x)
    for level in reversed(range(len(filters))):
        x = layers.Conv2DTranspose(filters[max(level - 1, 0)], **halving)(x)
        x = layers.ReLU()(x)
        x = layers.Concatenate()([x, skips[level]])
    x = layers.Conv2D(channels, 3, padding="same", activation=activation)(x)
    return keras.Model(inputs, x, name="generator")
