"""What a build remembers changes nothing of what it gives: whatever changes, and whatever becomes of the memory."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from cwc.cli.group import cwc
from cwc.contract import generated
from cwc.driver import compile as compiling
from cwc.driver.rebuilding import snapshot
from tests.projects import ROOT, inside

TOOLS = """
from pathlib import Path
from pydantic import BaseModel
import cwc
from helper import Number

HELP = Path(__file__).with_name("help.txt").read_text()

class Value(BaseModel):
    value: int

@cwc.tool(description=HELP)
def double(given: Number) -> Value:
    return Value(value=given.number * 2)
"""
SETTINGS = """[tool.cwc]
tools = ["tools"]
lane = "sync"
schema_ref_modules = ["helper", "tools"]
"""
HELPER = "from pydantic import BaseModel\n\nclass Number(BaseModel):\n    number: int\n"
FLOW = """type: Flow
name: {name}
version: '1.0'
description: {description}
input_schema_ref: helper:Number
on_context_collision: overwrite
steps:
  - {call}: {what}
    input_mapping: {{number: number}}
"""


def flow(name: str, *, runs: str = "", description: str = "d") -> str:
    call, what = ("flow_name", runs) if runs else ("tool_name", "double")
    return FLOW.format(name=name, description=description, call=call, what=what)


def write(folder: Path, texts: dict[str, str]) -> None:
    for name, text in texts.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def project(folder: Path) -> None:
    write(
        folder,
        {
            "pyproject.toml": SETTINGS,
            "tools.py": TOOLS,
            "helper.py": HELPER,
            "help.txt": "Doubles.",
            "flows/inner.flow.yaml": flow("inner"),
            "flows/outer.flow.yaml": flow("outer", runs="inner"),
            "flows/other.flow.yaml": flow("other"),
        },
    )


Said = tuple[int, str, str]


def build(*arguments: str) -> Said:
    done = CliRunner().invoke(cwc, ["build", *arguments])
    return done.exit_code, done.stdout, done.stderr


def built(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in (folder / "generated").rglob("*.*")}


@pytest.fixture(autouse=True)
def old_files(monkeypatch: pytest.MonkeyPatch) -> None:
    # Nothing is remembered of files as young as those of a test.
    monkeypatch.setattr(snapshot, "_MARGIN_NS", -(10**18))


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    project(tmp_path)
    with inside(tmp_path):
        assert build()[0] == 0
        yield tmp_path


def test_nothing_is_compiled_when_nothing_has_changed(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compiling, "lower", None)
    assert build() == (0, "up to date: generated\n", "")
    assert build("--check") == (0, "", "")


def _edit(name: str, old: str, new: str) -> Callable[[Path], object]:
    return lambda folder: (folder / name).write_text((folder / name).read_text().replace(old, new))


CHANGES: dict[str, Callable[[Path], object]] = {
    "a flow": _edit("flows/other.flow.yaml", "description: d", "description: e"),
    "a flow that others run": _edit("flows/inner.flow.yaml", "description: d", "description: e"),
    "a flow, so that it fails": _edit("flows/other.flow.yaml", "tool_name: double", "tool_name: treble"),
    "what a flow gives": _edit(
        "flows/inner.flow.yaml", "{number: number}", "{number: number}\n    output_mapping: {twice: value}"
    ),
    "which flow a flow runs": _edit("flows/outer.flow.yaml", "flow_name: inner", "flow_name: other"),
    "a flow's name": _edit("flows/other.flow.yaml", "name: other", "name: another"),
    "a flow's version": _edit("flows/other.flow.yaml", "'1.0'", "'2.0'"),
    "a tool": _edit("tools.py", "value: int", "value: float"),
    "what a tool imports": _edit("helper.py", "number: int", "number: float"),
    "the configuration": _edit("pyproject.toml", '"sync"', '"auto"'),
    "a new flow": lambda folder: write(folder, {"flows/new.flow.yaml": flow("new")}),
    "a new flow in a new folder": lambda folder: write(folder, {"flows/more/new.flow.yaml": flow("new")}),
    "a flow less": lambda folder: (folder / "flows/other.flow.yaml").unlink(),
    "a module in the way": lambda folder: write(folder, {"helper/__init__.py": HELPER.replace("int", "str")}),
    "a generated file": _edit("generated/other.py", "other", "edited"),
    "a generated file less": lambda folder: (folder / "generated/other.py").unlink(),
    "the manifest": lambda folder: (folder / "generated/cwc-manifest.json").unlink(),
}  # fmt: skip


@pytest.mark.parametrize("change", CHANGES)
def test_after_a_change_a_build_gives_what_it_would_without_a_memory(change: str, folder: Path, tmp_path: Path) -> None:
    CHANGES[change](folder)
    other = tmp_path.with_name(f"{tmp_path.name}-other")
    shutil.copytree(folder, other, ignore=shutil.ignore_patterns(snapshot.FOLDER, "__pycache__"))
    said, gives = build(), built(folder)
    with inside(other):
        assert build() == said
    assert built(other) == gives


def test_a_file_that_a_tool_module_reads_counts(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "help.txt").write_text("Doubles a number.")
    compiled: list[str] = []
    monkeypatch.setattr(compiling, "verify_plan", lambda plan: compiled.append(plan.name))
    build()
    assert sorted(compiled) == ["inner", "other", "outer"]


@pytest.mark.parametrize(
    ("changed", "expected"),
    [("other", ["other"]), ("inner", ["inner", "outer"]), ("outer", ["inner", "outer"])],
)
def test_a_changed_flow_is_compiled_with_those_it_touches(
    changed: str, expected: list[str], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _edit(f"flows/{changed}.flow.yaml", "description: d", "description: e")(folder)
    compiled: list[str] = []
    monkeypatch.setattr(compiling, "verify_plan", lambda plan: compiled.append(plan.name))
    assert build() == (0, f"wrote generated/{changed}.py\n", "")
    assert sorted(compiled) == expected
    assert build() == (0, "up to date: generated\n", "")


def test_flows_that_come_and_go_do_not_concern_others(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    compiled: list[str] = []
    monkeypatch.setattr(compiling, "verify_plan", lambda plan: compiled.append(plan.name))
    write(folder, {"flows/more.flow.yaml": flow("more", runs="other")})
    assert build() == (0, "wrote generated/more.py\n", "")
    assert sorted(compiled) == ["more", "other"]
    compiled.clear()
    (folder / "flows/more.flow.yaml").rename(folder / "flows/again.flow.yaml")
    assert build() == (0, "wrote generated/more.py\n", "")
    assert sorted(compiled) == ["more", "other"]
    compiled.clear()
    (folder / "flows/again.flow.yaml").unlink()
    assert build() == (0, "removed generated/more.py\n", "")
    assert len(compiled) == 1


def test_what_there_is_to_say_is_said_again(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _edit("flows/outer.flow.yaml", "on_context_collision: overwrite", "on_context_collision: warn")(folder)
    twice = "  - tool_name: double\n    input_mapping: {number: number}\n"
    write(folder, {"flows/outer.flow.yaml": (folder / "flows/outer.flow.yaml").read_text() + twice})
    warned = build()[2]
    assert "CWC410" in warned
    compiled: list[str] = []
    monkeypatch.setattr(compiling, "verify_plan", lambda plan: compiled.append(plan.name))
    write(folder, {"flows/third.flow.yaml": flow("third")})
    build()
    compiled.clear()
    _edit("flows/third.flow.yaml", "description: d", "description: e")(folder)
    assert build() == (0, "wrote generated/third.py\n", warned)
    assert sorted(compiled) == ["inner", "outer", "third"]


def test_a_mistake_in_one_flow_does_not_concern_others(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    compiled: list[str] = []
    monkeypatch.setattr(compiling, "verify_plan", lambda plan: compiled.append(plan.name))
    _edit("flows/other.flow.yaml", "tool_name: double", "tool_name: doubel")(folder)
    code, _, err = build()
    assert (code, compiled) == (1, ["other"])
    assert "did you mean 'double'" in err


def test_a_flow_that_cannot_be_read_does_not_concern_others(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    build("--format", "json")
    compiled: list[str] = []
    monkeypatch.setattr(compiling, "verify_plan", lambda plan: compiled.append(plan.name))
    whole, before = (folder / "flows/other.flow.yaml").read_text(), built(folder)
    for broken in (whole.replace("steps:", "steps: ["), "[]", "\x00"):
        (folder / "flows/other.flow.yaml").write_text(broken)
        _edit("flows/outer.flow.yaml", "description: d", "description: dd")(folder)
        code, out, err = build()
        assert (code, out) == (1, "wrote generated/outer.py\n")
        assert "flows/other.flow.yaml" in err
        assert sorted(compiled) == ["inner", "outer"]
        assert built(folder)["generated/other.py"] == before["generated/other.py"]
        summary = json.loads(build("--format", "json")[1])["summary"]
        assert (summary["files"], summary["flows"]) == (3, 2)
        compiled.clear()
    (folder / "flows/other.flow.yaml").write_text(whole)
    assert build() == (0, "up to date: generated\n", "")
    assert compiled == ["other"]


@pytest.mark.parametrize("broken", ["tool_name: doubel", "tool_name: ["], ids=["wrong", "unread"])
@pytest.mark.parametrize("known", [True, False], ids=["known", "new"])
def test_while_a_flow_has_errors_others_go_on(
    broken: str, known: bool, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not known:
        shutil.rmtree(folder / snapshot.FOLDER)
    compiled: list[str] = []
    monkeypatch.setattr(compiling, "verify_plan", lambda plan: compiled.append(plan.name))
    whole = (folder / "flows/other.flow.yaml").read_text()
    _edit("flows/other.flow.yaml", "tool_name: double", broken)(folder)
    complaint = build()[2]
    assert "flows/other.flow.yaml" in complaint
    write(folder, {"flows/third.flow.yaml": flow("third")})
    looked_at = ["other"] if "[" not in broken else []
    for description in ("e", "f"):
        compiled.clear()
        write(folder, {"flows/third.flow.yaml": flow("third", description=description)})
        assert build() == (1, "wrote generated/third.py\n", complaint)
        assert sorted(compiled) == [*looked_at, "third"]
    (folder / "flows/other.flow.yaml").write_text(whole)
    compiled.clear()
    assert build() == (0, "up to date: generated\n", "")
    assert compiled == ["other"]
    assert build() == (0, "up to date: generated\n", "")
    assert compiled == ["other"]
    _edit("flows/other.flow.yaml", "tool_name: double", broken)(folder)
    build()
    (folder / "flows/other.flow.yaml").unlink()
    assert build() == (0, "removed generated/other.py\n", "")


@pytest.mark.parametrize("broken", ["tool_name: doubel", "tool_name: ["], ids=["wrong", "unread"])
@pytest.mark.parametrize("then", ["removed", "renamed", "mended as another", "broken otherwise"])
@pytest.mark.parametrize("name", ["inner", "INNER"])
def test_flows_with_errors_still_hold_their_files(
    broken: str, then: str, name: str, folder: Path, tmp_path: Path
) -> None:
    """A flow that shares its file's name with one that has errors gets it when that one goes."""
    newer = folder / "flows/newer.flow.yaml"
    newer.write_text(flow(name).replace("'1.0'", "'2.0'"))
    build()
    newer.write_text(newer.read_text().replace("tool_name: double", broken))
    for description in ("e", "f"):
        write(folder, {"flows/other.flow.yaml": flow("other", description=description)})
        build()
    match then:
        case "removed":
            newer.unlink()
        case "renamed":
            newer.rename(folder / "flows/newest.flow.yaml")
        case "mended as another":
            newer.write_text(flow("another"))
        case _:
            newer.write_text("steps: [")
    write(folder, {"flows/other.flow.yaml": flow("other", description="g")})
    other = tmp_path.with_name(f"{tmp_path.name}-other")
    shutil.copytree(folder, other, ignore=shutil.ignore_patterns(snapshot.FOLDER, "__pycache__"))
    said, gives = build(), built(folder)
    with inside(other):
        assert build() == said
    assert built(other) == gives


