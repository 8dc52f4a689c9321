"""The thin residual networks for CIFAR-10, and their plain twins."""

import keras

from whiteboard.cnn.image_classifier import image_input, softmax_classifier
from whiteboard.cnn.residual_block import PreActivationBlock, ResidualBlock
from whiteboard.fundamentals import require_positive


def cifar_network(
    depth=20,
    residual=True,
    pre_activation=False,
    zero_init_residual=False,
    filters=16,
    input_shape=(32, 32, 3),
    classes=10,
):
    """Build the network of He et al. 2015, section 4.2, of 6 n + 2 layers with weights.

    A 3 x 3 convolution, three stages of n blocks of two 3 x 3 convolutions with F, 2 F
    and 4 F filters, the second and third stage at half the resolution of the one before,
    global average pooling, a softmax. Shortcuts have no parameters (option A), so the
    plain twin has exactly the same weights.

    The pre-activation form (He et al. 2016) has its last normalization and ReLU after the
    blocks instead of after the first convolution. (The paper moves the first ReLU before
    the first split; here the first shortcut carries the convolution itself.)

    Args:
        depth: 6 n + 2: 20, 32, 44, 56, 110 and 1202 in the paper.
        residual: False removes all shortcuts: the plain network.
        pre_activation: Blocks as in He et al. 2016.
        zero_init_residual: Start each block at its shortcut.
        filters: F of the first stage.
        input_shape: Rows, columns and channels of an image; rows and columns may be None.
        classes: Number of outputs, under a softmax.

    Returns:
        A `keras.Model` from `(B, *input_shape)` to `(B, classes)`. Its blocks are
        layers, so `gradient_diagnostics` shows one row per block.

    Raises:
        ValueError: If `depth` is not 6 n + 2 with n at least 1, `input_shape` is not that
            of an image, or `filters` or `classes` is not positive.

    Examples:
        >>> cifar_network(20)(keras.ops.ones((2, 32, 32, 3))).shape
        (2, 10)
    """
    if depth < 8 or depth % 6 != 2:
        raise ValueError(
            "depth must be 6 n + 2 with n at least 1: 8, 14, 20, ... "
            f"Received: depth={depth}"
        )
    require_positive(filters=filters)

    block = PreActivationBlock if pre_activation else ResidualBlock
    shortcut = "zero_padding" if residual else None
    x = inputs = image_input(input_shape, min_size=1)
    x = keras.layers.Conv2D(
        filters,
        3,
        padding="same",
        use_bias=False,
        kernel_initializer="he_normal",
        name="stem",
    )(x)
    if not pre_activation:
        x = _normalize_and_activate(x)
    for stage in range(3):
        for i in range(depth // 6):
            x = block(
                filters * 2**stage,
                strides=2 if stage > 0 and i == 0 else 1,
                shortcut=shortcut,
                zero_init_residual=zero_init_residual,
                name=f"stage_{stage + 1}_block_{i + 1}",
            )(x)
    if pre_activation:
        x = _normalize_and_activate(x)
    x = keras.layers.GlobalAveragePooling2D(name="pool")(x)
    return keras.Model(inputs, softmax_classifier(x, classes))


def _normalize_and_activate(x):
    x = keras.layers.BatchNormalization(momentum=0.9, epsilon=1e-5, name="norm")(x)
    return keras.layers.ReLU(name="relu")(x)
