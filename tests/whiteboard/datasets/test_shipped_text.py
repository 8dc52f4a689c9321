from types import SimpleNamespace

import numpy as np
import pytest

from whiteboard.datasets import load_character_windows, load_descriptions, shipped_text


def test_is_english_of_few_characters():
    text = load_descriptions()
    assert 30_000 < len(text) < 60_000
    assert set(text) <= set("abcdefghijklmnopqrstuvwxyz0123456789 .,:;'()-")
    assert "  " not in text
    words = text.split()
    assert words.count("the") > 200
    assert "fisher's paper is a classic in the field" in text


def test_windows_follow_each_other_and_each_tenth_is_held_out():
    (train, test), characters = load_character_windows(20)
    assert train.dtype == test.dtype == np.int32
    assert train.shape[1] == test.shape[1] == 21
    names = np.array(list(characters))
    text = load_descriptions()
    assert "".join(names[train[:9]].ravel()) == text[: 9 * 21]
    assert "".join(names[test[0]]) == text[9 * 21 : 10 * 21]
    count = len(train) + len(test)
    assert count == len(text) // 21 and len(test) == count // 10
    assert sorted(characters) == list(characters) and len(set(text)) == len(characters)


@pytest.mark.parametrize("length", [0, -3, 2.5, float("nan"), None])
def test_a_length_that_is_no_positive_integer_is_refused(length):
    with pytest.raises(ValueError, match="length must be a positive integer.*Received"):
        load_character_windows(length)


def test_a_length_that_leaves_nothing_to_test_is_refused():
    longest = len(load_descriptions()) // 10 - 1
    assert len(load_character_windows(longest)[0][1]) == 1
    with pytest.raises(ValueError, match=f"at most {longest}.*={longest + 1}"):
        load_character_windows(longest + 1)


def test_a_scikit_learn_without_descriptions_is_refused(monkeypatch, tmp_path):
    empty = SimpleNamespace(files=lambda name: tmp_path)
    monkeypatch.setattr(shipped_text, "resources", empty)
    with pytest.raises(FileNotFoundError, match=r"must hold .rst files.*Found none"):
        load_descriptions()