def test_a_flow_that_comes_while_others_are_compiled_is_not_lost(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for path in (folder / "flows", *folder.rglob("*.*")):
        os.utime(path, (10**9, 10**9))
    monkeypatch.setattr(snapshot, "_MARGIN_NS", 0)
    monkeypatch.setattr(snapshot.Snapshot, "is_current", lambda self: False)
    monkeypatch.setattr(compiling, "verify_plan", lambda plan: write(folder, {"flows/new.flow.yaml": flow("new")}))
    build()
    monkeypatch.undo()
    assert build() == (0, "wrote generated/new.py\n", "")


@pytest.mark.parametrize("cache", ["project", "user"])
def test_where_nothing_can_be_remembered_all_is_compiled(
    cache: str, folder: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    blocked = folder / snapshot.FOLDER if cache == "project" else tmp_path.with_name(f"{tmp_path.name}-cache")
    shutil.rmtree(blocked, ignore_errors=True)
    blocked.write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path.with_name(f"{tmp_path.name}-cache")))
    monkeypatch.setattr(generated, "CLEAN", set())
    (folder / "generated/other.py").unlink()
    assert build() == (0, "wrote generated/other.py\n", "")
    assert build() == (0, "up to date: generated\n", "")


def test_a_damaged_memory_changes_nothing(folder: Path) -> None:
    before = built(folder)
    (path,) = (folder / snapshot.FOLDER).glob("build-*")
    good = path.read_bytes()

    @given(damage=st.data())
    @settings(max_examples=25)
    def changes_nothing(damage: st.DataObject) -> None:
        if path.is_dir():
            path.rmdir()
        path.write_bytes(good)
        _damage(path, damage)
        assert build() == (0, "up to date: generated\n", "")
        assert built(folder) == before

    changes_nothing()


