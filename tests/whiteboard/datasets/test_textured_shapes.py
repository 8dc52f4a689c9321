import numpy as np
import pytest

from whiteboard.datasets import SHAPES, make_textured_shapes
from whiteboard.datasets.textured_shapes import draw_shape


def test_shapes_types_and_seeds():
    images, labels = make_textured_shapes(300, seed=7)
    assert images.shape == (300, 24, 24, 1) and images.dtype == "float32"
    assert labels.dtype == "int32" and set(labels) == set(range(len(SHAPES)))
    again, _ = make_textured_shapes(300, seed=7)
    np.testing.assert_array_equal(images, again)


def test_each_shape_is_another():
    drawn = [draw_shape((11, 12), 2.5, i, 24) for i in range(len(SHAPES))]
    assert not drawn[SHAPES.index("nothing")].any()
    assert drawn[SHAPES.index("dark disc")].min() == -1
    for i, one in enumerate(drawn):
        assert all(not np.array_equal(one, other) for other in drawn[:i])


def test_the_ring_is_hollow_and_the_square_is_not():
    for name, middle in [("ring", 0), ("frame", 0), ("square", 1), ("cross", 1)]:
        assert draw_shape((11, 11), 2.5, SHAPES.index(name), 24)[11, 11] == middle


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"count": 0}, "count must be positive. Received: count=0"),
        ({"count": 3, "image_size": 5}, "image_size must be at least 12"),
    ],
)
def test_bad_arguments_are_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        make_textured_shapes(**arguments)
