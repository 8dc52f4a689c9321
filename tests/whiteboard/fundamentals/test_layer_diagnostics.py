import keras
import numpy as np
import pytest
from keras import layers, ops

from whiteboard.fundamentals import (
    gradient_diagnostics,
    model_gradients,
    value_and_gradients,
)

LOSS = keras.losses.SparseCategoricalCrossentropy(from_logits=True)


def batch(width=4, classes=3, rows=16):
    rng = np.random.default_rng(0)
    return rng.normal(size=(rows, width)).astype("float32"), rng.integers(
        classes, size=rows
    )


def sequential():
    return keras.Sequential(
        [
            keras.Input((4,)),
            layers.Dense(5, "relu", name="first"),
            layers.BatchNormalization(name="norm"),
            layers.Dropout(0.5, seed=1, name="drop"),
            layers.Dense(3, name="last"),
        ]
    )


def functional():
    inputs = keras.Input((4,))
    x = layers.Dense(4, "tanh", name="first")(inputs)
    block = keras.Sequential([layers.Dense(4, "tanh", name="inner")], name="block")
    x = layers.Add(name="add")([x, block(x)])
    return keras.Model(inputs, layers.Dense(3, name="last")(x))


class Subclassed(keras.Model):
    def __init__(self):
        super().__init__(name="subclassed")
        self.shared = layers.Dense(4, "tanh", name="shared")
        self.unused = layers.Dense(4, name="unused")
        self.last = layers.Dense(3, name="last")

    def build(self, input_shape):
        self.scale = self.add_weight(shape=(), initializer="ones", name="scale")
        self.shared.build((None, 4))
        self.unused.build((None, 4))
        self.last.build((None, 4))
        self.built = True

    def call(self, inputs):
        return self.last(self.scale * self.shared(self.shared(inputs)))


def subclassed():
    model = Subclassed()
    model.build((None, 4))
    return model


@pytest.fixture(params=[sequential, functional, subclassed])
def model(request):
    keras.utils.set_random_seed(0)
    return request.param()


def norm(*arrays):
    return float(np.sqrt(sum((np.asarray(a, "float64") ** 2).sum() for a in arrays)))


def test_weight_gradients_are_those_of_model_gradients(model):
    x, y = batch()
    value, gradients = model_gradients(model, x, y, LOSS)
    diagnostics = gradient_diagnostics(model, x, y, LOSS)
    assert diagnostics.loss == pytest.approx(value, rel=1e-6)
    found = [d.weight_gradient_norm for d in diagnostics]
    assert norm(*np.nan_to_num(found)) == pytest.approx(norm(*gradients), rel=1e-5)
    last = next(d for d in diagnostics if d.name == "last")
    mine = [
        g
        for v, g in zip(model.trainable_variables, gradients, strict=True)
        if v.path.split("/")[-2] == "last"
    ]
    assert last.weight_gradient_norm == pytest.approx(norm(*mine), rel=1e-5)


def test_a_model_is_left_as_it_was(model):
    x, y = batch()
    before = [ops.convert_to_numpy(v) for v in model.variables]
    outputs = ops.convert_to_numpy(model(x, training=False))
    first = gradient_diagnostics(model, x, y, LOSS)
    for variable, value in zip(model.variables, before, strict=True):
        np.testing.assert_array_equal(ops.convert_to_numpy(variable), value)
    np.testing.assert_array_equal(ops.convert_to_numpy(model(x)), outputs)
    assert not any("call" in vars(layer) for layer in model._flatten_layers())
    assert str(gradient_diagnostics(model, x, y, LOSS)) == str(first)


def test_the_model_is_left_as_it_was_after_an_error(model):
    x, y = batch()
    with pytest.raises(Exception):  # noqa: B017, the backend's own
        gradient_diagnostics(model, x, y[:-1], LOSS)
    assert not any("call" in vars(layer) for layer in model._flatten_layers())


def test_output_gradients_and_statistics_of_a_two_layer_network():
    keras.utils.set_random_seed(0)
    model = keras.Sequential(
        [keras.Input((4,)), layers.Dense(5, "relu"), layers.Dense(3)]
    )
    x, y = batch()
    first, last = gradient_diagnostics(model, x, y, LOSS)
    w1, b1, w2, b2 = model.get_weights()
    h = np.maximum(x @ w1 + b1, 0)
    _, (dh,) = value_and_gradients(
        lambda h: ops.mean(
            LOSS(
                y, ops.matmul(h, ops.convert_to_tensor(w2)) + ops.convert_to_tensor(b2)
            )
        ),
        h,
    )
    _, (dz,) = value_and_gradients(lambda z: ops.mean(LOSS(y, z)), h @ w2 + b2)
    assert first.output_gradient_norm == pytest.approx(norm(dh), rel=1e-5)
    assert last.output_gradient_norm == pytest.approx(norm(dz), rel=1e-5)
    assert first.output_mean == pytest.approx(h.mean(), rel=1e-5)
    assert first.output_std == pytest.approx(h.std(), rel=1e-5)
    assert first.zeros == pytest.approx((h == 0).mean())
    assert first.weight_norm == pytest.approx(norm(w1, b1), rel=1e-6)


