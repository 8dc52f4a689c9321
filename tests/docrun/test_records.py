"""A record is written whole and found by the very code that it is of."""

import json

from docrun.blocks import Block
from docrun.records import RecordStore

RESULT = {
    "error": None,
    "printed": [{"text": "1\n"}],
    "stderr": "",
    "figures": [],
    "seconds": 0.1,
    "files": {},
    "versions": {},
}


def test_a_record_comes_back_as_it_went(project):
    store, block = RecordStore(project.settings), Block("docs/a.md", 3, "print(1)\n")
    saved = store.save(block, RESULT)
    assert store.load(block) == saved
    assert store.fresh(block) == saved
    assert [path.suffix for path in store.folder.iterdir()] == [".json"]


def test_it_is_of_the_backend_that_the_code_chose(project):
    store, block = RecordStore(project.settings), Block("docs/a.md", 3, "print(1)\n")
    assert store.save(block, RESULT).backend == "tensorflow"
    assert store.save(block, RESULT | {"backend": "jax"}).backend == "jax"
    assert store.fresh(block).backend == "jax"


def test_other_code_never_finds_it(project):
    store, block = RecordStore(project.settings), Block("docs/a.md", 3, "print(1)\n")
    store.save(block, RESULT)
    assert store.load(Block("docs/a.md", 3, "print(2)\n")) is None


def test_a_record_under_a_wrong_name_is_not_believed(project):
    store, block = RecordStore(project.settings), Block("docs/a.md", 3, "print(1)\n")
    store.save(block, RESULT)
    other = Block("docs/a.md", 3, "print(2)\n")
    store.path(block).rename(store.path(other))
    assert store.load(other) is None


def test_what_it_loaded_decides_whether_it_is_fresh(project):
    store, block = RecordStore(project.settings), Block("docs/a.md", 3, "print(1)\n")
    store.save(block, RESULT | {"files": {"src/gone.py": "0" * 64}})
    assert store.fresh(block) is None
    store.save(block, RESULT | {"versions": {"no-such-library": "1.0"}})
    assert store.fresh(block) is None
    store.save(block, RESULT | {"error": {"kind": "E"}})
    assert store.load(block).error and store.fresh(block) is None


def test_the_file_is_json(project):
    store, block = RecordStore(project.settings), Block("docs/a.md", 3, "print(1)\n")
    store.save(block, RESULT)
    assert set(json.loads(store.path(block).read_text())) == {"digest", "record"}
