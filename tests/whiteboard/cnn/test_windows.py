import numpy as np
import pytest
from keras import ops

from whiteboard.cnn import output_size, padding_amounts, window_taps


@pytest.mark.parametrize(
    "arguments, expected",
    [
        ({"size": 5, "kernel_size": 3}, (0, 0)),
        ({"size": 5, "kernel_size": 3, "padding": "same"}, (1, 1)),
        ({"size": 5, "kernel_size": 4, "padding": "same"}, (1, 2)),
        ({"size": 6, "kernel_size": 3, "stride": 2, "padding": "same"}, (0, 1)),
        ({"size": 6, "kernel_size": 1, "stride": 2, "padding": "same"}, (0, 0)),
        ({"size": 6, "kernel_size": 3, "dilation": 2, "padding": "same"}, (2, 2)),
        ({"size": 6, "kernel_size": 3, "padding": 4}, (4, 4)),
    ],
)
def test_padding_amounts(arguments, expected):
    assert padding_amounts(**arguments) == expected


@pytest.mark.parametrize("padding", ["valid", "same", 0, 1, 3])
@pytest.mark.parametrize("dilation", [1, 2])
def test_output_size_counts_the_positions(padding, dilation):
    for size in range(5, 12):
        for kernel_size in (1, 2, 3):
            for stride in (1, 2, 3):
                window = kernel_size, stride, padding, dilation
                axis = size + sum(padding_amounts(size, *window))
                reach = (kernel_size - 1) * dilation + 1
                positions = range(0, axis - reach + 1, stride)
                assert output_size(size, *window) == len(positions)
                if padding == "same":
                    assert len(positions) == -(-size // stride)


def test_taps_are_shifted_copies():
    image = np.arange(20.0).reshape(1, 4, 5, 1)
    taps = dict(window_taps(image, (2, 3), stride=(2, 1)))
    assert len(taps) == 6
    for (m, n), pixels in taps.items():
        expected = image[:, m : m + 3 : 2, n : n + 3]
        np.testing.assert_array_equal(ops.convert_to_numpy(pixels), expected)


def test_padding_is_filled():
    ((_, pixels),) = window_taps(np.zeros((1, 1, 1, 1)), 1, padding=1, fill=7.0)
    np.testing.assert_array_equal(
        ops.convert_to_numpy(pixels)[0, ..., 0], [[7, 7, 7], [7, 0, 7], [7, 7, 7]]
    )


@pytest.mark.parametrize(
    "arguments, message",
    [
        ({"kernel_size": 0}, "kernel_size must be positive"),
        ({"stride": 0}, "stride must be positive"),
        ({"stride": -1}, "stride must be positive"),
        ({"dilation": 0}, "dilation must be positive"),
        ({"padding": -1}, "padding must not be negative"),
        ({"padding": "full"}, '"valid", "same" or an integer. Received: .*\'full\''),
        ({"padding": 0.5}, "Received: padding=0.5"),
        ({"kernel_size": 6}, "smaller than the dilated kernel. Received: size=5"),
        ({"dilation": 3}, "smaller than the dilated kernel"),
    ],
)
def test_bad_windows_are_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        output_size(**{"size": 5, "kernel_size": 3, **arguments})


@pytest.mark.parametrize("shape", [(5, 5), (5, 5, 3), (1, 1, 5, 5, 3)])
def test_a_wrong_rank_is_refused(shape):
    with pytest.raises(ValueError, match="must be .batch, height, width, channels"):
        list(window_taps(np.zeros(shape), 2))
