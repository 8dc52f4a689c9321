import re
from datetime import datetime

import pytest

from whiteboard.datasets import date_pairs, number_in_words, number_pairs


class TestDatePairs:
    def test_each_source_means_its_target(self):
        for source, target in zip(*date_pairs(600, seed=0), strict=True):
            form = "%b %d %Y" if "," in source else "%d %B %Y"
            form = form if len(source.split()[1]) > 3 or "," in source else "%d %b %Y"
            day = datetime.strptime(source.replace(",", ""), form)
            assert f"{day:%Y-%m-%d}" == target

    def test_all_three_ways_to_write_a_day_come(self):
        ways = [r"[a-z]{3} \d{1,2}, \d{4}", r"\d{1,2} [a-z]{3} \d{4}"]
        ways.append(r"\d{1,2} [a-z]{4,9} \d{4}")
        sources = date_pairs(600, seed=0)[0]
        counts = [sum(bool(re.fullmatch(w, s)) for s in sources) for w in ways]
        assert sum(counts) == 600 and min(counts) > 150
        assert not any(re.search(r"\b0", source) for source in sources)

    def test_lengths_vary_and_targets_do_not(self):
        sources, targets = date_pairs(500, seed=1)
        lengths = [len(source) for source in sources]
        assert min(lengths) == 10 and max(lengths) == 17
        assert all(re.fullmatch(r"(19[7-9]|20[0-2])\d-\d\d-\d\d", t) for t in targets)

    def test_a_seed_is_one_draw(self):
        assert date_pairs(5, seed=3) == date_pairs(5, seed=3) != date_pairs(5, seed=4)


class TestNumberPairs:
    @pytest.mark.parametrize(
        ("number", "words"),
        [
            (0, "zero"),
            (10, "ten"),
            (19, "nineteen"),
            (20, "twenty"),
            (42, "forty two"),
            (100, "one hundred"),
            (110, "one hundred ten"),
            (1000, "one thousand"),
            (407019, "four hundred seven thousand nineteen"),
            (
                999_999,
                "nine hundred ninety nine thousand nine hundred ninety nine",
            ),
        ],
    )
    def test_words(self, number, words):
        assert number_in_words(number) == words

    def test_no_two_numbers_read_alike(self):
        assert len({number_in_words(n) for n in range(3000)}) == 3000

    @pytest.mark.parametrize("below", [10, 1000, 1_000_000])
    def test_pairs_agree_and_all_numbers_of_digits_come(self, below):
        sources, targets = number_pairs(600, below, seed=0)
        assert sources == [number_in_words(int(target)) for target in targets]
        digits = {len(target) for target in targets}
        assert digits == set(range(1, len(str(below))))

    @pytest.mark.parametrize("number", [-1, 1_000_000])
    def test_a_number_out_of_range_is_refused(self, number):
        with pytest.raises(ValueError, match=f"number must be 0 to.*number={number}"):
            number_in_words(number)


@pytest.mark.parametrize("count", [0, -3, 2.5])
def test_a_bad_count_is_refused(count):
    for draw in (
        lambda: date_pairs(count, seed=0),
        lambda: number_pairs(count, 1000, seed=0),
    ):
        with pytest.raises(ValueError, match="count must be a positive integer"):
            draw()


@pytest.mark.parametrize("below", [1, 500, 10**7])
def test_a_bound_that_is_no_power_of_ten_is_refused(below):
    with pytest.raises(ValueError, match=f"below must be one of.*below={below}"):
        number_pairs(4, below, seed=0)
