"""A convolution written out as the matrix of a dense layer."""

import numpy as np

# Shapes: (H, W, C) image, (K1, K2, C, F) kernel, H' = H - K1 + 1, W' = W - K2 + 1.


def convolution_matrix(kernel, height, width):
    r"""Write the kernel of a convolution as the kernel of a dense layer.

    $$\mathrm{flatten}(x * k) = \mathrm{flatten}(x) \, M$$

    for stride 1 and no padding, as Keras flattens: channels run fastest. Each position
    of the window fills its own columns of M with the same weights; all else is zero.
    With one axis, M is a Toeplitz matrix.

    Args:
        kernel: Array `(K1, K2, C, F)`, as a `keras.layers.Conv2D` has it.
        height: Rows H of the image, at least K1.
        width: Columns W of the image, at least K2.

    Returns:
        A float64 array `(H * W * C, H' * W' * F)`.

    Raises:
        ValueError: If the kernel does not have four axes, or is larger than the image.

    Examples:
        >>> convolution_matrix(np.ones((3, 3, 1, 1)), height=8, width=8).shape
        (64, 36)
    """
    if np.ndim(kernel) != 4:
        raise ValueError(
            "kernel must have shape (rows, columns, channels, filters). "
            f"Received: kernel.shape={np.shape(kernel)}"
        )
    rows, columns, channels, filters = kernel.shape
    if height < rows or width < columns:
        raise ValueError(
            "The image must not be smaller than the kernel. "
            f"Received: height={height}, width={width}, kernel.shape={kernel.shape}"
        )
    output = (height - rows + 1, width - columns + 1)
    matrix = np.zeros((height, width, channels, *output, filters))
    for y in range(output[0]):
        for x in range(output[1]):
            matrix[y : y + rows, x : x + columns, :, y, x] = kernel
    return matrix.reshape(height * width * channels, -1)
