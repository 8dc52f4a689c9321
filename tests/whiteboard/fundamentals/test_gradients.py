import keras
import numpy as np
import pytest
from keras import ops

from whiteboard.fundamentals import model_gradients, value_and_gradients


def test_value_and_gradients_of_each_argument():
    x, w = np.array([1.0, 2.0, 3.0], "float32"), np.array([0.5, -1.0, 2.0], "float32")
    value, (dx, dw) = value_and_gradients(lambda x, w: ops.sum(x * w**2), x, w)
    assert value == pytest.approx(14.25)
    np.testing.assert_allclose(dx, w**2, rtol=1e-6)
    np.testing.assert_allclose(dw, 2 * x * w, rtol=1e-6)


@pytest.mark.parametrize("used", [True, False])
def test_an_argument_that_does_not_matter_has_a_zero_gradient(used):
    x, y = np.ones(3, "float32"), np.ones((2, 2), "float32")
    constant = ops.sum(ops.ones(3))
    _, (dx, dy) = value_and_gradients(
        lambda x, y: ops.sum(x) if used else constant, x, y
    )
    np.testing.assert_array_equal(dx, np.full(3, float(used)))
    np.testing.assert_array_equal(dy, np.zeros((2, 2)))


@pytest.mark.parametrize(
    "function, arguments, message",
    [
        (ops.sum, [], "must be floating point"),
        (ops.sum, [np.arange(3)], "must be floating point.*int"),
        (lambda x: x, [np.ones(3, "float32")], r"must return a scalar.*\(3,\)"),
    ],
)
def test_bad_input_is_refused(function, arguments, message):
    with pytest.raises(ValueError, match=message):
        value_and_gradients(function, *arguments)


def small_model():
    keras.utils.set_random_seed(0)
    return keras.Sequential(
        [
            keras.Input((4,)),
            keras.layers.Dense(5, "tanh"),
            keras.layers.BatchNormalization(),
            keras.layers.Dropout(0.5),
            keras.layers.Dense(3),
        ]
    )


def test_model_gradients_agree_with_finite_differences():
    model = small_model()
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(16, 4)).astype("float32"), rng.integers(3, size=16)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    value, gradients = model_gradients(model, x, y, loss, training=False)
    assert value == pytest.approx(float(loss(y, model(x))), rel=1e-5)
    for variable, gradient in zip(model.trainable_variables, gradients, strict=True):
        direction = rng.normal(size=variable.shape).astype("float32")
        start = ops.convert_to_numpy(variable)
        losses = []
        for step in (1e-2, -1e-2):
            variable.assign(start + step * direction)
            losses.append(float(loss(y, model(x))))
        variable.assign(start)
        slope = (losses[0] - losses[1]) / 2e-2
        assert slope == pytest.approx(float((gradient * direction).sum()), abs=2e-3)


def test_a_model_is_left_as_it_was():
    model = small_model()
    x, y = np.ones((8, 4), "float32"), np.zeros((8, 3), "float32")
    before = [ops.convert_to_numpy(v) for v in model.variables]
    model_gradients(model, x, y, "mean_squared_error")
    for variable, value in zip(model.variables, before, strict=True):
        np.testing.assert_array_equal(ops.convert_to_numpy(variable), value)


def test_an_unbuilt_model_is_refused():
    model = keras.Sequential([keras.layers.Dense(3)], name="unbuilt")
    with pytest.raises(ValueError, match="model=unbuilt, built=False"):
        model_gradients(model, np.ones((8, 4)), np.ones((8, 3)), "mse")


def test_training_reaches_the_layers_of_a_model_whose_call_does_not_take_it():
    class Model(keras.Model):
        def __init__(self):
            super().__init__()
            self.dense = keras.layers.Dense(2, use_bias=False)
            self.drop = keras.layers.Dropout(0.5, seed=0)

        def call(self, x):
            return self.drop(self.dense(x))

    model, x, y = Model(), np.ones((64, 3), "float32"), np.zeros((64, 2), "float32")
    model(x)
    losses = {t: model_gradients(model, x, y, "mse", training=t)[0] for t in (0, 1)}
    assert losses[0] == pytest.approx(float(ops.mean(model(x) ** 2)), rel=1e-5)
    assert losses[1] > 1.3 * losses[0]
