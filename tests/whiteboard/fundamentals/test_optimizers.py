import keras
import numpy as np
import pytest
from keras import ops

from whiteboard.fundamentals import adam_step, adamw_step, rmsprop_step, sgd_step

STEPS = 30
RNG = np.random.default_rng(0)
START = RNG.normal(size=(3, 4)).astype("float32")
GRADIENTS = RNG.normal(size=(STEPS, 3, 4)).astype("float32")
CASES = {
    "sgd": (sgd_step, {}, keras.optimizers.SGD),
    "momentum": (sgd_step, {"momentum": 0.9}, keras.optimizers.SGD),
    "nesterov": (
        sgd_step,
        {"momentum": 0.9, "nesterov": True},
        keras.optimizers.SGD,
    ),
    "rmsprop": (rmsprop_step, {"rho": 0.8}, keras.optimizers.RMSprop),
    "adam": (adam_step, {}, keras.optimizers.Adam),
    "adamw": (adamw_step, {"weight_decay": 0.3}, keras.optimizers.AdamW),
}


def with_keras(optimizer, start, gradients):
    variable = keras.Variable(start)
    for gradient in gradients:
        optimizer.apply([ops.convert_to_tensor(gradient)], [variable])
        yield ops.convert_to_numpy(variable)


def with_steps(step, settings, start, gradients):
    weights, state = start, ()
    for gradient in gradients:
        weights, *state = step(weights, gradient, *state, **settings)
        yield ops.convert_to_numpy(weights)


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("learning_rate", [0.003, 0.1])
@pytest.mark.parametrize("scale", [1.0, 1e3])
def test_agrees_with_keras_step_by_step(case, learning_rate, scale):
    step, settings, builtin = CASES[case]
    settings = {**settings, "learning_rate": learning_rate}
    gradients = scale * GRADIENTS if "adam" in case else GRADIENTS
    expected = with_keras(builtin(**settings), START, gradients)
    actual = with_steps(step, settings, START, gradients)
    # Keras takes 1 - 0.999 in float32, where it is off by a relative 1e-5 or so, in every step.
    tolerance = 1e-6 + 3e-4 * learning_rate * ("adam" in case)
    for mine, theirs in zip(actual, expected, strict=True):
        np.testing.assert_allclose(mine, theirs, rtol=1e-6, atol=tolerance)


@pytest.mark.parametrize("case", CASES)
def test_tensors_and_arrays_give_the_same(case):
    step, settings, _ = CASES[case]
    tensors = [ops.convert_to_tensor(x) for x in GRADIENTS[:3]]
    expected = with_steps(step, settings, START, GRADIENTS[:3])
    actual = with_steps(step, settings, ops.convert_to_tensor(START), tensors)
    for mine, theirs in zip(actual, expected, strict=True):
        np.testing.assert_allclose(mine, theirs, atol=1e-6)


def test_keras_corrects_only_after_adding_epsilon():
    """The same epsilon weighs 1 / sqrt(1 - beta_2^t) more in Keras' Adam."""
    gradient, epsilon = np.array([1e-6], "float32"), 1e-6
    optimizer = keras.optimizers.Adam(0.1, epsilon=epsilon)
    (theirs,) = with_keras(optimizer, np.zeros(1, "float32"), [gradient])
    same, _ = adam_step(0.0, gradient, None, 0.1, epsilon=epsilon / 0.001**0.5)
    np.testing.assert_allclose(same, theirs, rtol=1e-4)
    paper, _ = adam_step(0.0, gradient, None, 0.1, epsilon=epsilon)
    np.testing.assert_allclose(paper, -0.05, rtol=1e-4)


def test_step_does_not_change_its_arguments():
    for step, settings, _ in CASES.values():
        weights, gradient = START.copy(), GRADIENTS[0].copy()
        _, state = step(weights, gradient, **settings)
        step(weights, gradient, state, **settings)
        np.testing.assert_array_equal(weights, START)
        np.testing.assert_array_equal(gradient, GRADIENTS[0])


def test_nan_gradient_gives_nan_only_there():
    gradient = np.array([np.nan, 1.0])
    for step, settings, _ in CASES.values():
        weights, _ = step(np.zeros(2), gradient, **settings)
        np.testing.assert_array_equal(np.isnan(weights), [True, False])


def test_zero_gradient_moves_nothing_but_decays():
    for name, (step, settings, _) in CASES.items():
        weights, _ = step(np.ones(2), np.zeros(2), **settings)
        np.testing.assert_allclose(weights, 1 - 0.0003 * (name == "adamw"))


@pytest.mark.parametrize(
    ("step", "settings", "message"),
    [
        (sgd_step, {"learning_rate": -1.0}, "learning_rate must not be negative.*-1.0"),
        (sgd_step, {"learning_rate": np.nan}, "learning_rate must not be.*nan"),
        (sgd_step, {"momentum": 1.0}, "momentum must be at least 0 and below 1.*=1.0"),
        (sgd_step, {"momentum": -0.1}, "momentum must be at least 0 and below 1"),
        (rmsprop_step, {"rho": 1.0}, "rho must be at least 0 and below 1.*rho=1.0"),
        (rmsprop_step, {"epsilon": -1e-9}, "epsilon must not be negative"),
        (adam_step, {"betas": (1.0, 0.9)}, "beta_1 must be.*beta_1=1.0"),
        (adam_step, {"betas": (0.9, -1)}, "beta_2 must be.*beta_2=-1"),
        (adamw_step, {"weight_decay": -1.0}, "weight_decay must not be negative"),
    ],
)
def test_bad_settings_are_refused(step, settings, message):
    with pytest.raises(ValueError, match=message):
        step(1.0, 1.0, **settings)
