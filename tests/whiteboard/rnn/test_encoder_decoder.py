import keras
import numpy as np
import pytest
from keras import ops

from whiteboard.rnn import EncoderDecoder

RNG = np.random.default_rng(0)
SOURCE = np.array([[1, 5, 7, 2, 0, 0], [1, 4, 3, 6, 8, 2]], "int32")
TARGET = np.array([[1, 3, 4, 2], [1, 5, 3, 6]], "int32")


def to_numpy(x):
    return ops.convert_to_numpy(x)


@pytest.fixture(params=[("gru", False), ("gru", True), ("lstm", True)], ids=str)
def model(request):
    keras.utils.set_random_seed(3)
    cell, use_attention = request.param
    model = EncoderDecoder(9, 8, 6, cell=cell, use_attention=use_attention)
    model((SOURCE, TARGET))
    model.set_weights([RNG.normal(size=w.shape) for w in model.weights])
    return model


def test_all_steps_at_once_equal_one_step_at_a_time(model):
    expected = to_numpy(model((SOURCE, TARGET)))
    memory, mask, state = model.encode(SOURCE)
    for t in range(TARGET.shape[1]):
        token = TARGET[:, t : t + 1]
        logits, state, _ = model.decode(token, state, memory, mask)
        np.testing.assert_allclose(to_numpy(logits)[:, 0], expected[:, t], atol=1e-5)


def test_padding_of_the_source_changes_nothing(model):
    alone = to_numpy(model((SOURCE[:1, :4], TARGET[:1])))
    np.testing.assert_allclose(to_numpy(model((SOURCE, TARGET)))[:1], alone, atol=1e-5)


def test_attention_weights_sum_to_one_over_valid_steps(model):
    memory, mask, state = model.encode(SOURCE)
    _, _, weights = model.decode(TARGET, state, memory, mask)
    if model.attention is None:
        assert weights is None
    else:
        weights = to_numpy(weights)
        assert weights.shape == (2, 4, 6)
        np.testing.assert_allclose(weights.sum(axis=-1), 1, atol=1e-5)
        assert weights[0, :, 4:].max() == 0


def test_greedy_decoding_reads_what_it_wrote(model):
    written = model.greedy_decode(SOURCE, start=1, end=2, max_length=5)
    read = np.concatenate([np.ones((2, 1), "int32"), written[:, :-1]], axis=1)
    best = to_numpy(ops.argmax(model((SOURCE, read)), axis=-1))
    before_the_end = np.cumsum(written == 2, axis=1) - (written == 2) == 0
    np.testing.assert_array_equal(written[before_the_end], best[before_the_end])


def test_greedy_decoding_stops_after_the_end(model):
    written = model.greedy_decode(SOURCE, start=1, end=2, max_length=1)
    first = written[0, 0]
    again = model.greedy_decode(SOURCE[:1], start=1, end=first, max_length=5)
    np.testing.assert_array_equal(again, [[first, 0, 0, 0, 0]])


def test_save_and_load(model, tmp_path):
    expected = to_numpy(model((SOURCE, TARGET)))
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    np.testing.assert_allclose(to_numpy(loaded((SOURCE, TARGET))), expected, atol=1e-6)
    assert loaded.get_config() == model.get_config()


def test_fit_lowers_the_loss():
    keras.utils.set_random_seed(3)
    model = EncoderDecoder(9, 8, 16, use_attention=True)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True, ignore_class=0)
    model.compile(keras.optimizers.Adam(0.02), loss)
    x, y = (np.repeat(SOURCE, 8, 0), np.repeat(TARGET[:, :-1], 8, 0)), TARGET[:, 1:]
    losses = model.fit(x, np.repeat(y, 8, 0), epochs=30, verbose=0).history["loss"]
    assert losses[-1] < 0.2 * losses[0]


def test_bad_input_is_refused():
    with pytest.raises(ValueError, match="units must be positive"):
        EncoderDecoder(9, 8, 0)
    with pytest.raises(ValueError, match="cell must be one of.*'rnn'"):
        EncoderDecoder(9, 8, 4, cell="rnn")
    with pytest.raises(ValueError, match="max_length must be positive"):
        EncoderDecoder(9, 8, 4).greedy_decode(SOURCE, 1, 2, 0)
