import keras
import numpy as np
import pytest
from keras import ops

from whiteboard.generative import TimeEmbedding, noise_mlp
from whiteboard.transformer import sinusoidal_encoding


def test_time_embedding_is_the_sinusoidal_encoding_of_the_time():
    times = np.array([0, 3, 10, 3], "int32")
    embedded = ops.convert_to_numpy(TimeEmbedding(steps=10, width=6)(times))
    table = ops.convert_to_numpy(sinusoidal_encoding(11, 6))
    np.testing.assert_allclose(embedded, table[times], atol=1e-6)


def test_noise_mlp_depends_on_each_row_and_its_time():
    keras.utils.set_random_seed(1)
    network = noise_mlp(size=3, steps=10, width=8, depth=2)
    x = np.random.default_rng(0).normal(size=(4, 3)).astype("float32")
    one, other = (
        ops.convert_to_numpy(network([x, np.array(times, "int32")]))
        for times in ([1, 2, 3, 4], [1, 2, 3, 9])
    )
    assert one.shape == (4, 3)
    np.testing.assert_allclose(one[:3], other[:3], atol=1e-6)
    assert np.abs(one[3] - other[3]).max() > 1e-3


def test_noise_mlp_saves_and_loads(tmp_path):
    network = noise_mlp(size=2, steps=5, width=8, depth=1)
    network.save(tmp_path / "network.keras")
    loaded = keras.saving.load_model(tmp_path / "network.keras")
    inputs = [np.ones((3, 2), "float32"), np.arange(3, dtype="int32")]
    mine, theirs = (ops.convert_to_numpy(each(inputs)) for each in (network, loaded))
    np.testing.assert_allclose(mine, theirs, atol=1e-6)


@pytest.mark.parametrize("name", ["size", "steps", "width", "depth"])
def test_sizes_that_are_not_positive_are_refused(name):
    arguments = {"size": 2, "steps": 5, name: 0}
    with pytest.raises(ValueError, match=f"{name} must be positive. .*{name}=0"):
        noise_mlp(**arguments)


@pytest.mark.parametrize("name", ["steps", "width"])
def test_an_embedding_of_no_size_is_refused(name):
    with pytest.raises(ValueError, match=f"{name} must be positive. .*{name}=-1"):
        TimeEmbedding(**{"steps": 5, "width": 4, name: -1})
