import numpy as np
import pytest

from whiteboard.datasets import load_photo_patches


def test_patches_are_standardized_and_follow_the_seed():
    patches = load_photo_patches(9, 500, seed=1)
    assert patches.shape == (500, 9, 9, 1) and patches.dtype == "float32"
    np.testing.assert_allclose(patches.mean(axis=(1, 2)), 0, atol=1e-5)
    assert patches.std() == pytest.approx(1, abs=1e-4)
    np.testing.assert_array_equal(patches, load_photo_patches(9, 500, seed=1))
    assert not np.array_equal(patches, load_photo_patches(9, 500, seed=2))


def test_neighbors_are_alike_as_in_a_photo():
    patches = load_photo_patches(9, 500, seed=1)[..., 0]
    one, four = (np.mean(patches[..., d:] * patches[..., :-d]) for d in (1, 4))
    assert one > four + 0.2


@pytest.mark.parametrize(
    ("patch_size", "count", "message"),
    [(1, 5, "patch_size=1"), (428, 5, "patch_size=428"), (9, 0, "count=0")],
)
def test_bad_sizes_are_refused(patch_size, count, message):
    with pytest.raises(ValueError, match=f"Received: {message}"):
        load_photo_patches(patch_size, count, seed=1)
