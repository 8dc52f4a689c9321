import keras
import numpy as np
import pytest
from keras import ops
from scipy import stats

from whiteboard.fundamentals import MLP, value_and_gradients
from whiteboard.generative import (
    VariationalAutoencoder,
    gaussian_log_likelihood,
    kl_to_standard_normal,
    reparameterize,
)

RNG = np.random.default_rng(0)
X = RNG.normal(size=(64, 6)).astype("float32")
MEAN, LOG_VARIANCE, NOISE = RNG.normal(size=(3, 5, 4)).astype("float32")


def to_numpy(x):
    return ops.convert_to_numpy(x)


def make(encoder_outputs=4, **kwargs):
    keras.utils.set_random_seed(1)
    encoder, decoder = MLP([8, encoder_outputs]), MLP([8, 6])
    model = VariationalAutoencoder(encoder, decoder, **kwargs)
    model.build((None, 6))
    model.compile(keras.optimizers.Adam(0.01))
    return model


class TestReparameterize:
    def test_is_the_formula_with_gradients_for_mean_and_variance(self):
        _, gradients = value_and_gradients(
            lambda m, v: ops.sum(reparameterize(m, v, NOISE)), MEAN, LOG_VARIANCE
        )
        deviation = np.exp(0.5 * LOG_VARIANCE)
        z = to_numpy(reparameterize(MEAN, LOG_VARIANCE, NOISE))
        np.testing.assert_allclose(z, MEAN + deviation * NOISE, rtol=1e-5)
        np.testing.assert_allclose(gradients[0], np.ones_like(MEAN), rtol=1e-6)
        expected = 0.5 * deviation * NOISE
        np.testing.assert_allclose(gradients[1], expected, rtol=1e-4, atol=1e-6)


class TestKLToStandardNormal:
    def test_is_the_integral(self):
        grid = np.linspace(-30, 30, 60_001)
        q = stats.norm(MEAN[..., None], np.exp(0.5 * LOG_VARIANCE[..., None]))
        ratio = q.logpdf(grid) - stats.norm.logpdf(grid)
        expected = (q.pdf(grid) * ratio).sum(axis=-1) * (grid[1] - grid[0])
        kl = to_numpy(kl_to_standard_normal(MEAN, LOG_VARIANCE))
        np.testing.assert_allclose(kl, expected, atol=1e-5)

    def test_is_zero_at_the_prior_and_never_negative(self):
        zeros = np.zeros((3, 2), "float32")
        assert np.all(to_numpy(kl_to_standard_normal(zeros, zeros)) == 0)
        mean, log_variance = RNG.normal(scale=3, size=(2, 1000, 1)).astype("float32")
        assert to_numpy(kl_to_standard_normal(mean, log_variance)).min() >= -1e-6


@pytest.mark.parametrize("shape", [(5, 3), (2, 4, 4, 1)])
def test_log_likelihood_agrees_with_scipy(shape):
    x, mean = RNG.normal(size=(2, *shape)).astype("float32")
    expected = stats.norm(mean, 0.7).logpdf(x).reshape(len(x), -1).sum(axis=1)
    value = to_numpy(gaussian_log_likelihood(x, mean, 0.7))
    np.testing.assert_allclose(value, expected, rtol=1e-5)


class TestVariationalAutoencoder:
    def test_loss_is_minus_the_elbo(self):
        model = make(deviation=0.7)
        reconstruction, mean, log_variance = outputs = model(X)
        likelihood = gaussian_log_likelihood(X, reconstruction, 0.7)
        kl = to_numpy(kl_to_standard_normal(mean, log_variance)).sum(axis=1)
        expected = (kl - to_numpy(likelihood)).mean()
        loss = float(model.compute_loss(x=X, y_pred=outputs))
        assert loss == pytest.approx(expected, rel=1e-5)

    def test_training_reports_both_parts_of_the_loss(self):
        model = make(deviation=0.5)
        history = model.fit(X, epochs=20, verbose=0).history
        assert history["loss"][-1] < history["loss"][0]
        parts = np.add(history["kl"], history["reconstruction"])
        np.testing.assert_allclose(history["loss"], parts, rtol=1e-3, atol=1e-3)

    def test_the_posterior_is_sampled_anew_and_seeded(self):
        model, same, other = make(seed=1), make(seed=1), make(seed=2)
        first = to_numpy(model(X)[0])
        np.testing.assert_allclose(to_numpy(same(X)[0]), first, atol=1e-6)
        for again in (model(X)[0], other(X)[0]):
            assert np.abs(to_numpy(again) - first).max() > 0.01

    def test_samples_decode_the_prior(self):
        model = make()
        model(X)
        latents = keras.random.normal((3, 2), seed=5)
        expected = to_numpy(model.decode(latents))
        np.testing.assert_allclose(to_numpy(model.sample(3, seed=5)), expected)

    def test_saved_and_loaded_it_is_the_same_and_trains_on(self, tmp_path):
        model = make(deviation=0.3, seed=4)
        model.fit(X, verbose=0)
        model.save(tmp_path / "model.keras")
        loaded = keras.saving.load_model(tmp_path / "model.keras")
        assert (loaded.deviation, loaded.seed) == (0.3, 4)
        for mine, theirs in zip(model.encode(X), loaded.encode(X), strict=True):
            np.testing.assert_allclose(to_numpy(mine), to_numpy(theirs), atol=1e-6)
        assert loaded.sample(2).shape == (2, 6)
        loaded.fit(X, verbose=0)

    def test_mixed_precision_trains_with_a_float32_loss(self):
        keras.config.set_dtype_policy("mixed_bfloat16")
        try:
            assert np.isfinite(make().fit(X, verbose=0).history["loss"][0])
        finally:
            keras.config.set_dtype_policy("float32")

    @pytest.mark.parametrize("deviation", [0, -1.0, np.nan])
    def test_a_deviation_that_is_not_positive_is_refused(self, deviation):
        with pytest.raises(ValueError, match="deviation must be positive.*="):
            make(deviation=deviation)

    def test_an_odd_number_of_encoder_outputs_is_refused(self):
        with pytest.raises(ValueError, match="encoder must give a mean.*3 outputs"):
            make(encoder_outputs=3)
