import keras
import numpy as np
import pytest

from whiteboard.generative import (
    ConcatenateCondition,
    ProjectionLogits,
    concatenate_condition,
    dcgan_discriminator,
    dcgan_generator,
)


def to_numpy(tensor):
    return keras.ops.convert_to_numpy(tensor)


def normal(*shape):
    return np.random.default_rng(0).normal(size=shape).astype("float32")


@pytest.mark.parametrize("space", [(), (5,), (4, 5)])
def test_the_condition_stands_behind_the_features_at_each_position(space):
    x, y = normal(2, *space, 3), normal(2, 4)
    joined = to_numpy(ConcatenateCondition()(x, y))
    assert joined.shape == (2, *space, 7)
    np.testing.assert_array_equal(joined[..., :3], x)
    for row, condition in zip(joined, y, strict=True):
        assert (row[..., 3:] == condition).all()


def test_a_condition_with_axes_of_its_own_is_refused():
    match = r"condition must have the shape \(batch, size\). Received: .*\(2, 5, 4\)"
    with pytest.raises(ValueError, match=match):
        ConcatenateCondition()(normal(2, 5, 3), normal(2, 5, 4))


def test_conditioned_networks_take_pairs():
    generator = concatenate_condition(dcgan_generator(16 + 10), 10)
    discriminator = concatenate_condition(dcgan_discriminator(channels=1 + 10), 10)
    images = generator([normal(2, 16), normal(2, 10)])
    assert images.shape == (2, 8, 8, 1)
    assert discriminator([to_numpy(images), normal(2, 10)]).shape == (2, 1)
    assert (generator.name, discriminator.name) == ("generator", "discriminator")


@pytest.mark.parametrize("size", [0, 5, 6])
def test_the_inputs_need_room_for_the_condition(size):
    model = keras.Sequential([keras.Input((5,)), keras.layers.Dense(1)])
    with pytest.raises(
        ValueError, match=f"below .* 5. Received: condition_size={size}"
    ):
        concatenate_condition(model, size)


def test_projection_is_one_linear_score_a_class():
    layer = ProjectionLogits()
    features, labels = normal(6, 5), np.arange(6) % 3
    logits = to_numpy(layer(features, np.eye(3, dtype="float32")[labels]))
    kernel, bias, embedding = (
        to_numpy(weight)
        for weight in (layer.score.kernel, layer.score.bias, layer.embedding)
    )
    expected = features @ (kernel + embedding.T) + bias
    np.testing.assert_allclose(logits[:, 0], expected[range(6), labels], atol=1e-5)