def test_rows_of_a_functional_model_with_a_model_inside():
    diagnostics = gradient_diagnostics(functional(), *batch(), LOSS)
    assert sorted(d.name for d in diagnostics) == ["add", "first", "inner", "last"]
    add = next(d for d in diagnostics if d.name == "add")
    assert np.isnan(add.weight_norm) and add.output_gradient_norm > 0


def test_rows_of_a_subclassed_model():
    model, (x, y) = subclassed(), batch()
    shared, unused, _last, own = gradient_diagnostics(model, x, y, LOSS)
    w, b = model.shared.get_weights()
    h1 = np.tanh(x @ w + b)
    h2 = np.tanh(h1 @ w + b)
    assert shared.output_std == pytest.approx(np.std([h1, h2]), rel=1e-5)
    assert np.isnan(unused.output_mean) and unused.weight_gradient_norm == 0
    assert own.name == "subclassed" and own.weight_norm == 1
    assert own.weight_gradient_norm > 0


def test_prints_a_table():
    diagnostics = gradient_diagnostics(sequential(), *batch(), LOSS)
    title, *rows = str(diagnostics).split("\n")
    assert title.split() == ["layer", "mean", "h", "std", "h", "zeros"] + [
        "|dL/dh|",
        "|W|",
        "|dL/dW|",
    ]
    assert [row.split()[0] for row in rows] == ["first", "norm", "drop", "last"]
    assert len({len(line) for line in [title, *rows]}) == 1
    assert rows[2].split()[-2:] == ["-", "-"]
    assert len(diagnostics) == 4
    assert diagnostics[-1].name == "last"


def test_gradient_ratio_compares_the_first_output_with_the_last():
    diagnostics = gradient_diagnostics(sequential(), *batch(), LOSS)
    expected = diagnostics[0].output_gradient_norm / diagnostics[3].output_gradient_norm
    assert diagnostics.gradient_ratio == pytest.approx(expected)


def test_tokens_tuples_and_integer_outputs():
    inputs = keras.Input((6,), dtype="int32")
    x = layers.Embedding(7, 4, mask_zero=True, name="embed")(inputs)
    x, _state = layers.SimpleRNN(4, return_state=True, name="rnn")(x)
    model = keras.Model(inputs, layers.Dense(3, name="last")(x))
    tokens = np.random.default_rng(0).integers(7, size=(8, 6))
    before = ops.convert_to_numpy(model(tokens))
    diagnostics = gradient_diagnostics(model, tokens, np.zeros(8, int), LOSS)
    assert [d.name for d in diagnostics] == ["embed", "rnn", "last"]
    assert all(d.output_gradient_norm > 0 for d in diagnostics)
    np.testing.assert_array_equal(ops.convert_to_numpy(model(tokens)), before)


def test_mixed_precision():
    model = keras.Sequential(
        [
            keras.Input((4,)),
            layers.Dense(5, "relu", dtype="mixed_bfloat16"),
            layers.Dense(3),
        ]
    )
    diagnostics = gradient_diagnostics(model, *batch(), LOSS)
    assert all(d.output_gradient_norm > 0 for d in diagnostics)


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_nan_is_shown_and_not_hidden(value):
    x, y = batch()
    x[0, 0] = value
    with np.errstate(invalid="ignore"):
        diagnostics = gradient_diagnostics(sequential(), x, y, LOSS, training=False)
    assert np.isnan(diagnostics.loss) or np.isnan(diagnostics[-1].output_mean)


def test_a_frozen_layer_has_no_weight_gradient():
    model = sequential()
    model.get_layer("first").trainable = False
    first, *_ = gradient_diagnostics(model, *batch(), LOSS)
    assert np.isnan(first.weight_gradient_norm) and first.output_gradient_norm > 0


def test_an_unbuilt_model_is_refused():
    model = keras.Sequential([layers.Dense(3)], name="unbuilt")
    with pytest.raises(ValueError, match="must be built. Received: model=unbuilt"):
        gradient_diagnostics(model, np.ones((8, 4)), np.ones(8), LOSS)
