"""A record names what the block really loaded."""


def test_project_modules_and_data_are_named_and_installed_files_are_not(project, run):
    project.write("src/package/__init__.py", "from package.part import X\n")
    project.write("src/package/part.py", "X = 1\n")
    data = project.write("data/a.txt", "a")
    (result,) = run(
        f"import json, package\nopen({str(data)!r}).read()\nopen('b.txt', 'w').write('b')\n"
    )
    assert sorted(result["files"]) == [
        "data/a.txt",
        "src/package/__init__.py",
        "src/package/part.py",
    ]


def test_libraries_are_those_that_were_imported(run):
    plain, numpy, late = run(
        "x = 1\nassert x\n",
        "import numpy\n",
        "import importlib\nimportlib.import_module('yaml')\n",
    )
    assert list(plain["versions"]) == ["python"]
    assert list(numpy["versions"]) == ["python", "numpy"]
    assert "pyyaml" in late["versions"]


def test_what_a_library_loads_in_turn_is_named(run):
    (result,) = run("import pandas\n")
    assert {"pandas", "numpy", "python-dateutil"} <= result["versions"].keys()
    assert "pytest" not in result["versions"], "an extra of a library is not its need"


def test_a_library_that_the_server_has_loaded_counts_only_where_it_is_imported(run):
    with_it, without = run("import numpy\n", "print(1)\n", preload=["numpy"])
    assert "numpy" in with_it["versions"]
    assert "numpy" not in without["versions"]
