"""A module that was kept is the one that would be made; whatever becomes of the cache, builds give and say the same."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from cwc._resources import templates_folder
from cwc._stored import OFF, put_entry
from cwc.cli.group import cwc
from cwc.driver import emitting
from cwc.driver.rebuilding import ingredients, kept_modules, snapshot
from cwc.driver.rebuilding.kept_modules import KeptModules
from cwc.emit.render import Artifact, emit
from cwc.plan.model import Plan
from tests.projects import ROOT, inside

TOOLS = """
import cwc
from pydantic import BaseModel

class Number(BaseModel):
    number: int

class Value(BaseModel):
    value: int

@cwc.tool(description="Doubles.")
def double(given: Number) -> Value:
    return Value(value=given.number * 2)

@cwc.tool(description="Trebles.")
def treble(given: Number) -> Value:
    return Value(value=given.number * 3)
"""
HEAD = """type: Flow
name: {name}
version: '1.0'
description: d
input_schema_ref: tools:Number
steps:
"""
STEP = "  - {what}\n    input_mapping: {{number: number}}\n    output_mapping: {{{key}: value}}\n"
RUN = "  - flow_name: {what}\n    input_mapping: {{number: number}}\n"
FLOWS = {
    "doubling": HEAD.format(name="doubling") + STEP.format(what="tool_name: double", key="twice"),
    "trebling": HEAD.format(name="trebling") + STEP.format(what="tool_name: treble", key="thrice"),
    "outer": HEAD.format(name="outer") + RUN.format(what="doubling"),
    # Of which there is something to say.
    "warned": HEAD.format(name="warned") + STEP.format(what="tool_name: double", key="number"),
}

Said = tuple[int, str, str]


def build(*arguments: str) -> Said:
    done = CliRunner().invoke(cwc, ["build", *arguments])
    return done.exit_code, done.stdout, done.stderr


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def forget(folder: Path) -> None:
    """Lose what was generated, and what the project itself remembers."""
    shutil.rmtree(folder / "generated", ignore_errors=True)
    shutil.rmtree(folder / snapshot.FOLDER, ignore_errors=True)


def entries(cache: Path) -> list[Path]:
    return sorted(path for path in (cache / "cwc" / kept_modules.FOLDER).rglob("*") if path.is_file())


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def folder(tmp_path: Path, cache: Path) -> Iterator[Path]:
    root = tmp_path / "project"
    (root / "flows").mkdir(parents=True)
    (root / "pyproject.toml").write_text('[tool.cwc]\ntools = ["tools"]\nlane = "sync"\n')
    (root / "tools.py").write_text(TOOLS)
    for name, text in FLOWS.items():
        (root / f"flows/{name}.flow.yaml").write_text(text)
    with inside(root):
        yield root


@pytest.fixture
def emitted(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the flows that modules are made of."""
    made: list[str] = []

    def noted(plan: Plan, format: int, facade: tuple[str, ...]) -> Artifact:
        made.append(plan.name)
        return emit(plan, format, facade)

    monkeypatch.setattr(emitting, "emit", noted)
    return made


def test_what_was_kept_is_what_would_be_made(folder: Path, emitted: list[str]) -> None:
    said, made = build("--format", "json"), contents(folder / "generated")
    assert said[0] == 0
    assert "context_collision" in said[1]
    assert sorted(emitted) == sorted(FLOWS)
    emitted.clear()
    forget(folder)
    assert build("--format", "json") == said
    assert contents(folder / "generated") == made
    assert emitted == []


def _replaced(name: str, old: str, new: str) -> Callable[[Path], object]:
    def replace(folder: Path) -> None:
        text = (folder / name).read_text()
        assert old in text
        (folder / name).write_text(text.replace(old, new))

    return replace


def _aged(folder: Path) -> None:
    for path in (folder / "flows").iterdir():
        os.utime(path, (0, 0))


