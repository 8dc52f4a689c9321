"""Sliding windows: the padding, the number of positions, and the pixels they meet."""

import numpy as np
from keras import ops

from whiteboard.fundamentals import require_not_negative, require_positive


def padding_amounts(size, kernel_size, stride=1, padding="valid", dilation=1):
    """Return how many zeros stand before and after an axis.

    `"valid"` adds none. `"same"` adds as many as give `ceil(size / stride)` positions; an
    odd number puts one more after than before, as TensorFlow and Keras do. An integer adds
    that many on either side, as PyTorch does.

    Args:
        size: Length of the axis.
        kernel_size: Number of taps of the kernel along the axis.
        stride: Step from one position to the next.
        padding: `"valid"`, `"same"` or an integer that is not negative.
        dilation: Step from one tap to the next.

    Returns:
        Two integers, (before, after).

    Raises:
        ValueError: If a number is not positive, `padding` is none of the above, or the
            padded axis is shorter than the dilated kernel.

    Examples:
        >>> padding_amounts(5, kernel_size=3, stride=2, padding="same")
        (1, 1)
        >>> padding_amounts(6, kernel_size=3, stride=2, padding="same")
        (0, 1)
    """
    require_positive(kernel_size=kernel_size, stride=stride, dilation=dilation)
    reach = (kernel_size - 1) * dilation + 1
    if padding == "same":
        total = max((-(-size // stride) - 1) * stride + reach - size, 0)
        before, after = total // 2, total - total // 2
    elif padding == "valid":
        before, after = 0, 0
    elif isinstance(padding, int):
        require_not_negative(padding=padding)
        before, after = padding, padding
    else:
        raise ValueError(
            f'padding must be "valid", "same" or an integer. Received: {padding=}'
        )
    if size + before + after < reach:
        raise ValueError(
            "The padded input must not be smaller than the dilated kernel. Received: "
            f"{size=}, {padding=}, {kernel_size=}, {dilation=}"
        )
    return before, after


def output_size(size, kernel_size, stride=1, padding="valid", dilation=1):
    r"""Count the positions of a sliding window along one axis.

    $$o = \Big\lfloor \frac{n + p_\mathrm{before} + p_\mathrm{after} - d (k - 1) - 1}{s}
    \Big\rfloor + 1$$

    Dumoulin and Visin 2016, "A guide to convolution arithmetic for deep learning",
    relationships 6 and 15.

    Args:
        size: Length of the axis, n.
        kernel_size: Taps of the kernel along the axis, k.
        stride: Step from one position to the next, s.
        padding: `"valid"`, `"same"` or an integer; see `padding_amounts`.
        dilation: Step from one tap to the next, d.

    Returns:
        The number of positions, an integer.

    Raises:
        ValueError: See `padding_amounts`.

    Examples:
        >>> output_size(224, kernel_size=7, stride=2, padding=3)
        112
    """
    before, after = padding_amounts(size, kernel_size, stride, padding, dilation)
    return (size + before + after - dilation * (kernel_size - 1) - 1) // stride + 1


def window_taps(images, kernel_size, stride=1, padding="valid", dilation=1, fill=0.0):
    """Yield, tap by tap, the pixels that a tap of the window meets at all positions.

    A window of `kh x kw` taps over an image is `kh * kw` shifted, strided copies of the
    image: convolution adds them up under weights, pooling takes their maximum or mean.

    Args:
        images: A tensor of shape `(B, H, W, C)` with known H and W.
        kernel_size: Taps per axis. It, `stride` and `dilation`: an integer or a pair.
        stride: See `padding_amounts`, as for `padding` and `dilation`.
        padding: The same for both axes.
        dilation: Step from one tap to the next.
        fill: The value of the padding.

    Yields:
        Pairs of a tap `(m, n)` and its pixels, of shape `(B, H', W', C)`.

    Raises:
        ValueError: If `images` has another shape, and as `padding_amounts` does.

    Examples:
        >>> taps = window_taps(images, kernel_size=2, stride=2)
        >>> pooled = sum(pixels for _, pixels in taps) / 4
    """
    require_image_shape(images.shape)
    kernel_size, stride, dilation = pair(kernel_size), pair(stride), pair(dilation)
    window = kernel_size, stride, padding, dilation
    positions = window_shape(images.shape, *window)
    amounts = padding_shape(images.shape, *window)
    padded = ops.pad(images, [(0, 0), *amounts, (0, 0)], constant_values=fill)

    for tap in np.ndindex(*kernel_size):
        start = np.multiply(tap, dilation).tolist()
        rows, columns = (
            slice(first, first + (count - 1) * step + 1, step)
            for first, count, step in zip(start, positions, stride, strict=True)
        )
        yield tap, padded[:, rows, columns]  # (B, H', W', C)


def padding_shape(image_shape, kernel_size, stride, padding, dilation=1):
    """Return ((above, below), (left, right)) on images of `image_shape`."""
    pairs = image_shape[1:3], pair(kernel_size), pair(stride), pair(dilation)
    return tuple(
        padding_amounts(n, k, s, padding, d) for n, k, s, d in zip(*pairs, strict=True)
    )


def window_shape(image_shape, kernel_size, stride, padding, dilation=1):
    """Return (H', W'), the positions of a window on images of `image_shape`."""
    pairs = image_shape[1:3], pair(kernel_size), pair(stride), pair(dilation)
    return tuple(
        output_size(n, k, s, padding, d) for n, k, s, d in zip(*pairs, strict=True)
    )


def pair(value):
    """Return `(value, value)`, or the two values of a sequence."""
    return (value, value) if isinstance(value, int) else tuple(value)


def require_image_shape(shape):
    """Raise a ValueError unless it is `(B, H, W, C)` with known H, W and C."""
    if len(shape) != 4 or None in shape[1:]:
        raise ValueError(
            "The shape must be (batch, height, width, channels), all but the batch "
            f"known. Received: shape={tuple(shape)}"
        )
