import numpy as np
import pytest
from keras import ops
from scipy import signal

from whiteboard.rnn import StateSpace, discretize


def to_numpy(x):
    return ops.convert_to_numpy(x)


def draw(*shape):
    return np.random.default_rng(0).normal(size=shape).astype("float32")


def test_discretization_is_scipy_s_zero_order_hold():
    for rate, step in [(-1.0, 0.1), (-7.0, 0.01), (-0.5, 3.0)]:
        system = (
            np.array([[rate]]),
            np.ones((1, 1)),
            np.ones((1, 1)),
            np.zeros((1, 1)),
        )
        expected = signal.cont2discrete(system, step, method="zoh")
        ours = discretize(np.array(rate), np.array(step))
        np.testing.assert_allclose(to_numpy(ours[0]), expected[0][0, 0], rtol=1e-6)
        np.testing.assert_allclose(to_numpy(ours[1]), expected[1][0, 0], rtol=1e-6)


@pytest.mark.parametrize("length", [1, 5, 64, 200])
def test_three_modes_agree(length):
    x, outputs, weights = draw(2, length, 3), [], None
    for mode in ("convolution", "scan", "parallel_scan"):
        layer = StateSpace(4, mode=mode)
        layer.build(x.shape)
        weights = weights or layer.get_weights()
        layer.set_weights(weights)
        outputs.append(to_numpy(layer(x)))
    np.testing.assert_allclose(outputs[0], outputs[1], atol=1e-5)
    np.testing.assert_allclose(outputs[1], outputs[2], atol=1e-5)


def test_is_scipy_s_linear_filter():
    x, layer = draw(2, 40, 3), StateSpace(4)
    y = to_numpy(layer(x))
    decay, gain = map(to_numpy, layer.decay_and_gain())
    c, skip = to_numpy(layer.output_weights), to_numpy(layer.skip)
    for channel in range(3):
        expected = skip[channel] * x[:, :, channel]
        for n in range(4):
            numerator = [c[channel, n] * gain[channel, n]]
            denominator = [1, -decay[channel, n]]
            expected += signal.lfilter(numerator, denominator, x[:, :, channel])
        np.testing.assert_allclose(y[:, :, channel], expected, atol=1e-5)


def test_stepping_is_the_call():
    x, layer = draw(2, 9, 3), StateSpace(4)
    expected = to_numpy(layer(x))
    state = ops.zeros((2, 3, 4))
    for t in range(9):
        y, state = layer.step(x[:, t], state)
        np.testing.assert_allclose(to_numpy(y), expected[:, t], atol=1e-5)


def test_decays_lie_inside_the_unit_interval_and_steps_are_log_spaced():
    layer = StateSpace(16, min_step=1e-3, max_step=1e-1)
    layer.build((None, None, 5))
    decay, _ = map(to_numpy, layer.decay_and_gain())
    assert decay.min() > 0 and decay.max() < 1
    steps = -np.log(decay[:, 0])
    np.testing.assert_allclose(steps, np.geomspace(1e-3, 1e-1, 5), rtol=1e-3)


def test_bad_input_is_refused():
    with pytest.raises(ValueError, match="state_dim must be positive"):
        StateSpace(0)
    with pytest.raises(ValueError, match="min_step must be positive"):
        StateSpace(4, min_step=0)
    with pytest.raises(ValueError, match="mode must be one of.*'fft'"):
        StateSpace(4, mode="fft")
    with pytest.raises(ValueError, match=r"inputs must have shape.*\(2, 3\)"):
        StateSpace(4).build((2, 3))
