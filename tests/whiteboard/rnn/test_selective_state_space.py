import numpy as np
import pytest
from keras import ops

from whiteboard.rnn import SelectiveStateSpace


def to_numpy(x):
    return ops.convert_to_numpy(x)


def draw(*shape):
    return np.random.default_rng(0).normal(size=shape).astype("float32")


def reference(layer, u):
    """The two equations, one step at a time, in float64."""
    w = {weight.name: to_numpy(weight).astype("float64") for weight in layer.weights}
    rate, state, outputs = -np.exp(w["log_rate"]), 0.0, []
    for x in np.moveaxis(u.astype("float64"), 1, 0):
        step = np.logaddexp(0, x @ w["step_kernel"] + w["step_bias"])  # (B, D)
        b, c = x @ w["input_kernel"], x @ w["output_kernel"]
        drive = (step * x)[..., None] * b[:, None]
        state = np.exp(step[..., None] * rate) * state + drive
        outputs.append((state * c[:, None]).sum(-1) + w["skip"] * x)
    return np.stack(outputs, axis=1)


@pytest.mark.parametrize("length", [1, 2, 13])
def test_is_the_recurrence(length):
    u, layer = draw(2, length, 3), SelectiveStateSpace(4, max_step=1.0)
    layer.build(u.shape)
    rng = np.random.default_rng(1)
    layer.set_weights([rng.normal(size=w.shape) for w in layer.weights])
    np.testing.assert_allclose(to_numpy(layer(u)), reference(layer, u), atol=1e-4)


def test_outputs_are_causal():
    u, layer = draw(1, 8, 3), SelectiveStateSpace(4)
    changed = u.copy()
    changed[:, 5] += 1
    change = np.abs(to_numpy(layer(changed)) - to_numpy(layer(u))).max(axis=(0, 2))
    assert change[:5].max() == 0 and change[5:].min() > 0


def test_step_sizes_start_log_spaced():
    layer = SelectiveStateSpace(2, min_step=1e-3, max_step=1e-1)
    layer.build((None, None, 5))
    steps = np.logaddexp(0, to_numpy(layer.step_bias))
    np.testing.assert_allclose(steps, np.geomspace(1e-3, 1e-1, 5), rtol=1e-3)


def test_bad_input_is_refused():
    with pytest.raises(ValueError, match="state_dim must be positive"):
        SelectiveStateSpace(0)
    with pytest.raises(ValueError, match=r"inputs must have shape.*\(2, 3\)"):
        SelectiveStateSpace(4).build((2, 3))
