import keras
import numpy as np
import pytest
from keras import ops

from whiteboard.fundamentals import LossScale, loss_scaling_step


def test_agrees_with_keras_step_by_step():
    rng = np.random.default_rng(0)
    weight = keras.Variable(np.ones(3, "float32"))
    inner = keras.optimizers.SGD(0.1, momentum=0.9)
    optimizer = keras.optimizers.LossScaleOptimizer(
        inner, initial_scale=64.0, dynamic_growth_steps=3
    )
    optimizer.build([weight])
    mine = keras.Variable(np.ones(3, "float32"))
    sgd = keras.optimizers.SGD(0.1, momentum=0.9)
    sgd.build([mine])
    loss_scale = LossScale(64.0)
    bad_steps = {2: np.inf, 3: np.nan, 9: -np.inf}
    factors = []
    for step in range(15):
        scaled = rng.normal(size=3).astype("float32")
        scaled[1] = bad_steps.get(step, scaled[1])
        optimizer.apply([ops.convert_to_tensor(scaled)], [weight])
        gradients, is_finite, loss_scale = loss_scaling_step(
            loss_scale, [scaled], growth_steps=3
        )
        if is_finite:
            sgd.apply(gradients, [mine])
        assert bool(is_finite) == (step not in bad_steps)
        assert float(loss_scale.factor) == float(optimizer.dynamic_scale.value)
        assert int(loss_scale.good_steps) == int(optimizer.step_counter.value)
        np.testing.assert_allclose(
            ops.convert_to_numpy(mine.value),
            ops.convert_to_numpy(weight.value),
            rtol=1e-6,
        )
        factors.append(float(loss_scale.factor))
    assert len(set(factors)) > 2


def test_gradients_are_unscaled_in_float32():
    scaled = ops.cast(np.array([1.0, 6e-8], "float32"), "float16")
    (gradient,), is_finite, _ = loss_scaling_step(LossScale(1024.0), [scaled])
    assert keras.backend.standardize_dtype(gradient.dtype) == "float32"
    expected = np.array([1.0, 2.0**-24]) / 1024
    np.testing.assert_allclose(ops.convert_to_numpy(gradient), expected, rtol=1e-6)
    assert bool(is_finite)


def test_one_bad_gradient_of_many_is_enough():
    gradients = [np.ones(2), np.array([[1.0, np.nan]]), np.ones(3)]
    _, is_finite, after = loss_scaling_step(LossScale(8.0, 5), gradients)
    assert not bool(is_finite)
    assert (float(after.factor), int(after.good_steps)) == (4.0, 0)


def test_default_is_that_of_keras():
    optimizer = keras.optimizers.LossScaleOptimizer(keras.optimizers.SGD())
    assert LossScale().factor == optimizer.initial_scale
    _, _, after = loss_scaling_step(LossScale(2.0, 1999), [np.ones(1)])
    assert float(after.factor) == 4.0
    _, _, after = loss_scaling_step(LossScale(2.0, 1998), [np.ones(1)])
    assert float(after.factor) == 2.0
    assert optimizer.dynamic_growth_steps == 2000


def test_bad_input_is_refused():
    with pytest.raises(ValueError, match="scaled_gradients must not be empty"):
        loss_scaling_step(LossScale(), [])
    with pytest.raises(ValueError, match="Received: growth_steps=0"):
        loss_scaling_step(LossScale(), [np.ones(1)], growth_steps=0)
