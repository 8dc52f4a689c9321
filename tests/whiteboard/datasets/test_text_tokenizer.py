import numpy as np
import pytest

from whiteboard.datasets import END, PADDING, START, TextTokenizer


def test_round_trip_by_characters_and_by_words():
    for separator, texts in {"": ["3 may", "x", ""], " ": ["one two", "two"]}.items():
        tokenizer = TextTokenizer(texts, separator)
        assert tokenizer.decode(tokenizer.encode(texts)) == texts


def test_rows_start_end_and_are_padded_on_the_right():
    ids = TextTokenizer(["abc", "a"]).encode(["abc", "a"])
    np.testing.assert_array_equal(ids, [[1, 3, 4, 5, 2], [1, 3, 2, 0, 0]])
    assert ids.dtype == "int32" and (PADDING, START, END) == (0, 1, 2)


def test_ids_do_not_depend_on_the_order_of_the_texts():
    assert TextTokenizer(["ab", "c"]).tokens == TextTokenizer(["cc", "ba"]).tokens
    assert len(TextTokenizer(["ab", "c"])) == 6


def test_decoding_stops_at_the_first_end():
    tokenizer = TextTokenizer(["ab"])
    assert tokenizer.decode(np.array([[3, 2, 4, 2], [3, 4, 0, 4]])) == ["a", "abb"]


def test_no_rows():
    assert TextTokenizer(["ab"]).encode([]).shape == (0, 0)


def test_bad_input_is_refused():
    with pytest.raises(ValueError, match="at least one token"):
        TextTokenizer([])
    with pytest.raises(TypeError, match="texts must be strings. Received: 7"):
        TextTokenizer([7])
    with pytest.raises(ValueError, match="token must be one of: a b. Received: 'c'"):
        TextTokenizer(["ab"]).encode(["abc"])
