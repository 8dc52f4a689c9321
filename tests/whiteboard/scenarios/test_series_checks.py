import numpy as np
import pytest

from whiteboard.scenarios import as_series


def test_gives_float64():
    assert as_series([1, 2]).dtype == np.float64


@pytest.mark.parametrize(
    ("series", "message"),
    [
        ([], "sales must have at least 2 values. Received: 0"),
        ([1], "sales must have at least 2 values. Received: 1"),
        ([[1, 2]], r"sales must have one axis. Received: shape=\(1, 2\)"),
        (3, r"sales must have one axis. Received: shape=\(\)"),
        ([1, np.nan, np.inf], "sales must be finite. Received: 2 values"),
    ],
)
def test_refuses(series, message):
    with pytest.raises(ValueError, match=message):
        as_series(series, at_least=2, name="sales")
