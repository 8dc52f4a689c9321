import keras
import numpy as np
import pytest

from whiteboard.transformer import ConvolutionalStem, PatchEmbedding, VisionTransformer

SMALL = {"num_layers": 2, "num_heads": 2, "mlp_dim": 16, "classes": 3}


def small(embedding=None, input_shape=(8, 8, 1), **kwargs):
    embedding = embedding or PatchEmbedding(patch_size=4, width=8)
    return VisionTransformer(input_shape, embedding, **{**SMALL, **kwargs})


def random(*shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape).astype("float32")


def test_vit_base_has_the_parameters_of_the_paper():
    with keras.StatelessScope():  # shapes, without drawing 87 million numbers
        model = VisionTransformer(
            (224, 224, 3), PatchEmbedding(16, 768), 12, 12, 3072, 1000
        )
        assert model.count_params() == 86_567_656


@pytest.mark.parametrize("pooling", ["token", "mean"])
@pytest.mark.parametrize("embedding", [PatchEmbedding, ConvolutionalStem])
def test_save_and_load(tmp_path, embedding, pooling):
    model, x = small(embedding(4, 8), pooling=pooling), random(3, 8, 8, 1)
    model.set_weights(
        [np.abs(random(*w.shape, seed=i)) for i, w in enumerate(model.weights)]
    )
    expected = model.predict(x, verbose=0)
    assert expected.shape == (3, 3)
    np.testing.assert_allclose(expected.sum(axis=1), 1, atol=1e-5)
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    np.testing.assert_allclose(loaded.predict(x, verbose=0), expected, atol=1e-6)


def test_layers_are_named():
    names = [layer.name for layer in small().layers]
    assert {"class_token", "positions", "block1", "block2", "norm"} <= set(names)
    assert "class_token" not in [layer.name for layer in small(pooling="mean").layers]


@pytest.mark.parametrize("pooling", ["token", "mean"])
def test_without_positions_the_order_of_the_patches_is_unknown(pooling):
    model, images = small(pooling=pooling), random(2, 8, 8, 1)
    swapped = np.concatenate([images[:, 4:], images[:, :4]], axis=1)
    with_positions = model.predict(images, verbose=0) - model.predict(
        swapped, verbose=0
    )
    positions = model.get_layer("positions").embeddings
    positions.assign(np.zeros(positions.shape))
    without = model.predict(images, verbose=0) - model.predict(swapped, verbose=0)
    assert np.abs(with_positions).max() > 1e-4
    np.testing.assert_allclose(without, 0, atol=1e-6)


def test_learns():
    keras.utils.set_random_seed(0)
    rng = np.random.default_rng(0)
    y = rng.integers(0, 3, size=192)
    x = rng.normal(size=(192, 8, 8, 1)).astype("float32") / 4
    x[y == 1, :4, :4] += 1
    x[y == 2, 4:, 4:] += 1
    model = small()
    adam = keras.optimizers.Adam(0.01)
    model.compile(adam, "sparse_categorical_crossentropy", metrics=["accuracy"])
    history = model.fit(x, y, 32, epochs=15, verbose=0)
    assert history.history["accuracy"][-1] > 0.9


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"num_layers": 0}, "num_layers must be positive. Received: num_layers=0"),
        ({"num_heads": 3}, "num_heads must divide the width. Received: num_heads=3"),
        ({"mlp_dim": 0}, "mlp_dim must be a positive integer"),
        ({"classes": 0}, "classes must be positive"),
        ({"pooling": "max"}, "pooling must be token or mean. Received: pooling=max"),
        ({"input_shape": (10, 8, 1)}, "patch_size=4, height=10, width=8"),
        ({"input_shape": (None, None, 1)}, "input_shape must be"),
        ({"input_shape": (8, 8)}, "input_shape must be"),
    ],
)
def test_bad_arguments_are_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        small(**arguments)
