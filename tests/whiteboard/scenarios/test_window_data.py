import keras
import numpy as np
import pytest

from whiteboard.scenarios import pooled_windows, sliding_windows

SERIES = np.random.default_rng(0).normal(size=20)


@pytest.mark.parametrize(("context", "horizon"), [(1, 1), (5, 1), (4, 3), (15, 5)])
def test_are_all_windows(context, horizon):
    inputs, targets = sliding_windows(SERIES, context, horizon)
    count = 20 - context - horizon + 1
    assert inputs.shape == (count, context) and targets.shape == (count, horizon)
    for i in range(count):
        np.testing.assert_array_equal(inputs[i], SERIES[i : i + context])
        np.testing.assert_array_equal(targets[i], SERIES[i + context :][:horizon])


def test_agree_with_keras():
    inputs, targets = sliding_windows(SERIES, 5, 1)
    if keras.backend.backend() != "tensorflow":
        pytest.skip("timeseries_dataset_from_array makes a tf.data.Dataset")
    data = keras.utils.timeseries_dataset_from_array(SERIES[:-1], SERIES[5:], 5)
    x, y = zip(*data.as_numpy_iterator(), strict=True)
    np.testing.assert_allclose(np.concatenate(x), inputs)
    np.testing.assert_allclose(np.concatenate(y), targets[:, 0])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"context": 0}, "context must be positive"),
        ({"horizon": -1}, "horizon must be positive"),
        ({"context": 20}, "at least 21 values. Received: 20"),
        ({"series": SERIES[:, None]}, "one axis"),
    ],
)
def test_bad_input_is_refused(arguments, message):
    good = {"series": SERIES, "context": 3, "horizon": 1}
    with pytest.raises(ValueError, match=message):
        sliding_windows(**{**good, **arguments})


class TestPooledWindows:
    def test_each_window_is_in_its_own_units(self):
        inputs, targets = pooled_windows([SERIES, 1000 * SERIES[:12] + 7], 5, 2)
        raw_inputs, raw_targets = sliding_windows(SERIES, 5, 2)
        assert inputs.shape == (14 + 6, 5) and targets.shape == (14 + 6, 2)
        np.testing.assert_allclose(inputs.mean(axis=1), 0, atol=1e-9)
        np.testing.assert_allclose(inputs.std(axis=1), 1, atol=1e-4)
        mean, std = raw_inputs[3].mean(), raw_inputs[3].std()
        np.testing.assert_allclose(targets[3], (raw_targets[3] - mean) / std, rtol=1e-4)
        np.testing.assert_allclose(inputs[14:], inputs[:6], atol=1e-4)
        np.testing.assert_allclose(targets[14:], targets[:6], atol=1e-4)

    def test_a_constant_window_stays_finite(self):
        inputs, targets = pooled_windows([np.ones(9)], 3, 1)
        assert (inputs == 0).all() and (targets == 0).all()

    def test_bad_input_is_refused(self):
        with pytest.raises(ValueError, match="many_series must not be empty"):
            pooled_windows([], 3, 1)
        with pytest.raises(ValueError, match="at least 4 values. Received: 3"):
            pooled_windows([SERIES, SERIES[:3]], 3, 1)
