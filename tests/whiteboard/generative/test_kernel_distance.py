import numpy as np
import pytest
from sklearn.metrics.pairwise import polynomial_kernel

from whiteboard.generative import kernel_inception_distance


def test_agrees_with_a_loop_over_pairs():
    rng = np.random.default_rng(0)
    real, generated = rng.normal(size=(7, 3)), rng.normal(1, size=(5, 3))

    def mean_kernel(x, y, same):
        k = polynomial_kernel(x, y, degree=3, gamma=1 / 3, coef0=1)
        pairs = [
            k[i, j] for i in range(len(x)) for j in range(len(y)) if not same or i != j
        ]
        return np.mean(pairs)

    expected = mean_kernel(real, real, True) + mean_kernel(generated, generated, True)
    expected -= 2 * mean_kernel(real, generated, False)
    assert kernel_inception_distance(real, generated) == pytest.approx(expected)
    assert kernel_inception_distance(generated, real) == pytest.approx(expected)


def test_unbiased():
    rng = np.random.default_rng(0)
    values = [
        kernel_inception_distance(*rng.normal(size=(2, 20, 8))) for _ in range(400)
    ]
    assert abs(np.mean(values)) < 4 * np.std(values) / 20
    assert min(values) < 0 < max(values)


def test_sees_a_difference():
    real, generated = np.random.default_rng(0).normal(size=(2, 200, 8))
    assert kernel_inception_distance(real, generated + 1) > 1


def test_bad_input():
    good = np.ones((4, 3))
    with pytest.raises(ValueError, match="generated must have at least 2 rows"):
        kernel_inception_distance(good, good[:1])
    with pytest.raises(ValueError, match="real must be finite"):
        kernel_inception_distance(good * np.nan, good)
    with pytest.raises(ValueError, match="must have shape"):
        kernel_inception_distance(good, good[:, :2])
