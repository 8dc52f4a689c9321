import keras
import numpy as np
import pytest

from whiteboard.scenarios import class_token_attention, scan_transformer
from whiteboard.transformer import (
    PatchEmbedding,
    VisionTransformer,
    attention_maps,
)


@pytest.fixture(scope="module")
def model():
    return scan_transformer()


IMAGES = np.random.default_rng(7).normal(size=(3, 24, 24, 1)).astype("float32")


def resized(rows):
    squares = rows.reshape(3, 6, 6, 1)
    larger = keras.ops.image.resize(squares, (24, 24), data_format="channels_last")
    return keras.ops.convert_to_numpy(larger)[..., 0]


def test_the_map_is_the_first_row_of_the_last_block(model):
    found = class_token_attention(model, IMAGES)
    last = [*attention_maps(model, IMAGES).values()][-1].mean(axis=1)[:, 0, 1:]
    np.testing.assert_allclose(found, resized(last), atol=1e-6)
    assert found.shape == (3, 24, 24)


def test_rollout_is_the_product_of_the_blocks(model):
    first, second = (m.mean(axis=1) for m in attention_maps(model, IMAGES).values())
    eye = np.eye(37, dtype="float32")
    expected = ((second + eye) / 2 @ ((first + eye) / 2))[:, 0, 1:]
    found = class_token_attention(model, IMAGES, rollout=True)
    np.testing.assert_allclose(found, resized(expected), atol=1e-6)


def test_without_a_class_token_there_is_no_square():
    patches = PatchEmbedding(patch_size=4, width=8)
    model = VisionTransformer((24, 24, 1), patches, 1, 2, 8, 2, pooling="mean")
    with pytest.raises(
        ValueError, match="class token and a square grid.* Received: 35"
    ):
        class_token_attention(model, IMAGES)
