import keras
import numpy as np
import pytest
from keras import ops

from whiteboard.generative import (
    DiffusionModel,
    alpha_bars,
    cosine_schedule,
    ideal_noise,
    noise_mlp,
)

X = np.random.default_rng(0).normal(1.0, 0.1, size=(256, 2)).astype("float32")


def to_numpy(x):
    return ops.convert_to_numpy(x)


def make(steps=20, **kwargs):
    keras.utils.set_random_seed(1)
    network = noise_mlp(size=2, steps=steps, width=32, depth=2)
    model = DiffusionModel(network, cosine_schedule(steps), **kwargs)
    model.compile(keras.optimizers.Adam(0.01))
    return model


def test_network_sees_data_with_the_noise_of_its_time():
    model, seen = make(), []
    model.network = lambda inputs, training: seen.append(inputs) or inputs[0]
    x = np.full((4000, 2), 3.0, "float32")
    _, noise = model.call(x)
    noisy, times = (to_numpy(each) for each in seen[0])
    level = alpha_bars(model.betas)[times][:, None]
    expected = np.sqrt(level) * x + np.sqrt(1 - level) * to_numpy(noise)
    np.testing.assert_allclose(noisy, expected, atol=1e-4)
    counts = np.bincount(times, minlength=21)
    assert counts[0] == 0 and len(counts) == 21 and counts[1:].min() > 120


def test_loss_is_the_mean_squared_error_of_the_noise():
    model = make()
    predicted, noise = outputs = model(X)
    expected = ((to_numpy(predicted) - to_numpy(noise)) ** 2).mean()
    loss = float(model.compute_loss(x=X, y_pred=outputs))
    assert loss == pytest.approx(expected, rel=1e-5)


def test_training_learns_the_ideal_noise_of_one_gaussian():
    model = make()
    history = model.fit(X, batch_size=32, epochs=40, verbose=0).history["loss"]
    assert history[-1] < 0.5 * history[0]
    level = alpha_bars(model.betas)[10]
    noise = np.random.default_rng(1).normal(size=X.shape)
    noisy = (np.sqrt(level) * X + np.sqrt(1 - level) * noise).astype("float32")
    ideal = to_numpy(ideal_noise(noisy, level, np.ones((1, 2), "float32"), 0.1))
    error = np.square(to_numpy(model.predict_noise(noisy, 10)) - ideal).mean()
    assert error < 0.1 * np.square(ideal).mean()
    samples = to_numpy(model.sample(500, seed=1))
    assert np.abs(samples.mean(axis=0) - 1).max() < 0.2


def test_samples_are_seeded_and_ddpm_draws_fresh_noise():
    model = make()
    for eta in (0.0, 1.0):
        first, same, other = (
            to_numpy(model.sample(5, eta=eta, seed=seed)) for seed in (1, 1, 2)
        )
        np.testing.assert_allclose(first, same, atol=1e-6)
        assert first.shape == (5, 2) and np.abs(first - other).max() > 0.01


def test_saved_and_loaded_it_samples_the_same_and_trains_on(tmp_path):
    model = make(seed=4)
    model.fit(X, verbose=0)
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    assert loaded.seed == 4 and loaded.betas == model.betas
    samples = [to_numpy(each.sample(5, steps=4, seed=1)) for each in (model, loaded)]
    np.testing.assert_allclose(*samples, atol=1e-5)
    loaded.fit(X, verbose=0)


def test_images():
    image, time = keras.Input((4, 4, 1)), keras.Input((), dtype="int32")
    output = keras.layers.Conv2D(1, 3, padding="same")(image)
    model = DiffusionModel(keras.Model([image, time], output), cosine_schedule(5))
    model.compile("adam")
    model.fit(np.zeros((6, 4, 4, 1), "float32"), verbose=0)
    assert model.sample(3, seed=1).shape == (3, 4, 4, 1)


def test_mixed_precision_trains_with_a_float32_loss():
    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        assert np.isfinite(make().fit(X, verbose=0).history["loss"][0])
    finally:
        keras.config.set_dtype_policy("float32")


def test_betas_that_are_no_variances_are_refused():
    with pytest.raises(ValueError, match="betas must be a row.*Received"):
        DiffusionModel(noise_mlp(2, 5), [0.1, 1.5])


def test_steps_beyond_the_process_are_refused():
    with pytest.raises(ValueError, match="steps must be between 1 and 20.*steps=21"):
        make().sample(2, steps=21)