ALL = sorted(FLOWS)
CHANGES: dict[str, tuple[Callable[[Path], object], list[str]]] = {
    "nothing": (lambda folder: None, []),
    "times": (_aged, []),
    "a comment on tools": (_replaced("tools.py", "import cwc", "import cwc  # for the decorator"), []),
    "a comment on settings": (_replaced("pyproject.toml", "[tool", "# ours\n[tool"), []),
    "what is said of a flow": (_replaced("pyproject.toml", "lane", "strict = true\nlane"), []),
    "a comment in a flow": (_replaced("flows/trebling.flow.yaml", "type:", "# ours\ntype:"), ["trebling"]),
    "a flow that another runs": (_replaced("flows/doubling.flow.yaml", "twice", "double"), ["doubling", "outer"]),
    "a name": (_replaced("flows/trebling.flow.yaml", "name: trebling", "name: tripling"), ["trebling"]),
    "a file's name": (lambda folder: (folder / "flows/trebling.flow.yaml").rename("flows/a.flow.yaml"), ["trebling"]),
    "a tool": (_replaced("tools.py", "Trebles.", "Makes three."), ["trebling"]),
    "a class": (_replaced("tools.py", "number: int", "number: int = 1"), ALL),
    "the lane": (_replaced("pyproject.toml", '"sync"', '"both"'), ["doubling", "trebling", "warned"]),
    "the lane of one": (
        _replaced("pyproject.toml", '"sync"\n', '"sync"\n[tool.cwc.flow.trebling]\nlane = "both"\n'), ["trebling"]
    ),
}  # fmt: skip


