"""The Vision Transformer: an encoder over the patches of an image."""

import keras
from keras import layers

from whiteboard.cnn import image_input, softmax_classifier
from whiteboard.fundamentals import LayerNormalization
from whiteboard.transformer.class_token import ClassToken
from whiteboard.transformer.encoder_block import EncoderBlock
from whiteboard.transformer.positional_encoding import LearnedPositionalEncoding


def VisionTransformer(
    input_shape, embedding, num_layers, num_heads, mlp_dim, classes, pooling="token"
):
    """Build a Vision Transformer; ViT-B/16 at 224 x 224 has 86,567,656 parameters.

    Dosovitskiy et al. 2021, "An Image is Worth 16x16 Words", section 3.1. Positions are
    learned, one vector for each token; `interpolate_positions` carries them over to a
    model of another image size.

    Args:
        input_shape: `(height, width, channels)`, all known.
        embedding: The layer from images to tokens `(B, T, D)`: a `PatchEmbedding` or a
            `ConvolutionalStem`.
        num_layers: Number of encoder blocks.
        num_heads: Number of heads of each block, a divisor of D.
        mlp_dim: Number of hidden units of each block's MLP.
        classes: The number of classes.
        pooling: What the classifier reads: `"token"`, a class token; `"mean"`, the mean
            of all tokens.

    Returns:
        A `keras.Model` from images `(N, *input_shape)` to probabilities `(N, classes)`,
        with the layers "tokens", "class_token", "positions", "block1" and on, "norm".

    Raises:
        ValueError: If a number is not positive, `num_heads` does not divide D, the patch
            size does not divide the image, or `pooling` is unknown.

    Examples:
        >>> patches = PatchEmbedding(patch_size=16, width=768)
        >>> VisionTransformer((224, 224, 3), patches, 12, 12, 3072, 1000).count_params()
        86567656
    """
    if num_layers < 1:
        raise ValueError(
            f"num_layers must be positive. Received: num_layers={num_layers}"
        )
    if pooling not in ("token", "mean"):
        raise ValueError(f"pooling must be token or mean. Received: pooling={pooling}")
    inputs = image_input(input_shape, min_size=1, any_size=False)
    x = embedding(inputs)  # (B, T, D)
    if pooling == "token":
        x = ClassToken(name="class_token")(x)  # (B, 1 + T, D)
    normal = keras.initializers.RandomNormal(stddev=0.02)
    x = LearnedPositionalEncoding(x.shape[1], normal, name="positions")(x)
    for i in range(1, num_layers + 1):
        x = EncoderBlock(num_heads, mlp_dim, name=f"block{i}")(x)
    x = LayerNormalization(epsilon=1e-6, name="norm")(x)
    x = x[:, 0] if pooling == "token" else layers.GlobalAveragePooling1D(name="pool")(x)
    return keras.Model(
        inputs, softmax_classifier(x, classes), name="vision_transformer"
    )
