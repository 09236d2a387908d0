"""Whatever is done to a project between builds, the next one gives and says what a build from nothing would."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from cwc.cli.group import cwc
from cwc.contract.generated import CLEAN
from cwc.driver.rebuilding import snapshot
from cwc.driver.rebuilding.kept_modules import FOLDER
from cwc.emit import render
from tests.projects import inside

TOOLS = """from pydantic import BaseModel
import cwc

class Number(BaseModel):
    number: {kind}

class Value(BaseModel):
    value: {kind}

@cwc.tool(description="{description}")
def double(given: Number) -> Value:
    return Value(value=given.number * 2)
"""
SETTINGS = '[tool.cwc]\ntools = ["tools"]\nlane = "{lane}"\n'
HEAD = """type: Flow
name: {name}
version: '{version}'
description: {description}
input_schema_ref: tools:Number
on_context_collision: {policy}
steps:
"""
STEP = "  - {call}\n    input_mapping: {{number: {number}}}\n    output_mapping: {{{key}: value}}\n"

FILES = st.sampled_from([f"flow_{letter}.flow.yaml" for letter in "abcdef"] + ["more/flow_g.flow.yaml", "_h.flow.yaml"])
NAMES = st.sampled_from(("a", "b", "c", "d", "A", "e_f"))
CALLS = st.sampled_from(
    ("tool_name: double", "tool_name: double", "tool_name: treble", *(f"flow_name: {name}" for name in ("a", "b", "c")))
)
DAMAGE = st.sampled_from(("cut", "flip", "empty", "lose", "swap", "deep"))


@st.composite
def flows(draw: st.DrawFn) -> str:
    head = HEAD.format(
        name=draw(NAMES),
        version=draw(st.sampled_from(("1.0", "1.0", "2.0"))),
        description=draw(st.sampled_from("def")),
        policy=draw(st.sampled_from(("overwrite", "warn", "error"))),
    )
    steps = draw(st.lists(st.tuples(CALLS, st.sampled_from(("number", "7", "x")), st.sampled_from("xyz")), max_size=2))
    body = [
        STEP.format(call=call, number=number, key=key)
        for call, number, key in [("tool_name: double", "number", "x"), *steps]
    ]
    return head + "".join(body)


Said = tuple[int, str, str]


def say(*arguments: str) -> Said:
    done = CliRunner().invoke(cwc, arguments)
    return done.exit_code, done.stdout, done.stderr


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


class Project(RuleBasedStateMachine):
    """A project that is built again and again, and copies of it that nothing is remembered of."""

    def __init__(self) -> None:
        super().__init__()
        self.cache = os.environ["XDG_CACHE_HOME"]
        self.top = Path(tempfile.mkdtemp(prefix="cwc-rebuilding-"))
        self.folder = self.top / "project"
        os.environ["XDG_CACHE_HOME"] = str(self.top / "cache")
        CLEAN.clear()
        render._environment.cache_clear()
        (self.folder / "flows" / "more").mkdir(parents=True)
        self.write("pyproject.toml", SETTINGS.format(lane="sync"))
        self.write("tools.py", TOOLS.format(kind="int", description="Doubles."))
        for name in "abc":
            head = HEAD.format(name=name, version="1.0", description="d", policy="overwrite")
            self.write(
                f"flows/flow_{name}.flow.yaml", head + STEP.format(call="tool_name: double", number="number", key="x")
            )

    def teardown(self) -> None:
        os.environ["XDG_CACHE_HOME"] = self.cache
        shutil.rmtree(self.top)

    def write(self, name: str, text: str) -> None:
        (self.folder / name).write_text(text)

    @rule(file=FILES, text=flows())
    def write_a_flow(self, file: str, text: str) -> None:
        self.write(f"flows/{file}", text)

    @rule(
        data=st.data(),
        old=st.sampled_from(("description: d", "number: number", "x: value")),
        new=st.sampled_from(("description: g", "number: 8", "z: value")),
    )
    def edit_a_flow(self, data: st.DataObject, old: str, new: str) -> None:
        path = data.draw(st.sampled_from(self.flow_files()))
        path.write_text(path.read_text().replace(old, new))

    @rule(data=st.data(), old=st.sampled_from(("steps:", "name:")), new=st.sampled_from(("steps: [", "n: ", "\x00")))
    def break_a_flow(self, data: st.DataObject, old: str, new: str) -> None:
        """So that there is no telling what flow it is."""
        path = data.draw(st.sampled_from(self.flow_files()))
        path.write_text(path.read_text().replace(old, new))

    @rule(data=st.data(), old=st.sampled_from(("steps: [", "n: ", "\x00")), new=st.sampled_from(("steps:", "name:")))
    def mend_a_flow(self, data: st.DataObject, old: str, new: str) -> None:
        path = data.draw(st.sampled_from(self.flow_files()))
        path.write_text(path.read_text().replace(old, new))

    @rule()
    def lose_what_was_generated(self) -> None:
        shutil.rmtree(self.folder / "generated", ignore_errors=True)

    @precondition(lambda self: len(self.flow_files()) > 1)
    @rule(data=st.data())
    def remove_a_flow(self, data: st.DataObject) -> None:
        data.draw(st.sampled_from(self.flow_files())).unlink()

    @rule(data=st.data(), file=FILES)
    def rename_a_file(self, data: st.DataObject, file: str) -> None:
        data.draw(st.sampled_from(self.flow_files())).rename(self.folder / "flows" / file)

    @rule(kind=st.sampled_from(("int", "float")), description=st.sampled_from(("Doubles.", "Makes two of one.")))
    def change_a_tool(self, kind: str, description: str) -> None:
        self.write("tools.py", TOOLS.format(kind=kind, description=description))

    @rule(lane=st.sampled_from(("sync", "both")))
    def change_the_settings(self, lane: str) -> None:
        self.write("pyproject.toml", SETTINGS.format(lane=lane))

    @precondition(lambda self: self.generated_files())
    @rule(data=st.data(), how=st.sampled_from(("edit", "remove", "add", "folder")))
    def change_what_was_generated(self, data: st.DataObject, how: str) -> None:
        path = data.draw(st.sampled_from(self.generated_files()))
        match how:
            case "edit":
                path.write_bytes(path.read_bytes() + b"\n# by hand\n")
            case "remove":
                path.unlink()
            case "add":
                path.with_name("mine.py").write_text("x = 1\n")
            case "folder":
                (path.parent / ".cwc-999999999-left").mkdir(exist_ok=True)

    @rule(one=st.integers(0, 99), another=st.integers(0, 99), where=st.integers(0, 10**6), how=DAMAGE)
    def damage_what_is_remembered(self, one: int, another: int, where: int, how: str) -> None:
        """Entries are cut, changed, swapped, taken for each other, or lost."""
        entries = self.remembered()
        if not entries:
            return
        path, other = entries[one % len(entries)], entries[another % len(entries)]
        content = path.read_bytes()
        at = where % max(len(content), 1)
        match how:
            case "cut":
                path.write_bytes(content[:at])
            case "flip":
                path.write_bytes(content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :] if content else b"x")
            case "empty":
                path.write_bytes(b"")
            case "lose":
                path.unlink()
            case "swap":
                path.write_bytes(other.read_bytes())
                other.write_bytes(content)
            case "deep":
                path.write_bytes(b"[" * 100_000)
        # So that it is read again.
        CLEAN.clear()
        render._environment.cache_clear()

    @rule()
    def lock(self) -> None:
        with inside(self.folder):
            CliRunner().invoke(cwc, ["lock"])

    @rule(arguments=st.sampled_from((("--strict",), ("--lane", "async"), ("--force",), ("flows/more",))))
    def build_otherwise(self, arguments: tuple[str, ...]) -> None:
        self.build(*arguments)

    @invariant()
    def builds(self) -> None:
        self.build()

    def build(self, *arguments: str) -> None:
        calls = [("build", *arguments)] if arguments else [("check",), ("build",)]
        copy = self.top / "copy"
        shutil.copytree(self.folder, copy, ignore=shutil.ignore_patterns(snapshot.FOLDER, "__pycache__"))
        with inside(self.folder):
            said = [say(*call) for call in calls]
        CLEAN.clear()
        # What passes the contract is not in question, and takes long to find out.
        shutil.rmtree(self.top / "other" / "cwc" / FOLDER, ignore_errors=True)
        os.environ["XDG_CACHE_HOME"] = str(self.top / "other")
        with inside(copy):
            assert [say(*call) for call in calls] == said
        os.environ["XDG_CACHE_HOME"] = str(self.top / "cache")
        assert contents(copy / "generated") == contents(self.folder / "generated")
        shutil.rmtree(copy)

    def flow_files(self) -> list[Path]:
        return sorted((self.folder / "flows").rglob("*.flow.yaml"))

    def generated_files(self) -> list[Path]:
        return sorted(path for path in (self.folder / "generated").rglob("*") if path.is_file())

    def remembered(self) -> list[Path]:
        found = [*(self.folder / snapshot.FOLDER).glob("[!.]*"), *(self.top / "cache" / "cwc").rglob("[!.]*")]
        return sorted(path for path in found if path.is_file())


@pytest.fixture(autouse=True)
def old_files(monkeypatch: pytest.MonkeyPatch) -> None:
    # Nothing is remembered of files as young as those of a test.
    monkeypatch.setattr(snapshot, "_MARGIN_NS", -(10**18))


@pytest.mark.parametrize(
    ("examples", "steps"),
    [pytest.param(6, 8, id="few"), pytest.param(300, 12, id="many", marks=pytest.mark.long)],
)
def test_a_build_gives_what_one_from_nothing_would(examples: int, steps: int) -> None:
    run_state_machine_as_test(Project, settings=settings(max_examples=examples, stateful_step_count=steps))
