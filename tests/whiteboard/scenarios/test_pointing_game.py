import numpy as np
import pytest

from whiteboard.scenarios import pointing_hits


def test_the_maximum_decides():
    maps = np.zeros((2, 3, 4))
    maps[:, 1, 2] = 1
    masks = np.zeros((2, 3, 4), bool)
    masks[0, 1, 2] = masks[1, 2, 2] = True
    np.testing.assert_array_equal(pointing_hits(maps, masks), [True, False])


def test_the_tolerance_grows_the_masks_but_not_over_the_edge():
    maps, masks = np.zeros((3, 6, 6)), np.zeros((3, 6, 6), bool)
    masks[:, 0, 0] = True
    maps[0, 2, 2] = maps[1, 3, 0] = maps[2, 5, 5] = 1
    np.testing.assert_array_equal(pointing_hits(maps, masks), [False] * 3)
    np.testing.assert_array_equal(pointing_hits(maps, masks, 2), [True, False, False])
    np.testing.assert_array_equal(pointing_hits(maps, masks, 3), [True, True, False])
    with pytest.raises(ValueError, match="tolerance must not be negative"):
        pointing_hits(maps, masks, -1)


def test_a_constant_map_points_nowhere():
    assert not pointing_hits(np.ones((1, 3, 3)), np.ones((1, 3, 3), bool))[0]


def test_pointing_at_random_hits_as_often_as_the_mask_is_large():
    rng = np.random.default_rng(7)
    masks = np.zeros((4000, 6, 6), bool)
    masks[:, :2, :3] = True
    rate = pointing_hits(rng.random((4000, 6, 6)), masks).mean()
    assert abs(rate - masks.mean()) < 0.03


@pytest.mark.parametrize(
    ("maps", "masks", "message"),
    [
        (np.zeros((2, 3)), np.ones((2, 3)), "same shape"),
        (np.zeros((2, 3, 3)), np.ones((2, 3, 4)), "same shape"),
        (np.full((1, 3, 3), np.nan), np.ones((1, 3, 3)), "maps must be finite"),
        (np.zeros((2, 3, 3)), np.zeros((2, 3, 3)), "Received: 2 empty masks"),
    ],
)
def test_bad_arguments_are_refused(maps, masks, message):
    with pytest.raises(ValueError, match=message):
        pointing_hits(maps, masks)
