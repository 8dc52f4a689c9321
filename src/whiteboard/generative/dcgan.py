"""The convolutional generator and discriminator by the rules of DCGAN."""

import keras
from keras import layers

from whiteboard.fundamentals import require_positive

# Shapes: B batch, Z latent size, S image size, C channels.

STRIDED = {"kernel_size": 4, "strides": 2, "padding": "same"}


def dcgan_generator(
    latent_size,
    image_size=8,
    channels=1,
    width=32,
    stages=2,
    batch_normalization=True,
):
    """Latents `(B, Z)` to images `(B, S, S, C)` in [-1, 1].

    A projection to a small, deep grid, then transposed convolutions that double its
    size and halve its channels; ReLU inside, tanh at the end, and batch normalization
    everywhere but at the output. The kernel of 4 is a multiple of the stride of 2, so
    that every pixel is a sum of equally many products and no checkerboard is built in.

    Source: Radford et al., "Unsupervised Representation Learning with Deep
    Convolutional Generative Adversarial Networks", 2016.

    Args:
        latent_size: Z.
        image_size: S, a multiple of `2**stages`.
        channels: C.
        width: Channels before the output; a stage earlier there are twice as many.
        stages: How often the grid doubles.
        batch_normalization: Whether to normalize after each hidden layer.

    Returns:
        A `keras.Model`.

    Raises:
        ValueError: If a number is not positive or the stages do not fit the image.

    Examples:
        >>> dcgan_generator(16).output_shape
        (None, 8, 8, 1)
    """
    require_positive(latent_size=latent_size, channels=channels, width=width)
    grid = _smallest_grid(image_size, stages)
    model = keras.Sequential([keras.Input((latent_size,))], name="generator")
    depth = width * 2 ** (stages - 1)
    model.add(_linear(layers.Dense, grid * grid * depth, bias=not batch_normalization))
    model.add(layers.Reshape((grid, grid, depth)))
    for stage in range(stages):
        if batch_normalization:
            model.add(layers.BatchNormalization(momentum=0.9))
        model.add(layers.ReLU())
        is_last = stage == stages - 1
        filters = channels if is_last else depth // 2 ** (stage + 1)
        bias = is_last or not batch_normalization
        model.add(_linear(layers.Conv2DTranspose, filters, bias=bias, **STRIDED))
    model.add(layers.Activation("tanh"))
    return model


def dcgan_discriminator(
    image_size=8, channels=1, width=32, stages=2, batch_normalization=True
):
    """Images `(B, S, S, C)` to logits `(B, 1)`.

    Strided convolutions that halve the size and double the channels, with leaky ReLUs
    and no pooling; batch normalization everywhere but at the input. A critic with a
    gradient penalty must do without it: the penalty is on each image's own gradient,
    and batch normalization makes an output depend on the whole batch.

    Source: Radford et al. 2016, as `dcgan_generator`.

    Args:
        image_size: S, a multiple of `2**stages`.
        channels: C.
        width: Channels after the first convolution.
        stages: How often the grid is halved.
        batch_normalization: Whether to normalize after each hidden layer but the first.

    Returns:
        A `keras.Model`.

    Raises:
        ValueError: If a number is not positive or the stages do not fit the image.

    Examples:
        >>> dcgan_discriminator().output_shape
        (None, 1)
    """
    require_positive(channels=channels, width=width)
    _smallest_grid(image_size, stages)
    image = keras.Input((image_size, image_size, channels))
    model = keras.Sequential([image], name="discriminator")
    for stage in range(stages):
        normalize = batch_normalization and stage > 0
        filters = width * 2**stage
        model.add(_linear(layers.Conv2D, filters, bias=not normalize, **STRIDED))
        if normalize:
            model.add(layers.BatchNormalization(momentum=0.9))
        model.add(layers.LeakyReLU(negative_slope=0.2))
    model.add(layers.Flatten())
    model.add(_linear(layers.Dense, 1, bias=True))
    return model


def _linear(layer, units, bias, **kwargs):
    initializer = keras.initializers.RandomNormal(stddev=0.02)  # one each, or equal
    return layer(units, use_bias=bias, kernel_initializer=initializer, **kwargs)


def _smallest_grid(image_size, stages):
    require_positive(image_size=image_size, stages=stages)
    if image_size % 2**stages:
        raise ValueError(
            "image_size must be a multiple of 2**stages. "
            f"Received: image_size={image_size}, stages={stages}"
        )
    return image_size // 2**stages
