"""What verbs say and do at their edges: ends of names, emptied folders, names that were nearly meant."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from cwc.cli.group import cwc
from cwc.diagnostics.text import counted
from cwc.runtime import FlowRegistry
from cwc.runtime.errors import FlowNotFoundError
from tests.projects import inside

NAME = "double_and_format"


def run(*arguments: str) -> Result:
    return CliRunner().invoke(cwc, list(arguments), prog_name="cwc")


@pytest.fixture(autouse=True)
def demo(tmp_path: Path) -> Iterator[Path]:
    """A scaffolded project, built, as the working directory."""
    with inside(tmp_path):
        assert run("init").exit_code == 0
        assert run("build").exit_code == 0
        yield tmp_path


def test_no_drawing_is_named_as_pictures_are(demo: Path) -> None:
    done = run("graph", NAME, "-o", "a.png")
    assert done.exit_code == 2
    assert "'a.png'" in done.stderr
    assert ".svg, .html, .htm, .dot, .gv, .mmd, .txt" in done.stderr
    assert not (demo / "a.png").exists()
    assert run("graph", NAME, "-o", "a.png", "--as", "svg").exit_code == 0
    assert run("graph", NAME, "-o", "a").exit_code == 0
    assert (demo / "a").read_text("utf-8") == run("graph", NAME).stdout


def test_clean_removes_the_folder_that_it_empties(demo: Path) -> None:
    cache = demo / "generated" / "__pycache__"
    cache.mkdir(exist_ok=True)
    (cache / f"{NAME}.cpython-311.pyc").touch()
    assert run("clean").exit_code == 0
    assert not (demo / "generated").exists()


@pytest.mark.parametrize("name", ["mine.txt", "__pycache__/mine.txt"])
def test_clean_keeps_a_folder_that_holds_anything_else(demo: Path, name: str) -> None:
    (demo / "generated" / "__pycache__").mkdir(exist_ok=True)
    (demo / "generated" / name).touch()
    assert run("clean").exit_code == 0
    assert (demo / "generated" / name).exists()


def test_clean_keeps_an_empty_folder_that_it_has_not_emptied(demo: Path) -> None:
    (demo / "other").mkdir()
    assert run("clean", "--out", "other").exit_code == 0
    assert (demo / "other").is_dir()


def test_a_file_is_no_name_of_a_module_to_import() -> None:
    assert "did you mean 'main'?" in run("import", "main.py").stderr


def test_the_registry_tells_which_flow_is_nearly_meant(demo: Path) -> None:
    registry = FlowRegistry(demo / "generated")
    with pytest.raises(FlowNotFoundError) as caught:
        registry.get_flow("double_and_fromat")
    assert caught.value.__notes__ == [f"Did you mean {NAME!r}?"]
    with pytest.raises(FlowNotFoundError) as caught:
        registry.get_flow("xyzzy")
    assert not hasattr(caught.value, "__notes__")
    with pytest.raises(FlowNotFoundError) as caught:
        registry.get_flow(NAME, version="7")
    assert not hasattr(caught.value, "__notes__")


def test_one_is_not_many() -> None:
    assert [counted(number, "tool") for number in range(3)] == ["0 tools", "1 tool", "2 tools"]
