"""Settings come from one table, and a slip in it is named."""

import pytest

from docrun.settings import SettingsError, load_settings


def test_the_table_of_the_nearest_project(project, monkeypatch):
    monkeypatch.delenv("KERAS_BACKEND", raising=False)
    inside = project.write("docs/deep/a.md", "# A\n").parent
    settings = load_settings(inside)
    assert (settings.root, settings.time_limit) == (project.root, 20.0)
    assert settings.backend == "tensorflow"


def test_the_environment_decides_the_backend(project, monkeypatch):
    monkeypatch.setenv("KERAS_BACKEND", "torch")
    assert load_settings(project.root).backend == "torch"


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("colour = 1", "unknown setting tool.docrun.colour. Expected one of docs,"),
        ("time_limit = 'long'", "time_limit must be float. Received: 'long'"),
        ("preload = 'keras'", "preload must be list. Received: 'keras'"),
        ("memory_limit = true", "memory_limit must be int. Received: True"),
    ],
)
def test_a_wrong_setting_is_named(project, line, message):
    project.write("pyproject.toml", f"[tool.docrun]\n{line}\n")
    with pytest.raises(SettingsError, match=message):
        load_settings(project.root)


def test_no_project_is_an_error(tmp_path):
    with pytest.raises(SettingsError, match="No pyproject.toml"):
        load_settings(tmp_path)
