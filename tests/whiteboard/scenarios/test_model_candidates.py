import numpy as np
import pytest

from whiteboard.scenarios import candidate_models

NAMES = ["logistic", "forest", "XGBoost"]


@pytest.mark.parametrize("name", NAMES)
def test_a_model_gives_probabilities_and_repeats_itself(name):
    x = np.random.default_rng(0).normal(size=(300, 3)) * [1, 100, 0.01]
    y = (x[:, 0] > 0).astype(int)
    first, second = (candidate_models(5)[name].fit(x, y) for _ in range(2))
    p = first.predict_proba(x)
    assert p.shape == (300, 2) and first.score(x, y) > 0.9
    np.testing.assert_allclose(p.sum(axis=1), 1, rtol=1e-5)
    np.testing.assert_array_equal(p, second.predict_proba(x))


def test_names_and_fresh_models():
    first, second = candidate_models(), candidate_models()
    assert list(first) == NAMES
    assert all(first[name] is not second[name] for name in NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_rows_with_other_features_are_refused(name):
    x = np.random.default_rng(0).normal(size=(60, 3))
    model = candidate_models(0)[name].fit(x, np.arange(60) % 2)
    with pytest.raises(ValueError, match="(?i)feature"):
        model.predict_proba(x[:, :2])
