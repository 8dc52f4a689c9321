"""Small networks for scans, and those that `training/scan_models.py` trained."""

from pathlib import Path

from whiteboard.cnn import SmallConvNet, feature_maps
from whiteboard.transformer import PatchEmbedding, VisionTransformer

WEIGHTS = Path(__file__).parent / "weights"
IMAGE_SHAPE = (24, 24, 1)


def scan_convnet(classes=2):
    """Build three convolutions and a softmax for scans of 24 by 24 pixels.

    Args:
        classes: The number of classes.

    Returns:
        A `keras.Model` from images `(N, 24, 24, 1)` to probabilities `(N, classes)`; its
        last convolution is "conv3", with maps of 6 by 6, its 32 features "pool".

    Examples:
        >>> scan_convnet().count_params()
        5954
    """
    return SmallConvNet(IMAGE_SHAPE, filters=(8, 16, 32), classes=classes)


def scan_transformer():
    """Build a Vision Transformer of two blocks over 36 patches of 4 by 4 pixels.

    Returns:
        A `keras.Model` from images `(N, 24, 24, 1)` to probabilities `(N, 2)`.

    Examples:
        >>> scan_transformer().output_shape
        (None, 2)
    """
    patches = PatchEmbedding(patch_size=4, width=32)
    return VisionTransformer(IMAGE_SHAPE, patches, 2, 4, 64, classes=2)


TRAINED = {
    "shapes": lambda: scan_convnet(classes=8),
    "lesions": scan_convnet,
    "markers": scan_convnet,
    "lesions_transformer": scan_transformer,
}


def load_scan_model(name):
    """Load a network that ships with the package, trained.

    "shapes" tells the eight `make_textured_shapes` apart and is the backbone to transfer
    from. "lesions" and "lesions_transformer" were trained on scans of scanner A, a third
    of them sick. So was "markers", but 90 % of its sick and 5 % of its healthy scans
    carried a marker.

    Args:
        name: A key of `TRAINED`.

    Returns:
        A `keras.Model` with its trained weights.

    Raises:
        ValueError: If `name` is unknown.

    Examples:
        >>> load_scan_model("shapes").output_shape
        (None, 8)
    """
    if name not in TRAINED:
        raise ValueError(f"name must be one of {[*TRAINED]}. Received: name={name!r}")
    model = TRAINED[name]()
    model.load_weights(WEIGHTS / f"scan_{name}.weights.h5")
    return model


def scan_features(images):
    """The 32 features that the frozen backbone "shapes" sees in each image.

    Args:
        images: Array `(N, 24, 24, 1)`.

    Returns:
        float32 array `(N, 32)`.

    Examples:
        >>> scan_features(scans.images).shape
        (2000, 32)
    """
    backbone = feature_maps(load_scan_model("shapes"), ["pool"])
    return backbone.predict(images, batch_size=500, verbose=0)["pool"]
