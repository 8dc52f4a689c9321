"""A claim stands once, on its page, over a block that asserts it or a source."""

import pytest

from docrun.claims import LedgerError, check_claims, find_sections, read_ledger

PAGE = """\
# Page

## Evidence

### Convolution shares weights { #cnn-01 }

```python
assert 1 + 1 == 2
```

#### More of it

```python
print("more")
```

### Pooling is contested { #cnn-02 .wide }

[Some paper](https://example.org/paper)

## What people get wrong

```text
### Not a heading { #cnn-09 }
```
"""
ROWS = {
    "cnn-01": "cnn-01,true,run,a.md,Weights are shared.",
    "cnn-02": 'cnn-02,contested,cited,a.md,"Pooling, they say, is needed."',
}


def ledger(tmp_path, *rows, header="id,verdict,decided,page,claim"):
    path = tmp_path / "claims.csv"
    path.write_text("\n".join([header, *rows]) + "\n")
    return path


def check(tmp_path, text, *rows):
    return check_claims(read_ledger(ledger(tmp_path, *rows)), [("a.md", text)], "docs")


def test_blocks_stand_under_the_claim_of_their_section():
    first, second = find_sections(PAGE, "a.md")
    assert (first.id, first.line, len(first.blocks)) == ("cnn-01", 5, 2)
    assert (second.id, len(second.blocks), second.cites) == ("cnn-02", 0, True)
    assert second.title == "Pooling is contested"


def test_a_ledger_that_is_kept_has_no_problem(tmp_path):
    assert check(tmp_path, PAGE, *ROWS.values()) == []


def test_a_claim_that_lost_its_block(tmp_path):
    text = PAGE.replace("assert 1 + 1 == 2", "print('no assert')")
    problems = check(tmp_path, text, *ROWS.values())
    assert problems == ["docs/a.md:5: cnn-01 has no block that asserts it"]


def test_a_cited_claim_that_lost_its_source(tmp_path):
    text = PAGE.replace("https://example.org/paper", "other.md")
    assert check(tmp_path, text, *ROWS.values()) == [
        "docs/a.md:17: cnn-02 cites no source"
    ]


def test_a_claim_that_stands_nowhere_or_twice_or_elsewhere(tmp_path):
    gone = check(tmp_path, PAGE.replace("#cnn-01", "#other"), *ROWS.values())
    assert gone == ["cnn-01 must stand once, on docs/a.md. Found on no page"]
    twice = check(tmp_path, PAGE + "\n### Again { #cnn-01 }\n", *ROWS.values())
    assert "Found on docs/a.md:5, docs/a.md:27" in twice[0]
    rows = [ROWS["cnn-01"].replace("a.md", "b.md"), ROWS["cnn-02"]]
    assert "on docs/b.md. Found on docs/a.md:5" in check(tmp_path, PAGE, *rows)[0]


def test_a_claim_of_the_page_that_the_ledger_lacks(tmp_path):
    assert check(tmp_path, PAGE, ROWS["cnn-01"]) == [
        "docs/a.md:17: cnn-02 is not in the ledger"
    ]


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("cnn-01,maybe,run,a.md,X", ":2: verdict must be one of true, .*'maybe'"),
        ("cnn-01,true,guessed,a.md,X", ":2: decided must be one of run, .*'guessed'"),
        ("cnn-01,true,run,a.md", ":2: expected 5 fields"),
        ("cnn-01,true,run,a.md,X,Y", ":2: expected 5 fields"),
        (
            f"{ROWS['cnn-01']}\n{ROWS['cnn-01']}",
            ":3: cnn-01 stands in the ledger twice",
        ),
    ],
)
def test_a_ledger_that_cannot_be_read_says_where(tmp_path, row, message):
    with pytest.raises(LedgerError, match=message):
        read_ledger(ledger(tmp_path, row))


def test_wrong_columns_are_named(tmp_path):
    with pytest.raises(LedgerError, match="expected the columns"):
        read_ledger(ledger(tmp_path, header="id,verdict"))


def test_no_ledger_is_an_empty_one(tmp_path):
    assert read_ledger(tmp_path / "none.csv") == {}
