"""From texts to padded rows of token ids, and back."""

import numpy as np

PADDING, START, END = 0, 1, 2


class TextTokenizer:
    """Split texts into tokens and number them: 0 pads, 1 starts, 2 ends.

    Args:
        texts: The texts whose tokens make the vocabulary, in sorted order from id 3.
        separator: What stands between two tokens. `""` makes each character one.

    Attributes:
        tokens: The list of token names; its index is the id.

    Raises:
        ValueError: If there is no token, or (when encoding) one is unknown.
        TypeError: If a text is not a string.

    Examples:
        >>> tokenizer = TextTokenizer(["ab", "c"])
        >>> tokenizer.encode(["ab", "c"])
        array([[1, 3, 4, 2],
               [1, 5, 2, 0]], dtype=int32)
        >>> tokenizer.decode([[3, 4, 2, 0]])
        ['ab']
    """

    def __init__(self, texts, separator=""):
        self.separator = separator
        found = {token for text in texts for token in self.split(text)}
        if not found:
            raise ValueError("texts must hold at least one token. Received none")
        self.tokens = ["<pad>", "<start>", "<end>", *sorted(found)]
        self._ids = {token: number for number, token in enumerate(self.tokens)}

    def __len__(self):
        return len(self.tokens)

    def split(self, text):
        """The tokens of one text, without start and end."""
        if not isinstance(text, str):
            raise TypeError(f"texts must be strings. Received: {text!r}")
        return text.split(self.separator) if self.separator else list(text)

    def encode(self, texts):
        """Ids `(B, T)`, int32: start, tokens, end, then padding on the right."""
        rows = [[START, *map(self._id, self.split(text)), END] for text in texts]
        ids = np.full((len(rows), max(map(len, rows), default=0)), PADDING, "int32")
        for row, target in zip(rows, ids, strict=True):
            target[: len(row)] = row
        return ids

    def decode(self, ids):
        """Texts of rows of ids: each up to its first end, start and padding left out."""
        texts = []
        for row in np.asarray(ids):
            ends = np.flatnonzero(row == END)
            row = row[: ends[0]] if len(ends) else row
            texts.append(self.separator.join(self.tokens[i] for i in row if i > END))
        return texts

    def _id(self, token):
        if token not in self._ids:
            known = " ".join(self.tokens[END + 1 :])
            raise ValueError(f"token must be one of: {known}. Received: {token!r}")
        return self._ids[token]
