"""What the architectures keep: agree with keras.applications, train, save, refuse."""

import keras
import numpy as np
import pytest


def random_images(*shape, seed=1):
    return np.random.default_rng(seed).normal(size=shape).astype("float32")


def to_numpy(tensor):
    return keras.ops.convert_to_numpy(tensor)


def trainable_parameters(model):
    return sum(int(np.prod(weight.shape)) for weight in model.trainable_weights)


def random_weights(model, gain=2.0, seed=0):
    """Draw all weights, so that no scale, shift or statistic is at its start value."""
    rng = np.random.default_rng(seed)
    drawn = []
    for weight in model.weights:
        if "variance" in weight.path:
            drawn.append(rng.uniform(0.5, 1.5, weight.shape))
        elif len(weight.shape) == 1:
            drawn.append(rng.normal("gamma" in weight.path, 0.1, weight.shape))
        else:
            scale = np.sqrt(gain / np.prod(weight.shape[:-1]))
            drawn.append(rng.normal(0, scale, weight.shape))
    return drawn


def check_agrees_with_application(model, application, gain=2.0):
    """Same number of parameters, and same outputs with the same random weights."""
    assert model.count_params() == application.count_params()
    assert trainable_parameters(model) == trainable_parameters(application)
    weights = random_weights(model, gain)
    pairs = zip(weights, model.weights, application.weights, strict=True)
    for drawn, mine, theirs in pairs:
        mine.assign(drawn)
        theirs.assign(drawn.reshape(theirs.shape))
    images = random_images(2, *model.input_shape[1:])
    expected = to_numpy(application(images))
    assert np.ptp(expected, axis=0).max() > 0.01, "the images must matter"
    np.testing.assert_allclose(to_numpy(model(images)), expected, atol=1e-5)


def check_trains_in_mixed_precision(builder, input_shape, jit_compile=False):
    jit_compile = jit_compile and keras.backend.backend() != "torch"  # eager in Keras
    keras.config.set_dtype_policy("mixed_float16")
    try:
        model = builder(input_shape, classes=3)
        model.compile(
            # Starts so low that no gradient overflows and the first step is not skipped.
            keras.optimizers.LossScaleOptimizer(keras.optimizers.SGD(), 64),
            "sparse_categorical_crossentropy",
            run_eagerly=not jit_compile,
            jit_compile=jit_compile,
        )
        images = random_images(2, *input_shape)
        assert keras.backend.standardize_dtype(model(images).dtype) == "float32"
        half = [layer for layer in model.layers if layer.compute_dtype == "float16"]
        assert len(half) > len(model.layers) / 2
        before = model.get_weights()
        loss = model.train_on_batch(images, np.array([0, 2]))
    finally:
        keras.config.set_dtype_policy("float32")
    assert np.isfinite(loss)
    after = model.get_weights()
    assert all(np.isfinite(weight).all() for weight in after)
    assert not np.array_equal(before[0], after[0]), "the first layer got no gradient"


def check_saves_and_loads(builder, input_shape, folder):
    model = builder(input_shape, classes=3)
    images = random_images(1, *input_shape)
    model.save(folder / "model.keras")
    loaded = keras.models.load_model(folder / "model.keras")
    np.testing.assert_array_equal(to_numpy(loaded(images)), to_numpy(model(images)))


def check_refuses_bad_arguments(builder, min_size, any_size):
    shapes = [(min_size - 1, min_size, 3), (min_size, min_size - 1, 3)]
    shapes += [
        (min_size, min_size, 0),
        (min_size, min_size, None),
        (min_size, min_size),
    ]
    shapes += [] if any_size else [(None, None, 3)]
    for shape in shapes:
        with pytest.raises(
            ValueError, match=f"at least {min_size}.*Received: input_sh"
        ):
            builder(shape)
    with pytest.raises(
        ValueError, match="classes must be positive. Received: classes=0"
    ):
        builder((min_size, min_size, 1), classes=0)
