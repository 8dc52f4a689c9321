import numpy as np
import pytest
from keras import ops

from whiteboard.generative import ideal_noise

RNG = np.random.default_rng(0)
CENTRES = RNG.normal(size=(5, 3))
X = RNG.normal(size=(6, 3))


def predict(x, alpha_bar, centres=CENTRES, deviation=0.0):
    arguments = (np.asarray(each, "float32") for each in (x, centres))
    x, centres = arguments
    return ops.convert_to_numpy(ideal_noise(x, alpha_bar, centres, deviation))


@pytest.mark.parametrize("deviation", [0.0, 0.3])
@pytest.mark.parametrize("alpha_bar", [0.0, 0.2, 0.9])
def test_is_the_score_of_the_noisy_mixture(deviation, alpha_bar):
    variance = alpha_bar * deviation**2 + 1 - alpha_bar

    def log_density(x):
        squares = ((x[:, None] - np.sqrt(alpha_bar) * CENTRES) ** 2).sum(axis=-1)
        return np.log(np.exp(-squares / (2 * variance)).sum(axis=1))

    score = [
        (log_density(X + step) - log_density(X - step)) / 2e-5
        for step in 1e-5 * np.eye(3)
    ]
    expected = -np.sqrt(1 - alpha_bar) * np.transpose(score)
    found = predict(X, alpha_bar, deviation=deviation)
    np.testing.assert_allclose(found, expected, atol=1e-4)


def test_is_the_mean_of_the_noise_given_the_noisy_data():
    rng = np.random.default_rng(1)
    data = rng.choice([-1.0, 1.0], size=400_000) + 0.2 * rng.normal(size=400_000)
    noise = rng.normal(size=400_000)
    noisy = np.sqrt(0.6) * data + np.sqrt(0.4) * noise
    for x in (-1.0, 0.3, 1.2):
        near = np.abs(noisy - x) < 0.02
        expected = noise[near].mean()
        found = predict([[x]], 0.6, [[-1.0], [1.0]], 0.2).item()
        assert found == pytest.approx(expected, abs=0.04)


def test_is_the_noise_itself_where_there_is_one_point():
    noise = RNG.normal(size=(4, 3))
    noisy = np.sqrt(0.3) * CENTRES[:1] + np.sqrt(0.7) * noise
    np.testing.assert_allclose(predict(noisy, 0.3, CENTRES[:1]), noise, atol=1e-5)


def test_is_finite_far_from_all_centres():
    assert np.all(np.isfinite(predict(1e4 * X, 0.999)))


@pytest.mark.parametrize("alpha_bar", [1.0, -0.1, np.nan])
def test_a_level_without_noise_is_refused(alpha_bar):
    with pytest.raises(ValueError, match="alpha_bar must be at least 0 and below 1"):
        predict(X, alpha_bar)


def test_a_negative_deviation_is_refused():
    with pytest.raises(ValueError, match="deviation must not be negative.*=-1"):
        predict(X, 0.5, deviation=-1)
