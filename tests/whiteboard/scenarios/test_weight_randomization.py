import numpy as np
import pytest

from whiteboard.cnn import SmallConvNet
from whiteboard.scenarios import randomized_copy


def test_only_the_named_layers_change():
    model = SmallConvNet((8, 8, 1), filters=(3, 4), classes=2)
    before = model.get_weights()
    copy = randomized_copy(model, ["predictions"], seed=7)
    changed = [
        not np.array_equal(a, b)
        for a, b in zip(before, copy.get_weights(), strict=True)
    ]
    assert changed == [False, False, False, False, True, False]  # a bias was 0 before
    for a, b in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)


def test_all_layers_by_default_and_the_seed_counts():
    model = SmallConvNet((8, 8, 1), filters=(3, 4), classes=2)
    model.set_weights([w + 1 for w in model.get_weights()])
    one, again, other = (randomized_copy(model, seed=seed) for seed in (7, 7, 8))
    kernels = [w for w in one.get_weights() if w.ndim > 1]
    for a, b in zip(one.get_weights(), again.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)
    assert all(not w.any() for w in one.get_weights() if w.ndim == 1)
    assert all(abs(w.mean()) < 0.5 for w in kernels)
    assert not np.array_equal(kernels[0], other.get_weights()[0])


def test_unknown_layers_are_refused():
    model = SmallConvNet((8, 8, 1), classes=2)
    with pytest.raises(ValueError, match=r"Received: \['pool'\]"):
        randomized_copy(model, ["pool"])
