import math

import pytest

from whiteboard.fundamentals import (
    require_below_one,
    require_not_negative,
    require_positive,
)


@pytest.mark.parametrize(
    "require, good, bad, reason",
    [
        (require_positive, [1, 1e-9, math.inf], [0, -1, math.nan], "be positive"),
        (require_not_negative, [0, 2], [-1e-9, math.nan], "not be negative"),
        (
            require_below_one,
            [0, 0.99],
            [1, -0.1, math.nan],
            "be at least 0 and below 1",
        ),
    ],
)
def test_the_first_argument_out_of_range_is_named(require, good, bad, reason):
    for value in good:
        require(rate=value)
    for value in bad:
        with pytest.raises(ValueError, match=f"rate must {reason}.* Received: rate="):
            require(fine=good[0], rate=value)
