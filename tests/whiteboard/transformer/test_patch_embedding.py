import keras
import numpy as np
import pytest
from keras import ops

from whiteboard.transformer import ConvolutionalStem, PatchEmbedding

LAYERS = [PatchEmbedding, ConvolutionalStem]


def random(*shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape).astype("float32")


def test_a_patch_is_mapped_by_one_matrix():
    layer, images = PatchEmbedding(patch_size=2, width=5), random(3, 4, 6, 3)
    tokens = ops.convert_to_numpy(layer(images))
    kernel, bias = layer.get_weights()
    matrix = kernel.reshape(2 * 2 * 3, 5)
    for t in range(6):
        row, column = divmod(t, 3)
        patch = images[:, 2 * row : 2 * row + 2, 2 * column : 2 * column + 2]
        expected = patch.reshape(3, -1) @ matrix + bias
        np.testing.assert_allclose(tokens[:, t], expected, atol=1e-5)


def test_parameters():
    layer = PatchEmbedding(16, 768)
    layer.build((None, 224, 224, 3))
    assert layer.count_params() == 590_592
    stem = ConvolutionalStem(8, 64)
    stem.build((None, 32, 32, 3))
    kernels = 9 * (3 * 16 + 16 * 32 + 32 * 64)
    assert stem.count_params() == kernels + 4 * (16 + 32 + 64) + 64 * 64 + 64


def test_convolutional_tokens_see_beyond_their_patch():
    stem, patches = ConvolutionalStem(4, 8), PatchEmbedding(4, 8)
    images = random(1, 16, 16, 1)
    changed = images.copy()
    changed[0, 4, 4] += 1  # the first pixel of patch (1, 1)
    moved = []
    for layer in (patches, stem):
        difference = ops.convert_to_numpy(layer(changed) - layer(images))[0]
        moved.append(np.flatnonzero(np.abs(difference).max(axis=1) > 1e-6))
    assert list(moved[0]) == [5] and 5 in moved[1] and len(moved[1]) > 1


def test_batch_norm_learns_in_training_alone():
    stem, images = ConvolutionalStem(4, 8), random(4, 8, 8, 1)
    inference = ops.convert_to_numpy(stem(images, training=False))
    again = ops.convert_to_numpy(stem(images, training=False))
    np.testing.assert_array_equal(inference, again)
    training = ops.convert_to_numpy(stem(images, training=True))
    assert np.abs(training - inference).max() > 1e-3


@pytest.mark.parametrize("layer", LAYERS)
@pytest.mark.parametrize("size", [(10, 8), (8, 10), (2, 8)])
def test_an_image_that_is_not_whole_patches_is_refused(layer, size):
    message = f"patch_size=4, height={size[0]}, width={size[1]}"
    with pytest.raises(ValueError, match=message):
        layer(4, 8)(keras.Input((*size, 1)))


@pytest.mark.parametrize("layer", LAYERS)
@pytest.mark.parametrize(
    "shape", [(2, 8, 8), (2, None, 8, 1), (2, 8, 8, None), (1, 2, 8, 8, 1)]
)
def test_other_shapes_are_refused(layer, shape):
    with pytest.raises(ValueError, match="known shape.*Received"):
        layer(4, 8).build(shape)


@pytest.mark.parametrize("layer", LAYERS)
@pytest.mark.parametrize(("patch_size", "width"), [(0, 8), (4, 0), (-4, 8)])
def test_sizes_that_are_not_positive_are_refused(layer, patch_size, width):
    with pytest.raises(ValueError, match="must be positive. Received"):
        layer(patch_size, width)


@pytest.mark.parametrize(
    ("patch_size", "width", "message"),
    [
        (1, 8, "power of two from 2 on. Received: patch_size=1"),
        (6, 9, "power of two from 2 on. Received: patch_size=6"),
        (16, 20, "multiple of half the patch_size. Received: width=20"),
    ],
)
def test_a_stem_that_cannot_be_made_is_refused(patch_size, width, message):
    with pytest.raises(ValueError, match=message):
        ConvolutionalStem(patch_size, width)
