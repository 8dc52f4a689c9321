import keras
import numpy as np
import pytest
from scipy.stats import entropy

from whiteboard.generative import inception_score


def test_bounds():
    assert inception_score(np.eye(10)) == pytest.approx(10)
    assert inception_score(np.repeat(np.eye(10), 100, axis=0)) == pytest.approx(10)
    assert inception_score(np.tile(np.eye(10)[3], (50, 1))) == pytest.approx(1)
    assert inception_score(np.full((50, 10), 0.1)) == pytest.approx(1)
    assert inception_score([[1.0]]) == 1


def test_is_the_mutual_information_of_sample_and_class():
    p = np.random.default_rng(0).dirichlet(np.full(10, 0.3), size=40)
    expected = entropy(p.mean(axis=0)) - entropy(p, axis=1).mean()
    assert np.log(inception_score(p)) == pytest.approx(expected)


def test_takes_a_tensor_in_half_precision():
    p = keras.ops.softmax(keras.ops.cast(np.eye(5), "float16"))
    assert 1 < inception_score(p) < 5


@pytest.mark.parametrize(
    "bad", [np.ones(10) / 10, np.ones((0, 10)), np.ones((1, 2, 1))]
)
def test_wrong_shape(bad):
    with pytest.raises(ValueError, match="probabilities must have shape"):
        inception_score(bad)


@pytest.mark.parametrize("bad", [[2.0, -1.0], [0.5, 0.6], [np.nan, 0.5], [3.0, -4.0]])
def test_not_a_distribution(bad):
    with pytest.raises(ValueError, match="each row must sum to 1"):
        inception_score([[0.5, 0.5], bad])
