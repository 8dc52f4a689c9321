import keras
import numpy as np
import pytest
from keras import ops

from whiteboard.fundamentals import value_and_gradients
from whiteboard.rnn import last_valid_step, length_mask, masked_mean, pad

SEQUENCES = [np.random.default_rng(0).normal(size=(n, 3)) for n in (4, 7, 1)]


def to_numpy(x):
    return ops.convert_to_numpy(x)


@pytest.mark.parametrize("side", ["left", "right"])
def test_padding_keeps_every_step(side):
    padded, lengths = pad(SEQUENCES, value=-5, side=side)
    assert padded.shape == (3, 7, 3) and lengths.dtype == "int32"
    for row, sequence in zip(padded, SEQUENCES, strict=True):
        rest = 7 - len(sequence)
        kept, filled = np.split(row, [len(sequence)])
        if side == "left":
            filled, kept = np.split(row, [rest])
        np.testing.assert_array_equal(kept, sequence)
        assert (filled == -5).all()


def test_padding_agrees_with_keras():
    ids = [[3, 1, 4], [1, 5], []]
    for side, keras_side in {"left": "pre", "right": "post"}.items():
        expected = keras.utils.pad_sequences(ids, padding=keras_side)
        np.testing.assert_array_equal(pad(ids, side=side)[0], expected)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"sequences": []}, "at least one array"),
        ({"sequences": [[1], [[1, 2]]]}, "steps of one shape"),
        ({"sequences": [1, 2]}, "at least one array"),
        ({"sequences": [[1]], "side": "top"}, "side must be.*'top'"),
    ],
)
def test_bad_sequences_are_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        pad(**arguments)


def test_length_mask():
    expected = [[1, 1, 1, 0], [0, 0, 0, 0], [1, 1, 1, 1]]
    mask = to_numpy(length_mask(np.array([3, 0, 4]), 4))
    np.testing.assert_array_equal(mask, np.array(expected, bool))


def test_last_valid_step():
    padded, lengths = pad(SEQUENCES, value=np.nan)
    last = to_numpy(last_valid_step(padded.astype("float32"), lengths))
    expected = [sequence[-1] for sequence in SEQUENCES]
    np.testing.assert_allclose(last, expected, atol=1e-6)


class TestMaskedMean:
    padded, lengths = pad(SEQUENCES, value=np.nan)
    x = padded.astype("float32")

    def test_is_the_mean_of_what_is_there(self):
        mask = length_mask(self.lengths, 7)
        everything = masked_mean(self.x, mask)
        np.testing.assert_allclose(
            to_numpy(everything), np.concatenate(SEQUENCES).mean(), atol=1e-6
        )
        pooled = masked_mean(self.x, mask, axis=1)
        expected = [sequence.mean(axis=0) for sequence in SEQUENCES]
        np.testing.assert_allclose(to_numpy(pooled), expected, atol=1e-6)

    def test_agrees_with_keras_pooling(self):
        x, mask = np.nan_to_num(self.x), to_numpy(length_mask(self.lengths, 7))
        pooled = keras.layers.GlobalAveragePooling1D()(x, mask=mask)
        np.testing.assert_allclose(
            to_numpy(masked_mean(x, mask, axis=1)), to_numpy(pooled), atol=1e-6
        )

    def test_padding_gets_no_gradient(self):
        mask = to_numpy(length_mask(self.lengths, 7))
        _, (gradient,) = value_and_gradients(
            lambda x: masked_mean(x * x, mask), np.nan_to_num(self.x)
        )
        assert (gradient[~mask] == 0).all() and (gradient[mask] != 0).all()

    def test_nothing_valid_is_zero(self):
        assert float(masked_mean(np.ones((2, 3)), np.zeros((2, 3), bool))) == 0

    def test_a_mask_of_another_shape_is_refused(self):
        with pytest.raises(ValueError, match=r"mask.shape=\(2, 4\)"):
            masked_mean(np.ones((2, 3)), np.ones((2, 4), bool))
