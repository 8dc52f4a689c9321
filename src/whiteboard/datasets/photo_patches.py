"""Small windows of a real photo, as they ship with scikit-learn."""

from sklearn.datasets import load_sample_image
from sklearn.feature_extraction.image import extract_patches_2d


def load_photo_patches(patch_size, count, seed):
    """Cut random gray patches out of a photo, each of mean 0, all together of variance 1.

    Source: scikit-learn's `china.jpg`, a photo of a temple, 427 by 640 pixels.

    Args:
        patch_size: Height and width of a patch, at least 2 and at most 427.
        count: Number of patches; they may overlap.
        seed: An integer.

    Returns:
        float32 images `(count, patch_size, patch_size, 1)`.

    Raises:
        ValueError: If `patch_size` or `count` is out of range.

    Examples:
        >>> load_photo_patches(patch_size=9, count=1000, seed=7).shape
        (1000, 9, 9, 1)
    """
    if not 2 <= patch_size <= 427:
        raise ValueError(
            f"patch_size must be from 2 to 427. Received: patch_size={patch_size}"
        )
    if count < 1:
        raise ValueError(f"count must be positive. Received: count={count}")
    photo = load_sample_image("china.jpg").mean(axis=2)
    size = (patch_size, patch_size)
    patches = extract_patches_2d(photo, size, max_patches=count, random_state=seed)
    patches = patches - patches.mean(axis=(1, 2), keepdims=True)
    return (patches / patches.std()).astype("float32")[..., None]
