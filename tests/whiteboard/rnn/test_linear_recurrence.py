import numpy as np
import pytest
from keras import ops

from whiteboard.fundamentals import value_and_gradients
from whiteboard.rnn import causal_convolution, linear_scan, parallel_scan


def draw(*shape):
    rng = np.random.default_rng(0)
    decay = rng.uniform(0.5, 1, size=shape).astype("float32")
    return decay, rng.normal(size=shape).astype("float32")


def reference(decay, inputs):
    states, state = [], 0.0
    for a, u in zip(decay.astype("float64"), inputs, strict=True):
        state = a * state + u
        states.append(state)
    return np.array(states)


@pytest.mark.parametrize("scan", [linear_scan, parallel_scan])
@pytest.mark.parametrize("shape", [(1, 2), (2, 2), (7, 3, 2), (64,)])
def test_scans_are_the_recurrence(scan, shape):
    decay, inputs = draw(*shape)
    states = ops.convert_to_numpy(scan(*map(ops.convert_to_tensor, (decay, inputs))))
    np.testing.assert_allclose(states, reference(decay, inputs), atol=1e-5)


def test_both_scans_have_the_same_gradients():
    weights = np.random.default_rng(1).normal(size=(13, 2)).astype("float32")
    (_, ours), (_, theirs) = (
        value_and_gradients(
            lambda a, u, f=scan: ops.sum(ops.multiply(f(a, u), weights)), *draw(13, 2)
        )
        for scan in (linear_scan, parallel_scan)
    )
    for one, other in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(one, other, atol=1e-4)


@pytest.mark.parametrize("length", [1, 2, 9, 64])
def test_convolution_is_numpy_s_and_does_not_wrap_round(length):
    kernel, inputs = draw(length)
    output = ops.convert_to_numpy(causal_convolution(inputs[None], kernel))
    expected = np.convolve(inputs, kernel)[:length]
    np.testing.assert_allclose(output[0], expected, atol=1e-5)


def test_convolution_with_powers_is_the_scan_with_a_constant_decay():
    _, inputs = draw(50)
    powers = 0.9 ** np.arange(50, dtype="float32")
    convolved = ops.convert_to_numpy(causal_convolution(inputs, powers))
    expected = reference(np.full(50, 0.9), inputs)
    np.testing.assert_allclose(convolved, expected, atol=1e-5)


def test_an_unknown_number_of_steps_is_refused():
    class Unknown:
        shape = (None, 2)

    with pytest.raises(ValueError, match=r"steps must be known.*\(None, 2\)"):
        parallel_scan(Unknown(), Unknown())
