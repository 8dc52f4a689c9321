"""Texts with a known answer, for sequence-to-sequence models: dates and numbers."""

from datetime import date, timedelta

import numpy as np

FIRST_DAY, LAST_DAY = date(1970, 1, 1), date(2029, 12, 31)
DATE_FORMATS = ("%b %d, %Y", "%d %b %Y", "%d %B %Y")
SMALL_NUMBERS = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
]
TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]


def date_pairs(count, seed):
    """Draw dates as people write them, each with its ISO 8601 form.

    Days are uniform over 1970 to 2029. A third of the sources each reads like
    "sep 3, 2019", "3 sep 2019" and "3 september 2019".

    Args:
        count: Number of pairs.
        seed: Seed of `numpy.random.default_rng`.

    Returns:
        A list of sources of 10 to 17 characters and a list of targets of 10.

    Raises:
        ValueError: If `count` is not a positive integer.

    Examples:
        >>> date_pairs(1, seed=0)
        (['14 jan 2021'], ['2021-01-14'])
    """
    _require_count(count)
    rng = np.random.default_rng(seed)
    offsets = rng.integers((LAST_DAY - FIRST_DAY).days + 1, size=count)
    styles = rng.integers(len(DATE_FORMATS), size=count)
    days = [FIRST_DAY + timedelta(days=int(offset)) for offset in offsets]
    sources = [
        day.strftime(DATE_FORMATS[style]).lower().replace(f"{day:%d}", str(day.day), 1)
        for day, style in zip(days, styles, strict=True)
    ]
    return sources, [day.isoformat() for day in days]


def number_pairs(count, below, seed):
    """Draw whole numbers in words, each with its digits.

    The number of words is what varies: "nine hundred forty two" is 942, "six" is 6.
    To have short and long ones, the number of digits is drawn first, uniformly.

    Args:
        count: Number of pairs.
        below: Numbers are smaller than this power of ten, at most a million.
        seed: Seed of `numpy.random.default_rng`.

    Returns:
        A list of sources, words separated by spaces, and a list of targets, digits.

    Raises:
        ValueError: If `count` is not a positive integer, or `below` is not a power
            of ten from 10 to 1,000,000.

    Examples:
        >>> number_pairs(2, below=1000, seed=0)
        (['fifty seven', 'twenty four'], ['57', '24'])
    """
    _require_count(count)
    powers = [10**digits for digits in range(1, 7)]
    if below not in powers:
        raise ValueError(f"below must be one of {powers}. Received: below={below}")
    rng = np.random.default_rng(seed)
    digits = rng.integers(1, powers.index(below) + 2, size=count)
    lowest = np.where(digits == 1, 0, 10 ** (digits - 1))
    numbers = rng.integers(lowest, 10**digits)
    return [number_in_words(int(n)) for n in numbers], [str(n) for n in numbers]


def number_in_words(number):
    """Spell a whole number from 0 to 999,999 in English, without "and" and hyphens.

    >>> number_in_words(407019)
    'four hundred seven thousand nineteen'
    """
    if not 0 <= number < 1_000_000:
        raise ValueError(f"number must be 0 to 999,999. Received: number={number}")
    for unit, name in ((1000, "thousand"), (100, "hundred")):
        if number >= unit:
            head = f"{number_in_words(number // unit)} {name}"
            return f"{head} {number_in_words(number % unit)}" if number % unit else head
    if number < 20:
        return SMALL_NUMBERS[number]
    tens = TENS[number // 10 - 2]
    return f"{tens} {SMALL_NUMBERS[number % 10]}" if number % 10 else tens


def _require_count(count):
    if not isinstance(count, int | np.integer) or count < 1:
        raise ValueError(f"count must be a positive integer. Received: count={count}")