@pytest.mark.parametrize("change", CHANGES)
def test_what_a_module_is_made_of_decides(
    change: str, folder: Path, emitted: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    build()
    act, expected = CHANGES[change]
    act(folder)
    forget(folder)
    emitted.clear()
    said, made = build(), contents(folder / "generated")
    renamed = {"tripling": "trebling"}
    assert sorted(renamed.get(name, name) for name in emitted) == expected
    forget(folder)
    monkeypatch.setenv(OFF, "1")
    assert build() == said
    assert contents(folder / "generated") == made


@pytest.mark.parametrize("what", ["cwc", "Python", "a template"])
def test_what_others_have_made_is_not_taken(
    what: str, folder: Path, emitted: list[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    templates = tmp_path / "templates"
    shutil.copytree(templates_folder(), templates)
    monkeypatch.setattr(ingredients, "templates_folder", lambda: templates)
    build()
    forget(folder)
    emitted.clear()
    match what:
        case "cwc":
            monkeypatch.setattr(ingredients, "__version__", "0.0.1")
        case "Python":
            monkeypatch.setattr(sys, "version", "3.99")
        case _:
            (templates / "module" / "more.py.j2").write_text("")
    build()
    assert sorted(emitted) == ALL


def test_a_switch_keeps_nothing_and_uses_nothing(
    folder: Path, cache: Path, emitted: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    build()
    forget(folder)
    emitted.clear()
    monkeypatch.setenv(OFF, "1")
    assert build()[0] == 0
    assert sorted(emitted) == ALL
    assert not (folder / snapshot.FOLDER).exists()
    shutil.rmtree(cache)
    build()
    assert not cache.exists()


def test_clean_forgets(folder: Path, cache: Path) -> None:
    build()
    assert len(entries(cache)) == len(FLOWS)
    CliRunner().invoke(cwc, ["clean"])
    assert entries(cache) == []


def test_a_cache_within_the_project_is_not_believed(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(folder / "cache"))
    assert build()[0] == 0
    assert not (folder / "cache").exists()


def test_a_flow_that_breaks_the_contract_leaves_nothing(
    folder: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        emitting, "emit", lambda *given: Artifact(emit(*given).text + "import os\n", emit(*given).imports)
    )
    assert CliRunner().invoke(cwc, ["build"]).exception is not None
    assert entries(cache) == []


@pytest.mark.parametrize("held", ["a file", "nothing may be written", "the disk is full"])
def test_where_nothing_can_be_kept_builds_are_the_same(
    held: str, folder: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said, made = build(), contents(folder / "generated")
    forget(folder)
    shutil.rmtree(cache)
    cache.mkdir()
    match held:
        case "a file":
            (cache / "cwc").write_text("")
        case "nothing may be written":
            monkeypatch.setattr(os, "makedirs", _refuse)
        case _:
            monkeypatch.setattr(kept_modules, "put_entry", _refuse)
    assert build() == said
    assert contents(folder / "generated") == made
    assert entries(cache) == []


def _refuse(*_: object, **__: object) -> None:
    raise OSError(28, "No space left on device")


DAMAGE = ("flip", "cut", "empty", "delete", "folder", "deep", "swap", "other text", "no text", "no imports", "pipe")


def test_a_damaged_cache_changes_nothing(folder: Path, cache: Path) -> None:
    said, made = build(), contents(folder / "generated")
    whole = {path: path.read_bytes() for path in entries(cache)}

    @given(st.lists(st.tuples(st.sampled_from(sorted(whole)), st.sampled_from(DAMAGE), st.integers(0, 10**5))))
    @settings(max_examples=40)
    def changes_nothing(damages: list[tuple[Path, str, int]]) -> None:
        shutil.rmtree(cache / "cwc" / kept_modules.FOLDER)
        for path, data in whole.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        for path, how, number in damages:
            damage(path, how, number, sorted(whole))
        forget(folder)
        assert build() == said
        assert contents(folder / "generated") == made

    changes_nothing()


def damage(path: Path, how: str, number: int, paths: list[Path]) -> None:
    if not path.is_file():
        return
    data = path.read_bytes()
    at = number % max(len(data), 1)
    other = paths[number % len(paths)]
    match how:
        case "flip":
            path.write_bytes(data[:at] + bytes([data[at] ^ (number % 255 + 1)]) + data[at + 1 :] if data else b"x")
        case "cut":
            path.write_bytes(data[:at])
        case "empty":
            path.write_bytes(b"")
        case "delete":
            path.unlink()
        case "folder" | "pipe":
            path.unlink()
            path.mkdir() if how == "folder" or not hasattr(os, "mkfifo") else os.mkfifo(path)
        case "deep":
            path.write_bytes(b"[" * 100_000)
        case "swap" if other.is_file():
            path.write_bytes(other.read_bytes())
            other.write_bytes(data)
        case "other text":
            # As if it had been written for a name that is none of a flow's.
            put_entry(str(path.parent), "0" * 64, {"text": "import os\n", "imports": []})
            os.replace(path.with_name("0" * 64), path)
        case "no text":
            put_entry(str(path.parent), path.name, {"text": number, "imports": []})
        case "no imports":
            put_entry(str(path.parent), path.name, {"text": "", "imports": [["tools", [number]]]})


def test_builds_at_once_over_a_cache_that_changes_under_them_give_what_one_gives(folder: Path, cache: Path) -> None:
    build()
    made = contents(folder / "generated")
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    for turn in range(2):
        forget(folder)
        at_once = [
            subprocess.Popen([sys.executable, "-m", "cwc", "build"], env=environment, stderr=subprocess.PIPE)
            for _ in range(2)
        ]
        while any(process.poll() is None for process in at_once):
            for number, path in enumerate(entries(cache)):
                # Builds take files away as well.
                with suppress(FileNotFoundError):
                    damage(path, ("flip", "cut", "delete")[(number + turn) % 3], number, [path])
        said = [process.communicate()[1].decode() for process in at_once]
        assert [process.returncode for process in at_once] == [0, 0], said
        assert not any("Traceback" in each for each in said)
        assert contents(folder / "generated") == made


def test_what_was_not_used_for_longest_goes(tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = KeptModules(tmp_path / "project")
    digests = [f"aa{number:062}" for number in range(4)]
    artifact = Artifact("x" * 1000, frozenset())
    for age, digest in enumerate(digests[:3]):
        kept.keep({digest: artifact})
        os.utime(cache / "cwc" / kept_modules.FOLDER / "aa" / digest, (age, age))
    assert kept.recall(digests[0]) == artifact
    monkeypatch.setattr(kept_modules, "MOST", 256 * 2500)
    kept.keep({digests[3]: artifact})
    assert [kept.recall(digest) is not None for digest in digests] == [True, False, False, True]
    monkeypatch.setattr(kept_modules, "MOST", 0)
    kept.keep({digests[1]: artifact})
    assert [path.name for path in entries(cache)] == [digests[1]]


@pytest.mark.parametrize("jobs", [1, 3])
def test_any_number_of_processes_makes_the_same(jobs: int, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(40):
        text = FLOWS[("doubling", "trebling")[number % 2]].replace("name: ", f"name: flow_{number}_")
        (folder / f"flows/{number}.flow.yaml").write_text(text)
    monkeypatch.setenv(OFF, "1")
    said, made = build(), contents(folder / "generated")
    forget(folder)
    assert build("--jobs", str(jobs)) == said
    assert contents(folder / "generated") == made
