"""A style-based generator in small: mapping network, styles for each layer, noise."""

import keras
from keras import layers, ops

from whiteboard.fundamentals import require_positive, rms_normalize
from whiteboard.generative.style_layers import (
    AdaptiveInstanceNormalization,
    NoiseInjection,
)

# Shapes: B batch, Z latent size, L layers that take a style, S image size.


@keras.saving.register_keras_serializable(package="whiteboard")
class StyleGenerator(keras.Model):
    r"""Images from a learned constant, with a style and noise at each layer.

    $$\mathbf{z} \to \mathbf{w} = f(\mathbf{z}), \qquad
    x_{l+1} = \mathrm{AdaIN}(\phi(\mathrm{conv}(x_l) + \mathrm{noise}), A_l \mathbf{w})$$

    The latent is no input of the first layer; that one is a constant of size 4. Two
    layers take a style at each size, and sizes double.

    Source: Karras et al., "A Style-Based Generator Architecture for Generative
    Adversarial Networks", 2019, figure 1b; without progressive growing, equalized
    learning rates, blur and the mixing regularization.

    Args:
        latent_size: Z, the size of a latent and of a style.
        image_size: S, 4 times a power of 2.
        channels: Channels of the image.
        width: Channels of the feature maps.
        mapping_layers: Layers of the mapping network.
        seed: Seed of the noise.
        **kwargs: Passed to `keras.Model`.

    Raises:
        ValueError: If a size is not positive, or the image size is not 4 times a
            power of 2.

    Examples:
        >>> generator = StyleGenerator(latent_size=16, image_size=8)
        >>> styles = generator.styles(keras.random.normal((2, 16)))
        >>> styles.shape, generator.synthesize(styles).shape
        ((2, 4, 16), (2, 8, 8, 1))
    """

    def __init__(
        self,
        latent_size,
        image_size=8,
        channels=1,
        width=32,
        mapping_layers=4,
        seed=None,
        **kwargs,
    ):
        super().__init__(**kwargs)
        self.sizes = {
            "latent_size": latent_size,
            "image_size": image_size,
            "channels": channels,
            "width": width,
            "mapping_layers": mapping_layers,
        }
        require_positive(**self.sizes)
        resolutions = [4]
        while resolutions[-1] < image_size:
            resolutions.append(2 * resolutions[-1])
        if resolutions[-1] != image_size:
            raise ValueError(
                "image_size must be 4 times a power of 2. "
                f"Received: image_size={image_size}"
            )
        self.grids = [size for size in resolutions for _ in range(2)]  # L of them
        self.seed = seed
        self.seed_generator = keras.random.SeedGenerator(seed)
        layer = {"dtype": self.dtype_policy}
        self.mapping = [
            layers.Dense(latent_size, "leaky_relu", **layer)
            for _ in range(mapping_layers)
        ]
        self.convolutions = [
            layers.Conv2D(width, 3, padding="same", **layer) for _ in self.grids[1:]
        ]
        self.noises = [NoiseInjection(**layer) for _ in self.grids]
        self.norms = [AdaptiveInstanceNormalization(**layer) for _ in self.grids]
        self.to_image = layers.Conv2D(channels, 1, activation="tanh", **layer)
        self.build((None, latent_size))

    def build(self, input_shape):
        maps = (None, None, None, self.sizes["width"])
        normal = keras.initializers.RandomNormal(stddev=1.0)
        self.constant = self.add_weight((4, 4, maps[-1]), normal, name="constant")
        for layer in self.mapping:
            layer.build(input_shape)
        for layer in (*self.convolutions, self.to_image):
            layer.build(maps)
        for noise, norm in zip(self.noises, self.norms, strict=True):
            noise.build(maps, (*maps[:-1], 1))
            norm.build(maps, input_shape)
        self.built = True

    @property
    def input_shape(self):
        return (None, self.sizes["latent_size"])

    def call(self, latents):
        return self.synthesize(self.styles(latents))

    def styles(self, latents):
        """Map latents `(B, Z)` to the same style for each layer, `(B, L, Z)`."""
        w = rms_normalize(latents, axes=-1)
        for layer in self.mapping:
            w = layer(w)
        return ops.repeat(ops.expand_dims(w, 1), len(self.grids), axis=1)

    def noise(self, count):
        """Standard normal noise maps for each layer, new at each call."""
        return [
            keras.random.normal((count, grid, grid, 1), seed=self.seed_generator)
            for grid in self.grids
        ]

    def synthesize(self, styles, noise=None):
        """Make images of styles.

        Args:
            styles: `(B, L, Z)`, from coarse layers to fine; they need not be equal.
            noise: L maps as `noise` makes them, to use the same ones again.

        Returns:
            Images `(B, S, S, C)` in [-1, 1].
        """
        count = ops.shape(styles)[0]
        noise = self.noise(count) if noise is None else noise
        constant = ops.cast(self.constant, self.compute_dtype)
        x = ops.broadcast_to(constant, (count, *constant.shape))
        for i, grid in enumerate(self.grids):
            if grid > x.shape[1]:
                x = ops.repeat(ops.repeat(x, 2, axis=1), 2, axis=2)
            if i > 0:
                x = self.convolutions[i - 1](x)
            x = ops.leaky_relu(self.noises[i](x, noise[i]))
            x = self.norms[i](x, styles[:, i])
        return self.to_image(x)

    def get_config(self):
        return {**super().get_config(), **self.sizes, "seed": self.seed}


def mix_styles(coarse, fine, crossover):
    """Take the first layers' styles from one, the others' from another.

    Source: Karras et al. 2019, section 3.1.

    Args:
        coarse: Styles `(B, L, Z)`.
        fine: Styles of the same shape.
        crossover: Number of layers that follow `coarse`, 0 to L.

    Returns:
        Styles `(B, L, Z)`.

    Raises:
        ValueError: If the crossover is out of range.

    Examples:
        >>> mix_styles(generator.styles(z1), generator.styles(z2), crossover=2)
    """
    if not 0 <= crossover <= coarse.shape[1]:
        raise ValueError(
            f"crossover must be 0 to {coarse.shape[1]}. Received: crossover={crossover}"
        )
    return ops.concatenate([coarse[:, :crossover], fine[:, crossover:]], axis=1)
