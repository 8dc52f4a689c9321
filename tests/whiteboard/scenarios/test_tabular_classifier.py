import keras
import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from whiteboard.scenarios import tabular_network


@pytest.fixture
def table():
    rng = np.random.default_rng(0)
    x = rng.normal([1000, -3], [200, 0.01], size=(2000, 2)).astype("float32")
    z = (x - x.mean(0)) / x.std(0)
    return x, (z[:, 0] * z[:, 1] + 0.3 * rng.normal(size=2000) > 0).astype("float32")


def test_learns_an_interaction_from_inputs_of_any_scale(table):
    x, y = table
    keras.utils.set_random_seed(0)
    network = tabular_network(x[:1500])
    network.fit(x[:1500], y[:1500], batch_size=100, epochs=15, verbose=0)
    p = network.predict(x[1500:], verbose=0)[:, 0]
    assert p.shape == (500,) and roc_auc_score(y[1500:], p) > 0.9


def test_starts_at_the_share_of_positives(table):
    x, _ = table
    network = tabular_network(x, units=(), positives=0.06)
    network.layers[-1].kernel.assign(np.zeros((2, 1)))
    np.testing.assert_allclose(network.predict(x[:3], verbose=0), 0.06, rtol=1e-4)


def test_units_and_dropout_are_those_asked_for(table):
    network = tabular_network(table[0], units=(8, 4), dropout=0.3)
    assert [w.shape for w in network.trainable_weights][::2] == [(2, 8), (8, 4), (4, 1)]
    rates = [x.rate for x in network.layers if isinstance(x, keras.layers.Dropout)]
    assert rates == [0.3, 0.3]


def test_the_scale_is_saved_with_the_model(table, tmp_path):
    x, _ = table
    network = tabular_network(x)
    network.save(tmp_path / "network.keras")
    loaded = keras.models.load_model(tmp_path / "network.keras")
    before, after = network.predict(x[:9], verbose=0), loaded.predict(x[:9], verbose=0)
    np.testing.assert_allclose(after, before, rtol=1e-5)


def test_a_constant_column_does_no_harm(table):
    x, _ = table
    x[:, 1] = 5
    assert np.isfinite(tabular_network(x).predict(x[:5], verbose=0)).all()


@pytest.mark.parametrize(
    "x",
    [np.zeros((0, 3)), np.zeros(3), np.full((4, 2), np.nan), np.full((4, 2), np.inf)],
)
def test_tables_that_are_none_are_refused(x):
    with pytest.raises(ValueError, match="x must be a finite table"):
        tabular_network(x)


@pytest.mark.parametrize("positives", [0, 1, -1, float("nan")])
def test_shares_of_positives_out_of_range_are_refused(table, positives):
    with pytest.raises(ValueError, match="positives must be above 0 and below 1"):
        tabular_network(table[0], positives=positives)
