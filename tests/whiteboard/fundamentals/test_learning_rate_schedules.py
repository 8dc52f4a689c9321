import keras
import numpy as np
import pytest
from keras import ops

from whiteboard.fundamentals import warmup_cosine_decay

STEPS = np.arange(150)


def rates(*args, **kwargs):
    return ops.convert_to_numpy(warmup_cosine_decay(*args, **kwargs))


@pytest.mark.parametrize("floor", [0.0, 0.03])
def test_agrees_with_keras(floor):
    builtin = keras.optimizers.schedules.CosineDecay(
        0.0, decay_steps=100, alpha=floor / 0.3, warmup_target=0.3, warmup_steps=20
    )
    expected = [float(builtin(step)) for step in STEPS]
    np.testing.assert_allclose(rates(STEPS, 0.3, 20, 100, floor), expected, atol=1e-6)


def test_agrees_with_keras_without_warm_up():
    builtin = keras.optimizers.schedules.CosineDecay(0.3, decay_steps=100)
    expected = [float(builtin(step)) for step in STEPS]
    np.testing.assert_allclose(rates(STEPS, 0.3, 0, 100), expected, atol=1e-6)


def test_landmarks():
    landmarks = rates([0, 5, 10, 60, 110, 10_000], 2.0, 10, 100, floor=0.5)
    np.testing.assert_allclose(landmarks, [0, 1, 2, 1.25, 0.5, 0.5], atol=1e-6)


def test_one_step_is_a_scalar():
    assert rates(3, 1.0, 10, 100).shape == ()


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"warmup_steps": -1}, "warmup_steps must not be negative.*=-1"),
        ({"decay_steps": 0}, "decay_steps must be positive.*decay_steps=0"),
        ({"peak": 0}, "peak must be positive"),
        ({"peak": np.nan}, "peak must be positive"),
        ({"floor": -0.1}, "floor from 0 to peak"),
        ({"floor": 2.0}, "floor from 0 to peak"),
    ],
)
def test_bad_settings_are_refused(settings, message):
    with pytest.raises(ValueError, match=message):
        warmup_cosine_decay(
            0, **{"peak": 1.0, "warmup_steps": 5, "decay_steps": 9, **settings}
        )
