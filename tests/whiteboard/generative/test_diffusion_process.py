import keras
import numpy as np
import pytest
from keras import ops

from whiteboard.generative import (
    added_noise,
    alpha_bars,
    cosine_schedule,
    denoise,
    diffuse,
    ideal_noise,
    linear_schedule,
    predict_data,
    sample_diffusion,
)

RNG = np.random.default_rng(0)
X, NOISE, FRESH = RNG.normal(size=(3, 7, 2)).astype("float32")
BETAS = linear_schedule(10, 0.01, 0.3)
LEVELS = alpha_bars(BETAS)


def to_numpy(x):
    return ops.convert_to_numpy(x)


def test_one_jump_has_the_moments_of_many_steps():
    mean, variance = 1.0, 0.0
    for t, beta in enumerate(BETAS, start=1):
        mean, variance = np.sqrt(1 - beta) * mean, (1 - beta) * variance + beta
        jump = to_numpy(diffuse(X, NOISE, LEVELS[t]))
        expected = mean * X + np.sqrt(variance) * NOISE
        np.testing.assert_allclose(jump, expected, atol=1e-5)


def test_predicted_data_undoes_the_jump():
    noisy = diffuse(X, NOISE, 0.3)
    np.testing.assert_allclose(to_numpy(predict_data(noisy, NOISE, 0.3)), X, atol=1e-5)


def test_levels_may_differ_between_the_rows():
    levels = RNG.uniform(0.1, 0.9, size=(7, 1)).astype("float32")
    rows = [
        to_numpy(diffuse(*row, level))
        for *row, level in zip(X, NOISE, levels[:, 0], strict=True)
    ]
    np.testing.assert_allclose(to_numpy(diffuse(X, NOISE, levels)), rows, atol=1e-6)


def test_added_noise_undoes_the_predicted_data():
    noisy = diffuse(X, NOISE, 0.3)
    np.testing.assert_allclose(to_numpy(added_noise(noisy, X, 0.3)), NOISE, atol=1e-5)


@pytest.mark.parametrize("t", range(2, 11))
def test_step_with_eta_1_is_algorithm_2_of_ddpm(t):
    beta, level, before = BETAS[t - 1], LEVELS[t], LEVELS[t - 1]
    mean = (X - beta / np.sqrt(1 - level) * NOISE) / np.sqrt(1 - beta)
    variance = (1 - before) / (1 - level) * beta
    step = to_numpy(denoise(X, NOISE, level, before, eta=1.0, fresh_noise=FRESH))
    np.testing.assert_allclose(step, mean + np.sqrt(variance) * FRESH, atol=1e-5)


@pytest.mark.parametrize("eta", [0.0, 0.5, 1.0])
def test_step_keeps_the_distribution_whatever_eta(eta):
    x, noise, fresh = RNG.normal(size=(3, 200_000, 1)).astype("float32")
    noisy = diffuse(2.0 + 0 * x, noise, 0.2)
    step = to_numpy(denoise(noisy, noise, 0.2, 0.6, eta, fresh))
    assert step.mean() == pytest.approx(np.sqrt(0.6) * 2, abs=0.01)
    assert step.var() == pytest.approx(0.4, abs=0.01)


def test_step_to_no_noise_is_the_predicted_data():
    step = to_numpy(denoise(X, NOISE, 0.5, 1.0, eta=1.0, fresh_noise=FRESH))
    np.testing.assert_allclose(step, to_numpy(predict_data(X, NOISE, 0.5)), atol=1e-5)


class TestSampleDiffusion:
    levels = alpha_bars(cosine_schedule(100))
    start = keras.random.normal((4000, 1), seed=0)

    def sample(self, **kwargs):
        centres = np.array([[-1.0], [3.0]], "float32")

        def network(x, t):
            self.times.append(t)
            return ideal_noise(x, self.levels[t], centres, 0.1)

        self.times = []
        return to_numpy(sample_diffusion(network, self.start, self.levels, **kwargs))

    @pytest.mark.parametrize("eta", [0.0, 1.0])
    def test_ideal_network_gives_the_data(self, eta):
        x = self.sample(eta=eta, seed=1)
        left = x < 1
        assert left.mean() == pytest.approx(0.5, abs=0.04)
        for part, centre in ((x[left], -1), (x[~left], 3)):
            assert part.mean() == pytest.approx(centre, abs=0.02)
            assert part.std() == pytest.approx(0.1, abs=0.03)

    def test_calls_the_network_once_a_step_from_the_end_to_1(self):
        self.sample()
        assert self.times == list(range(100, 0, -1))
        self.sample(steps=4)
        assert self.times == [100, 75, 50, 25]

    def test_ddim_is_deterministic_and_ddpm_is_seeded(self):
        np.testing.assert_array_equal(self.sample(seed=1), self.sample(seed=2))
        first = self.sample(eta=1.0, seed=1)
        np.testing.assert_array_equal(first, self.sample(eta=1.0, seed=1))
        assert np.abs(first - self.sample(eta=1.0, seed=2)).max() > 0.1

    @pytest.mark.parametrize("steps", [0, 101, -3])
    def test_a_number_of_steps_out_of_range_is_refused(self, steps):
        match = f"steps must be between 1 and 100. Received: steps={steps}"
        with pytest.raises(ValueError, match=match):
            self.sample(steps=steps)

    def test_clipped_data_keeps_the_ideal_samples_and_bounds_all_others(self):
        np.testing.assert_allclose(self.sample(clip=4), self.sample(), atol=1e-3)
        wrong = sample_diffusion(lambda x, t: 0.5 * x, self.start, self.levels, clip=2)
        assert np.abs(to_numpy(wrong)).max() <= 2 + 1e-5

    @pytest.mark.parametrize("clip", [0, -1.0])
    def test_a_clip_that_is_not_positive_is_refused(self, clip):
        with pytest.raises(ValueError, match="clip must be positive. Received: clip="):
            self.sample(clip=clip)

    def test_a_negative_eta_is_refused(self):
        with pytest.raises(ValueError, match="eta must not be negative.*eta=-1"):
            self.sample(eta=-1)
