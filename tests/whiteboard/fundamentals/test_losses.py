import keras
import numpy as np
import pytest
from keras import ops
from scipy import special

from whiteboard.fundamentals import (
    binary_cross_entropy,
    log_softmax,
    log_sum_exp,
    mean_squared_error,
    softmax,
    softmax_cross_entropy,
    softmax_cross_entropy_gradient,
    sparse_softmax_cross_entropy,
    value_and_gradients,
)


def random(*shape, scale=1.0, seed=0):
    return (scale * np.random.default_rng(seed).normal(size=shape)).astype("float32")


def to_numpy(x):
    return ops.convert_to_numpy(x)


LOGITS = {
    "ordinary": random(6, 5),
    "large": random(6, 5, scale=1e4),
    "extreme": np.array([[1e4, -1e4, 0, 1e4, 1]] * 6, "float32"),
    "equal": np.full((6, 5), -1e4, "float32"),
}
LABELS = np.array([0, 4, 2, 1, 3, 3])
ONE_HOT = np.eye(5, dtype="float32")[LABELS]


@pytest.fixture(params=LOGITS)
def logits(request):
    return LOGITS[request.param]


class TestLogSumExp:
    @pytest.mark.parametrize("axis", [-1, 0])
    def test_agrees_with_scipy(self, logits, axis):
        expected = special.logsumexp(logits.astype("float64"), axis=axis)
        actual = to_numpy(log_sum_exp(logits, axis=axis))
        np.testing.assert_allclose(actual, expected, rtol=1e-6)

    def test_gradient_is_the_softmax(self, logits):
        _, (gradient,) = value_and_gradients(lambda x: ops.sum(log_sum_exp(x)), logits)
        expected = special.softmax(logits.astype("float64"), axis=-1)
        np.testing.assert_allclose(gradient, expected, atol=1e-6)

    @pytest.mark.parametrize(
        ("row", "expected"),
        [
            ([-np.inf, -np.inf], -np.inf),
            ([-np.inf, 3.0], 3.0),
            ([np.inf, 3.0], np.inf),
            ([np.nan, 3.0], np.nan),
        ],
    )
    def test_infinite_and_missing(self, row, expected):
        actual = to_numpy(log_sum_exp(np.array([row], "float32")))
        np.testing.assert_allclose(actual, [expected])


class TestSoftmax:
    def test_agrees_with_scipy(self, logits):
        exact = logits.astype("float64")
        expected = special.log_softmax(exact, axis=-1)
        np.testing.assert_allclose(to_numpy(log_softmax(logits)), expected, rtol=1e-5)
        expected = special.softmax(exact, axis=-1)
        np.testing.assert_allclose(to_numpy(softmax(logits)), expected, atol=1e-6)

    def test_float16_stays_float16_and_finite(self):
        probabilities = softmax(np.array([[6e4, -6e4, 0]], "float16"))
        assert keras.backend.standardize_dtype(probabilities.dtype) == "float16"
        np.testing.assert_array_equal(to_numpy(probabilities), [[1, 0, 0]])


