import numpy as np
import pytest

from whiteboard.generative import data_copying_score


def test_agrees_with_loops():
    rng = np.random.default_rng(0)
    train, test, generated = rng.normal(size=(3, 20, 2))
    wins = 0
    for g in generated:
        for t in test:
            near_g, near_t = (np.linalg.norm(train - x, axis=1).min() for x in (g, t))
            wins += (near_g < near_t) + 0.5 * (near_g == near_t)
    assert data_copying_score(train, test, generated) == pytest.approx(wins / 400)


def test_copies_new_samples_and_noise():
    rng = np.random.default_rng(0)
    train, test, new = rng.normal(size=(3, 500, 4))
    copies = train + rng.normal(0, 0.01, size=train.shape)
    assert data_copying_score(train, test, train) == 1
    assert data_copying_score(train, test, copies) > 0.98
    assert data_copying_score(train, test, new) == pytest.approx(0.5, abs=0.05)
    assert data_copying_score(train, test, new + 50) == 0
    assert data_copying_score(train, test, test) == 0.5
    assert data_copying_score(train[:1], test[:1], new[:1]) in (0, 1)


def test_bad_input():
    good = np.ones((3, 2))
    with pytest.raises(ValueError, match="test must be finite"):
        data_copying_score(good, good * np.nan, good)
    with pytest.raises(ValueError, match="generated must have shape"):
        data_copying_score(good, good, np.ones((3, 1)))
    with pytest.raises(ValueError, match="generated must have shape"):
        data_copying_score(good, good, np.ones((0, 2)))
