"""The extractor that stands in for Inception: a classifier trained on digits."""

from whiteboard.cnn import SmallConvNet, feature_maps
from whiteboard.generative.trained_weights import load_trained_weights


def build_digit_classifier():
    """Build the untrained network: three convolutions, global pooling, a softmax.

    Returns:
        A `keras.Model` from images `(N, 8, 8, 1)` with pixels from 0 to 1 to a
        dictionary: "pool", the features `(N, 32)`, and "predictions", the
        probabilities `(N, 10)`.

    Examples:
        >>> build_digit_classifier().count_params()
        14378
    """
    network = SmallConvNet((8, 8, 1), filters=(16, 32, 32), classes=10)
    return feature_maps(network, ["pool", "predictions"])


def load_digit_classifier():
    """Load the classifier that `training/digit_classifier.py` trained.

    It was trained on the training digits of `load_digit_images()`, each moved by up to
    a pixel, and is right on 99 % of the test digits. As Inception does for photographs,
    it gives what distances between distributions and scores of samples are computed on.

    Returns:
        The model of `build_digit_classifier`, with its trained weights.

    Examples:
        >>> outputs = load_digit_classifier().predict(images, verbose=0)
        >>> outputs["pool"].shape, outputs["predictions"].shape
        ((450, 32), (450, 10))
    """
    return load_trained_weights(build_digit_classifier(), "digit_classifier")
