"""English text that is on the machine already: scikit-learn describes its data sets."""

import re
from importlib import resources

import numpy as np

DESCRIPTIONS = "sklearn.datasets.descr"
TEST_SHARE = 10  # each tenth window is for testing


def load_descriptions():
    """Read the descriptions of scikit-learn's data sets, in the order of their names.

    Letters are lower-cased; each run of what is no ASCII letter, no digit and none of
    `.,:;'()-` is one space.

    Returns:
        A string of about 37,000 characters of 45 kinds: prose, tables and references.

    Raises:
        FileNotFoundError: If the installed scikit-learn has no descriptions.

    Examples:
        >>> "fisher's paper is a classic in the field" in load_descriptions()
        True
    """
    folder = resources.files(DESCRIPTIONS)
    files = sorted(
        (file for file in folder.iterdir() if file.name.endswith(".rst")),
        key=lambda file: file.name,
    )
    if not files:
        raise FileNotFoundError(
            f"{DESCRIPTIONS} must hold .rst files, as in scikit-learn 1.9. Found none"
        )
    text = "\n".join(file.read_text(encoding="utf-8") for file in files).lower()
    return re.sub(r"[^a-z0-9.,:;'()-]+", " ", text).strip()


def load_character_windows(length):
    """Cut the descriptions into windows of characters, for a language model.

    The windows do not overlap; each tenth one is for testing, so that a model is tested
    on the same subjects in sentences that it has not seen.

    Args:
        length: Number of characters that a model reads; a window holds one more, so
            that `window[:-1]` are the inputs and `window[1:]` the targets.

    Returns:
        `(train, test), characters`: ids `(N, length + 1)`, int32, and the string of
        which each id is an index.

    Raises:
        ValueError: If `length` is not a positive integer, or leaves no window to test.

    Examples:
        >>> (train, test), characters = load_character_windows(64)
        >>> "".join(characters[i] for i in train[0])
    """
    if not isinstance(length, int | np.integer) or length < 1:
        raise ValueError(
            f"length must be a positive integer. Received: length={length}"
        )
    characters, ids = np.unique(list(load_descriptions()), return_inverse=True)
    count = len(ids) // (length + 1)
    if count < TEST_SHARE:
        longest = len(ids) // TEST_SHARE - 1
        raise ValueError(
            f"length must be at most {longest}, for {TEST_SHARE} windows of the text. "
            f"Received: length={length}"
        )
    windows = ids[: count * (length + 1)].reshape(count, -1).astype("int32")
    is_test = np.arange(count) % TEST_SHARE == TEST_SHARE - 1
    return (windows[~is_test], windows[is_test]), "".join(characters)