def _damage(path: Path, damage: Any) -> None:
    data = path.read_bytes()
    at = damage.draw(st.integers(0, len(data) - 1))
    match damage.draw(st.sampled_from(("flip", "cut", "empty", "delete", "folder", "other"))):
        case "flip":
            path.write_bytes(data[:at] + bytes([data[at] ^ damage.draw(st.integers(1, 255))]) + data[at + 1 :])
        case "cut":
            path.write_bytes(data[:at])
        case "empty":
            path.write_bytes(b"")
        case "delete":
            path.unlink()
        case "folder":
            path.unlink()
            path.mkdir()
        case _:
            path.write_bytes(b"[" * 100_000)


def test_two_builds_at_once_give_what_one_gives(folder: Path) -> None:
    expected = built(folder)
    for _ in range(2):
        (folder / "generated/other.py").unlink()
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        at_once = [
            subprocess.Popen([sys.executable, "-m", "cwc", "build"], env=environment, stderr=subprocess.PIPE)
            for _ in range(2)
        ]
        assert all(process.communicate()[1] == b"" and process.returncode == 0 for process in at_once)
        assert built(folder) == expected
    assert build() == (0, "up to date: generated\n", "")


def test_clean_removes_the_memory(folder: Path) -> None:
    assert CliRunner().invoke(cwc, ["clean"]).exit_code == 0
    assert not (folder / snapshot.FOLDER).exists()


def test_what_was_killed_is_swept_although_nothing_has_changed(folder: Path) -> None:
    left = folder / "generated/.cwc-999999999-left"
    left.mkdir()
    assert build()[0] == 0
    assert not left.exists()


def test_young_files_are_not_trusted(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(snapshot, "_MARGIN_NS", 20_000_000)
    shutil.rmtree(folder / snapshot.FOLDER)
    (folder / "help.txt").write_text("Doubles!")
    build()
    assert not (folder / snapshot.FOLDER).exists()


def test_a_build_without_changes_imports_nothing_heavy(folder: Path) -> None:
    program = (
        "import sys\nfrom cwc.cli import main\nsys.argv = ['cwc', 'build']\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\n"
        "print(*({'pydantic', 'yaml', 'jinja2', 'networkx', 'libcst', 'tools'} & sys.modules.keys()), file=sys.stderr)"
    )

    def run() -> subprocess.CompletedProcess[str]:
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        return subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True)

    run()
    assert (run().stdout, run().stderr) == ("up to date: generated\n", "\n")