class TestSoftmaxCrossEntropy:
    def test_agrees_with_keras(self, logits):
        expected = keras.losses.categorical_crossentropy(
            ONE_HOT, logits, from_logits=True
        )
        dense = to_numpy(softmax_cross_entropy(ONE_HOT, logits))
        sparse = to_numpy(sparse_softmax_cross_entropy(LABELS, logits))
        np.testing.assert_allclose(dense, to_numpy(expected), rtol=1e-5, atol=1e-6)
        np.testing.assert_allclose(sparse, dense, rtol=1e-6, atol=1e-7)

    def test_gradient_agrees_with_keras_and_autodiff(self, logits):
        def builtin(x):
            losses = keras.losses.categorical_crossentropy(ONE_HOT, x, from_logits=True)
            return ops.sum(losses)

        functions = [
            builtin,
            lambda x: ops.sum(softmax_cross_entropy(ONE_HOT, x)),
            lambda x: ops.sum(sparse_softmax_cross_entropy(LABELS, x)),
        ]
        written = to_numpy(softmax_cross_entropy_gradient(ONE_HOT, logits))
        for function in functions:
            _, (gradient,) = value_and_gradients(function, logits)
            np.testing.assert_allclose(written, gradient, atol=1e-6)

    def test_soft_targets(self):
        targets = special.softmax(random(6, 5, seed=1), axis=-1)
        logits = LOGITS["ordinary"]
        expected = -(targets * special.log_softmax(logits, axis=-1)).sum(-1)
        actual = to_numpy(softmax_cross_entropy(targets, logits))
        np.testing.assert_allclose(actual, expected, rtol=1e-5)

    def test_more_axes(self):
        logits, labels = random(2, 3, 4), np.array([[0, 1, 2], [3, 0, 1]])
        expected = keras.losses.sparse_categorical_crossentropy(
            labels, logits, from_logits=True
        )
        actual = sparse_softmax_cross_entropy(labels, logits)
        np.testing.assert_allclose(to_numpy(actual), to_numpy(expected), rtol=1e-5)

    @pytest.mark.parametrize("labels", [[5], [-1], np.array([7])])
    def test_labels_out_of_range_are_refused(self, labels):
        with pytest.raises(ValueError, match=r"labels must be from 0 to 4\. Received"):
            sparse_softmax_cross_entropy(labels, np.zeros((1, 5), "float32"))

    def test_a_tensor_of_labels_out_of_range_gives_nan(self):
        labels = ops.convert_to_tensor(np.array([0, 5, -1], "int32"))
        losses = sparse_softmax_cross_entropy(labels, np.zeros((3, 5), "float32"))
        expected = [np.log(5), np.nan, np.nan]
        np.testing.assert_allclose(to_numpy(losses), expected, rtol=1e-6)

    def test_labels_must_be_integers(self):
        with pytest.raises(ValueError, match="labels must be integers"):
            sparse_softmax_cross_entropy([1.0], np.zeros((1, 5), "float32"))

    def test_labels_of_another_shape_are_refused(self):
        with pytest.raises(ValueError, match="labels must have the shape"):
            sparse_softmax_cross_entropy([[1]], np.zeros((1, 5), "float32"))

    def test_nan_logits_give_nan(self):
        logits = np.array([[np.nan, 0.0], [1.0, 0.0]], "float32")
        losses = to_numpy(sparse_softmax_cross_entropy([0, 0], logits))
        assert np.isnan(losses[0]) and np.isfinite(losses[1])

    def test_trains_in_a_compiled_model(self):
        model = keras.Sequential([keras.Input((5,)), keras.layers.Dense(5)])
        model.compile("sgd", softmax_cross_entropy)
        history = model.fit(LOGITS["ordinary"], ONE_HOT, epochs=3, verbose=0)
        losses = history.history["loss"]
        assert losses[-1] < losses[0]


class TestBinaryCrossEntropy:
    @pytest.mark.parametrize("scale", [1.0, 30.0, 1e4])
    def test_agrees_with_keras(self, scale):
        logits, targets = random(50, 1, scale=scale), np.zeros((50, 1), "float32")
        targets[::2], targets[::5] = 1, 0.3

        def builtin(z):
            losses = keras.losses.binary_crossentropy(targets, z, from_logits=True)
            return ops.sum(losses)

        expected, (expected_gradient,) = value_and_gradients(builtin, logits)
        value, (gradient,) = value_and_gradients(
            lambda z: ops.sum(binary_cross_entropy(targets, z)), logits
        )
        np.testing.assert_allclose(value, expected, rtol=1e-5)
        np.testing.assert_allclose(gradient, expected_gradient, atol=1e-6)
        np.testing.assert_allclose(
            gradient, special.expit(logits.astype("float64")) - targets, atol=1e-6
        )

    def test_gradient_at_zero(self):
        _, (gradient,) = value_and_gradients(
            lambda z: ops.sum(binary_cross_entropy(np.ones(1), z)), np.zeros(1)
        )
        np.testing.assert_allclose(gradient, [-0.5])


class TestMeanSquaredError:
    def test_agrees_with_keras(self):
        targets, predictions = random(6, 5), random(6, 5, seed=1)
        expected = keras.losses.mean_squared_error(targets, predictions)
        actual = mean_squared_error(targets, predictions)
        np.testing.assert_allclose(to_numpy(actual), to_numpy(expected), rtol=1e-6)
        _, (gradient,) = value_and_gradients(
            lambda x: ops.sum(mean_squared_error(targets, x)), predictions
        )
        np.testing.assert_allclose(gradient, 2 * (predictions - targets) / 5, rtol=1e-5)


@pytest.mark.parametrize(
    "loss",
    [
        softmax_cross_entropy,
        softmax_cross_entropy_gradient,
        binary_cross_entropy,
        mean_squared_error,
    ],
)
def test_targets_that_would_broadcast_are_refused(loss):
    with pytest.raises(ValueError, match=r"targets must .*Received: \(3,\) and \(3, 1"):
        loss(np.zeros(3), np.zeros((3, 1), "float32"))
