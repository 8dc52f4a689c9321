"""The source that a page shows is the definition itself, found without importing it."""

import pytest

from docrun.source import SourceError, find_definition

MODULE = '''\
"""A module."""

raise RuntimeError("never imported")


@decorate
def double(x):
    """Twice x."""

    return 2 * x  # the point


class Layer:
    """A layer."""

    def call(self, x):
        """Apply."""
        if x:
            return x


def bare():
    pass
'''


@pytest.fixture
def source(project):
    project.write("src/package/__init__.py", "from package.part import Layer, double\n")
    (project.root / "src/package/part.py").write_text(MODULE)
    return project.root / "src"


def test_a_function_without_its_docstring_with_its_decorator(source):
    found = find_definition("package.part.double", source)
    assert found.code == "@decorate\ndef double(x):\n    return 2 * x  # the point"
    assert (found.path.name, found.start, found.end) == ("part.py", 6, 10)


def test_a_method_is_dedented(source):
    found = find_definition("package.part.Layer.call", source)
    assert found.code == "def call(self, x):\n    if x:\n        return x"


def test_a_re_exported_name_leads_to_its_definition(source):
    assert find_definition("package.double", source).path.name == "part.py"
    assert find_definition("package.Layer.call", source).start == 16


def test_a_name_that_a_stub_re_exports_leads_to_its_definition(source):
    (source / "package/__init__.pyi").write_text("from .part import bare as bare\n")
    assert find_definition("package.bare", source).path.name == "part.py"


@pytest.mark.parametrize("name", ["package.Layer.call", "package.part.Layer"])
def test_the_owner_is_what_the_module_defines(source, name):
    assert find_definition(name, source).owner == "package.part.Layer"


def test_a_function_without_docstring_is_whole(source):
    assert find_definition("package.part.bare", source).code == "def bare():\n    pass"


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("package.part.triple", "part.py defines no triple"),
        ("package.part.Layer.build", "part.py defines no build"),
        ("nowhere.at.all", "no module of that name below src/"),
    ],
)
def test_a_name_that_leads_nowhere_says_so(source, name, message):
    with pytest.raises(SourceError, match=message):
        find_definition(name, source)
