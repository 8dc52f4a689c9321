import keras
import numpy as np
import pytest
from keras import ops

from whiteboard.fundamentals import MLP
from whiteboard.generative import Autoencoder, reconstruction_error

X = np.random.default_rng(0).normal(size=(64, 6)).astype("float32")


def make(code_size=2, **kwargs):
    keras.utils.set_random_seed(1)
    model = Autoencoder(MLP([8, code_size]), MLP([8, 6]), **kwargs)
    model.compile(keras.optimizers.Adam(0.01))
    return model


@pytest.mark.parametrize("shape", [(5, 3), (4, 2, 3, 1), (1, 1)])
def test_error_is_the_sum_of_squares_of_each_example(shape):
    x, y = np.random.default_rng(0).normal(size=(2, *shape)).astype("float32")
    expected = ((x - y) ** 2).reshape(len(x), -1).sum(axis=1)
    error = ops.convert_to_numpy(reconstruction_error(x, y))
    np.testing.assert_allclose(error, expected, rtol=1e-5)


def test_loss_is_keras_mean_squared_error_times_the_features():
    model = make()
    mse = keras.losses.mean_squared_error(X, model(X))
    expected = 6 * float(ops.mean(mse))
    assert model.evaluate(X, verbose=0) == pytest.approx(expected, rel=1e-4)


def test_training_lowers_the_loss_with_and_without_a_target():
    for arguments in ((X,), (X, X)):
        model = make()
        before = model.evaluate(X, verbose=0)
        model.fit(*arguments, epochs=30, verbose=0)
        assert model.evaluate(X, verbose=0) < 0.8 * before


def test_noise_is_added_to_the_input_in_training_only():
    identity = MLP([6], kernel_initializer="identity")
    model = Autoencoder(identity, MLP([6], kernel_initializer="identity"), 0.5, seed=1)
    model.compile(keras.optimizers.SGD(0.0))
    x = np.zeros((4096, 6), "float32")
    assert model.evaluate(x, verbose=0) == pytest.approx(0, abs=1e-6)
    loss = model.fit(x, verbose=0).history["loss"][0]
    assert loss == pytest.approx(6 * 0.5**2, rel=0.05)


def test_losses_of_layers_are_added():
    keras.utils.set_random_seed(1)
    coder = keras.layers.Dense(2, activity_regularizer=keras.regularizers.L2(1.0))
    model = Autoencoder(coder, keras.layers.Dense(6))
    model.compile("adam")
    codes = ops.convert_to_numpy(model.encode(X))
    plain = float(ops.mean(reconstruction_error(X, model(X))))
    expected = plain + (codes**2).sum() / len(X)
    loss = model.evaluate(X, batch_size=len(X), verbose=0)
    assert loss == pytest.approx(expected, rel=1e-3)


def test_saved_and_loaded_it_codes_the_same_and_trains_on(tmp_path):
    model = make(noise_deviation=0.1, seed=3)
    model.fit(X, verbose=0)
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    assert (loaded.noise_deviation, loaded.seed) == (0.1, 3)
    codes = [ops.convert_to_numpy(each.encode(X)) for each in (model, loaded)]
    np.testing.assert_allclose(*codes, atol=1e-6)
    loaded.fit(X, verbose=0)


def test_images_and_convolutions():
    images = np.zeros((4, 8, 8, 1), "float32")
    encoder = keras.Sequential(
        [keras.layers.Conv2D(2, 3, 2, "same"), keras.layers.Flatten()]
    )
    decoder = keras.Sequential(
        [keras.layers.Dense(64), keras.layers.Reshape((8, 8, 1))]
    )
    model = Autoencoder(encoder, decoder)
    model.compile("adam")
    model.fit(images, verbose=0)
    assert model.predict(images, verbose=0).shape == (4, 8, 8, 1)


def test_mixed_precision_trains_with_a_float32_loss():
    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        model = make()
        assert np.isfinite(model.fit(X, verbose=0).history["loss"][0])
    finally:
        keras.config.set_dtype_policy("float32")


def test_nan_in_the_data_shows_in_the_loss():
    assert np.isnan(make().evaluate(np.full_like(X, np.nan), verbose=0))


@pytest.mark.parametrize("deviation", [-1, np.nan])
def test_a_negative_deviation_is_refused(deviation):
    with pytest.raises(ValueError, match="noise_deviation must not be negative.*="):
        make(noise_deviation=deviation)


def test_a_decoder_of_another_size_is_refused():
    model = Autoencoder(MLP([2]), MLP([5]))
    with pytest.raises(ValueError, match="decoder must give back the shape.*6.*5"):
        model.build((None, 6))
