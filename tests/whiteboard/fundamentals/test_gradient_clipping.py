import keras
import numpy as np
import pytest
from keras import ops

from whiteboard.fundamentals import (
    clip_by_global_norm,
    clip_by_norm,
    clip_by_value,
    global_norm,
)

KERAS = {"clipvalue": clip_by_value, "clipnorm": clip_by_norm}
KERAS["global_clipnorm"] = clip_by_global_norm
ALL = list(KERAS.values())


def gradients(scale=1.0, seed=0):
    rng = np.random.default_rng(seed)
    shapes = [(3, 4), (4,), (4, 2)]
    return [(scale * rng.normal(size=shape)).astype("float32") for shape in shapes]


def as_numpy(tensors):
    return [ops.convert_to_numpy(tensor) for tensor in tensors]


def keras_step(argument, limit, values):
    """What a Keras optimizer takes off zero weights: its own clipped gradients."""
    variables = [keras.Variable(np.zeros_like(value)) for value in values]
    optimizer = keras.optimizers.SGD(1.0, **{argument: limit})
    tensors = [ops.convert_to_tensor(value) for value in values]
    optimizer.apply_gradients(zip(tensors, variables, strict=True))
    return [-ops.convert_to_numpy(variable) for variable in variables]


@pytest.mark.parametrize("argument", KERAS)
@pytest.mark.parametrize("scale", [0.0, 1e-3, 1.0, 1e6])
def test_agrees_with_the_keras_optimizer(argument, scale):
    values = gradients(scale)
    mine = as_numpy(KERAS[argument](values, 0.7))
    expected = keras_step(argument, 0.7, values)
    for a, b in zip(mine, expected, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-12)


@pytest.mark.parametrize("argument", KERAS)
@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf, 1e20])
def test_agrees_with_the_keras_optimizer_where_it_is_not_finite(argument, bad):
    values = gradients()
    values[0][1, 2] = bad
    mine = as_numpy(KERAS[argument](values, 0.7))
    expected = keras_step(argument, 0.7, values)
    for a, b in zip(mine, expected, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-12, equal_nan=True)


def test_nan_and_infinity():
    values = [np.array([np.inf, np.nan, 0.2], "float32"), np.ones(2, "float32")]
    first, second = as_numpy(clip_by_value(values, 0.5))
    np.testing.assert_array_equal(first, np.array([0.5, np.nan, 0.2], "float32"))
    np.testing.assert_array_equal(second, [0.5, 0.5])
    first, second = as_numpy(clip_by_norm(values, 0.5))
    assert np.isnan(first).all() and np.isfinite(second).all()
    everything = np.concatenate(as_numpy(clip_by_global_norm(values, 0.5)))
    assert np.isnan(everything).all()


@pytest.mark.skipif(keras.backend.backend() != "tensorflow", reason="needs TensorFlow")
def test_agrees_with_tensorflow():
    import tensorflow as tf

    values = gradients(3.0)
    expected, norm = tf.clip_by_global_norm(values, 0.7)
    for a, b in zip(clip_by_global_norm(values, 0.7), expected, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-5)
    assert float(global_norm(values)) == pytest.approx(float(norm), rel=1e-5)
    for value in values:
        (mine,) = clip_by_norm([value], 0.7)
        np.testing.assert_allclose(mine, tf.clip_by_norm(value, 0.7), rtol=1e-5)


@pytest.mark.skipif(keras.backend.backend() != "torch", reason="needs PyTorch")
def test_agrees_with_torch():
    import torch

    values = gradients(3.0)
    parameters = [torch.nn.Parameter(torch.zeros(value.shape)) for value in values]
    for parameter, value in zip(parameters, values, strict=True):
        parameter.grad = torch.tensor(value)
    norm = torch.nn.utils.clip_grad_norm_(parameters, 0.7)
    assert float(global_norm(values)) == pytest.approx(float(norm), rel=1e-5)
    for parameter, mine in zip(
        parameters, clip_by_global_norm(values, 0.7), strict=True
    ):
        # PyTorch divides by the norm plus 1e-6.
        np.testing.assert_allclose(as_numpy([mine])[0], parameter.grad, rtol=1e-5)


def test_global_norm_keeps_the_direction_and_the_others_do_not():
    values = gradients(5.0)
    values[1] *= 10
    flat = np.concatenate([value.ravel() for value in values])

    def cosine(clip):
        clipped = np.concatenate([c.ravel() for c in as_numpy(clip(values, 0.5))])
        return clipped @ flat / np.linalg.norm(clipped) / np.linalg.norm(flat)

    assert cosine(clip_by_global_norm) == pytest.approx(1, abs=1e-6)
    assert cosine(clip_by_value) < 0.99 and cosine(clip_by_norm) < 0.99


@pytest.mark.parametrize("clip", ALL)
def test_small_gradients_are_left_exactly_alone(clip):
    values = gradients(1e-3)
    for before, after in zip(values, as_numpy(clip(values, 1.0)), strict=True):
        np.testing.assert_array_equal(before, after)


@pytest.mark.parametrize("clip", ALL)
def test_none_empty_and_half_precision(clip):
    assert clip([], 1.0) == []
    assert clip([None], 1.0) == [None]
    (clipped,) = clip([np.full(100, 100.0, "float16")], 1.0)
    assert keras.backend.standardize_dtype(clipped.dtype) == "float16"
    assert np.isfinite(as_numpy([clipped])[0]).all()
    assert as_numpy([clipped])[0].max() > 0


def test_global_norm_of_nothing_is_zero():
    assert float(global_norm([])) == 0 == float(global_norm([None]))


@pytest.mark.parametrize("clip", ALL)
@pytest.mark.parametrize("limit", [0, -1.0, float("nan")])
def test_a_limit_that_is_not_positive_is_refused(clip, limit):
    with pytest.raises(ValueError, match=f"Received: limit={limit}"):
        clip(gradients(), limit)
