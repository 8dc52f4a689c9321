"""A classifier with a normalization layer before each activation."""

import keras


def normalized_mlp(
    norm=None,
    depth=4,
    width=64,
    inputs=64,
    classes=10,
    kernel_initializer="he_normal",
):
    r"""Stack `relu(norm(dense(x)))`, the order of Ioffe and Szegedy 2015, section 3.2.

    Args:
        norm: Called without arguments once for each hidden layer, returns a layer;
            None for no normalization.
        depth: Number of hidden layers.
        width: Units of each hidden layer.
        inputs: Number of input features.
        classes: Number of outputs, under a softmax.
        kernel_initializer: Initializer of the hidden kernels.

    Returns:
        A `keras.Model` from `(N, inputs)` to `(N, classes)`.

    Raises:
        ValueError: If `depth`, `width`, `inputs` or `classes` is not positive.

    Examples:
        >>> normalized_mlp(BatchNormalization)(keras.ops.ones((8, 64))).shape
        (8, 10)
    """
    sizes = {"depth": depth, "width": width, "inputs": inputs, "classes": classes}
    for name, size in sizes.items():
        if size < 1:
            raise ValueError(f"{name} must be positive. Received: {name}={size}")

    x = start = keras.Input((inputs,))
    for _ in range(depth):
        kernel = keras.initializers.get(kernel_initializer)
        x = keras.layers.Dense(width, kernel_initializer=kernel.clone())(x)
        x = x if norm is None else norm()(x)
        x = keras.layers.ReLU()(x)
    return keras.Model(start, keras.layers.Dense(classes, "softmax")(x))
