"""`cwc lock` and `cwc build --locked`: the same bytes without the project's code, and no trust in the file."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cwc.cli.group import cwc
from cwc.diagnostics.as_json import render_json
from cwc.diagnostics.model import Report, SeveritySettings
from cwc.driver.project import Request, build_project
from tests.projects import ROOT, inside

CASES = sorted(
    path.parent for path in (ROOT / "tests" / "cases").glob("*/*/flows") if (path.parent / "generated").exists()
)


TANGLED = Path(__file__).parent / "tangled"


def run(*arguments: str) -> Result:
    return CliRunner().invoke(cwc, list(arguments), prog_name="cwc")


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[Path]:
    """A scaffolded project with a lock, as the working directory."""
    with inside(tmp_path):
        assert run("init", "demo").exit_code == 0
    with inside(tmp_path / "demo"):
        assert run("lock").stdout == "wrote cwc.lock\n"
        yield tmp_path / "demo"


def forbid_imports(folder: Path) -> None:
    (folder / "tools.py").write_text("raise RuntimeError('imported')\n", "utf-8")


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.parent.name}/{case.name}")
def test_a_locked_build_gives_the_same_bytes_and_reports(case: Path, tmp_path: Path) -> None:
    shutil.copytree(case / "flows", tmp_path / "flows")
    shutil.copy(case / "tools.py", tmp_path)
    (tmp_path / "pyproject.toml").write_text('[tool.cwc]\ntools = ["tools"]\n', "utf-8")
    with inside(tmp_path):
        unlocked = run("build", "--format", "json")
        if unlocked.exit_code:
            for path in {found["path"] for found in json.loads(unlocked.stdout)["diagnostics"]
                         if found["severity"] == "error"}:  # fmt: skip
                (tmp_path / path).unlink()
            unlocked = run("build", "--format", "json")
        assert unlocked.exit_code == 0, unlocked.output
        before = {path.name: path.read_bytes() for path in (tmp_path / "generated").glob("*.*")}
        shutil.rmtree(tmp_path / "generated")
        assert run("lock").exit_code == 0
        assert run("lock", "--check").exit_code == 0
        forbid_imports(tmp_path)
        locked = run("build", "--locked", "--format", "json")
        assert locked.exit_code == 0, locked.output
        assert {path.name: path.read_bytes() for path in (tmp_path / "generated").glob("*.*")} == before
        told = [found for found in json.loads(unlocked.stdout)["diagnostics"] if found["code"] != "CWC206"]
        assert json.loads(locked.stdout)["diagnostics"] == told


def test_types_that_hold_themselves_and_classes_of_all_kinds_are_locked(tmp_path: Path) -> None:
    (tmp_path / "flows").mkdir()
    shutil.copy(TANGLED / "tools.txt", tmp_path / "tools.py")
    shutil.copy(TANGLED / "flow.txt", tmp_path / "flows" / "a.flow.yaml")
    (tmp_path / "pyproject.toml").write_text('[tool.cwc]\ntools = ["tools"]\n', "utf-8")
    with inside(tmp_path):
        unlocked = run("check", "--format", "json")
        assert unlocked.exit_code == 0, unlocked.output
        assert run("build").exit_code == 0
        before = (tmp_path / "generated" / "a.py").read_bytes()
        assert run("lock").exit_code == 0
        # The modules are imported anew, so that nothing is at its old address.
        assert run("lock", "--check").exit_code == 0
        forbid_imports(tmp_path)
        (tmp_path / "generated" / "a.py").unlink()
        assert run("check", "--locked", "--format", "json").stdout == unlocked.stdout
        assert run("build", "--locked").exit_code == 0
    assert (tmp_path / "generated" / "a.py").read_bytes() == before


def test_a_lock_is_written_once_and_is_reviewable(demo: Path) -> None:
    text = (demo / "cwc.lock").read_text("ascii")
    assert run("lock").stdout == ""
    data = json.loads(text)
    assert list(data["tools"]) == ["add", "double", "format"]
    assert data["tools"]["double"]["input_schema"]["properties"] == {"number": {"title": "Number", "type": "integer"}}
    assert str(demo) not in text
    assert text == json.dumps(data, indent=2, sort_keys=True) + "\n"


def test_a_stale_lock_says_which_tool_and_what(demo: Path) -> None:
    tools = demo / "tools.py"
    tools.write_text(tools.read_text("utf-8").replace("amount: int = 1", "amount: float = 1"), "utf-8")
    done = run("lock", "--check")
    assert done.exit_code == 1
    assert "tool 'add'" in done.stderr
    assert "input /amount: its type was widened from integer to number (compatible)" in done.stderr
    assert "'double'" not in done.stderr
    assert run("lock").exit_code == 0
    assert run("lock", "--check").exit_code == 0


def test_a_build_without_the_lock_warns_where_it_is_stale(demo: Path) -> None:
    assert run("build").stderr == ""
    tools = demo / "tools.py"
    tools.write_text(tools.read_text("utf-8").replace("amount: int = 1", "amount: float = 1"), "utf-8")
    done = run("build")
    assert (done.exit_code, done.stderr.count("warning[CWC713]")) == (0, 1)
    assert "it has other schemas of tool 'add'" in done.stderr
    assert run("lock").stderr == ""
    (demo / "cwc.lock").write_text("[1]", "utf-8")
    assert run("build").stderr == ""


def test_what_a_tool_declares_is_locked_as_well(demo: Path) -> None:
    tools = demo / "tools.py"
    declared = 'description="Adds an amount to a value."'
    assert declared in tools.read_text("utf-8")
    tools.write_text(tools.read_text("utf-8").replace(declared, f"{declared}, timeout_seconds=2.5"), "utf-8")
    done = run("lock", "--check")
    assert (done.exit_code, "tool 'add' declares" in done.stderr) == (1, True)


def test_flows_with_errors_are_not_locked(demo: Path) -> None:
    flow = demo / "flows" / "double_and_format.flow.yaml"
    flow.write_text(flow.read_text("utf-8").replace("tool_name: add", "tool_name: ad"), "utf-8")
    before = (demo / "cwc.lock").read_bytes()
    assert run("lock").exit_code == 1
    assert (demo / "cwc.lock").read_bytes() == before
    done = run("build", "--locked")
    assert (done.exit_code, "CWC712" in done.stderr) == (1, True)


def test_references_that_are_not_locked_or_not_allowed(demo: Path) -> None:
    flow = demo / "flows" / "double_and_format.flow.yaml"
    text = flow.read_text("utf-8")
    flow.write_text(text.replace("tools:NumberInput", "tools:Other"), "utf-8")
    assert "it is not in 'cwc.lock'" in run("build", "--locked").stderr
    flow.write_text(text, "utf-8")
    (demo / "pyproject.toml").write_text('[tool.cwc]\ntools = ["tools"]\nschema_ref_modules = ["other"]\n', "utf-8")
    assert "may not be imported" in run("build", "--locked").stderr


LITERALS = """\
from typing import Annotated, Literal
from pydantic import BaseModel, Field, field_validator
from cwc import tool


class Inner(BaseModel):
    x: int


class Input(BaseModel):
    a: int = Field(default=1, ge=1)
    b: Annotated[str, Field(pattern="^x+$")] | None = None
    c: list[Annotated[float, Field(le=2)]] = []
    d: Literal["p", "q", 3] | None = None
    e: Inner | None = None
    f: int = 1
    g: dict[str, int] = {}

    @field_validator("f")
    @classmethod
    def check(cls, value: int) -> int:
        return value


class Output(BaseModel):
    value: int


@tool
def use(inputs: Input) -> Output:
    return Output(value=inputs.a)
"""


def test_values_in_flow_files_are_validated_as_without_a_lock(tmp_path: Path) -> None:
    (tmp_path / "tools.py").write_text(LITERALS, "utf-8")
    (tmp_path / "pyproject.toml").write_text('[tool.cwc]\ntools = ["tools"]\n', "utf-8")
    literals = [
        {"a": 0}, {"a": 1}, {"a": None}, {"a": [1]}, {"c": [1, 3]}, {"c": [1, 2]}, {"c": 1}, {"d": 3}, {"d": 4},
        {"e": {"x": 1}}, {"e": {"x": []}}, {"e": 5}, {"f": []}, {"f": 2}, {"g": {"k": 1}}, {"g": {"k": []}}, {"b": 4},
    ]  # fmt: skip
    (tmp_path / "flows").mkdir()
    flow = {"type": "Flow", "name": "f", "description": "", "steps": [{"tool_name": "use"}]}

    def check(*options: str) -> tuple[int, object]:
        done = run("check", "--format", "json", *options)
        found = json.loads(done.stdout)["diagnostics"]
        return done.exit_code, [(each["code"], each["pointer"], each["severity"]) for each in found]

    with inside(tmp_path):
        path = tmp_path / "flows" / "f.flow.json"
        path.write_text(json.dumps(flow | {"steps": [{"tool_name": "use", "input_mapping": {"a": 1}}]}), "utf-8")
        assert run("lock").exit_code == 0
        results = []
        for mapping in literals:
            path.write_text(json.dumps(flow | {"steps": [{"tool_name": "use", "input_mapping": mapping}]}), "utf-8")
            results.append(check())
            assert check("--locked") == results[-1], mapping
    assert {code for code, _ in results} == {0, 1}


def changed(demo: Path, *way: str | int, to: object) -> Result:
    data: Any = json.loads((demo / "cwc.lock").read_text("ascii"))
    place = data
    for token in way[:-1]:
        place = place[token]
    place[way[-1]] = to
    (demo / "cwc.lock").write_text(json.dumps(data), "ascii")
    return run("build", "--locked")


TOOL = ("tools", "double")


@pytest.mark.parametrize(
    ("way", "to"),
    [
        (("format",), 2),
        (("format",), "1"),
        (("tools",), []),
        (("more",), 1),
        (TOOL, {"$": "ToolSpec"}),
        (TOOL, {"$": "Popen", "args": "x"}),
        (TOOL, 3),
        ((*TOOL, "module"), "os"),
        ((*TOOL, "module"), "tools; import os"),
        ((*TOOL, "attribute"), "x\nimport os"),
        ((*TOOL, "attribute"), "class"),
        ((*TOOL, "name"), "other"),
        ((*TOOL, "schema_hash"), "'; import os #"),
        ((*TOOL, "input_schema"), {}),
        ((*TOOL, "is_async"), "yes"),
        ((*TOOL, "timeout_seconds"), "1"),
        ((*TOOL, "unheard_of"), 1),
        ((*TOOL, "input", "takes"), {"$": "Ref", "name": "a", "table": 0}),
        ((*TOOL, "input", "takes", "cls"), {"$": "class", "name": "os:system"}),
        ((*TOOL, "input", "takes", "cls"), {"$": "class", "name": "builtins:eval"}),
        ((*TOOL, "input", "extra"), "sometimes"),
        ((*TOOL, "input", "fields"), {"$": "bytes", "text": "zz"}),
        (("models", "tools:NumberInput"), {"$": "opaque", "class": "x:y"}),
        (("errors",), [1]),
    ],
)
def test_a_lock_that_was_tampered_with_is_refused(demo: Path, way: tuple[str | int, ...], to: object) -> None:
    done = changed(demo, *way, to=to)
    assert done.exit_code == 2, done.output
    assert "CWC711" in done.stderr
    assert not (demo / "generated").exists()


@pytest.mark.parametrize("text", ["", "{", "[]", "[" * 100_000, "\xff", "null", '{"format": 1}'])
def test_a_damaged_lock_is_refused(demo: Path, text: str) -> None:
    (demo / "cwc.lock").write_text(text, "latin-1")
    done = run("build", "--locked")
    assert (done.exit_code, "CWC711" in done.stderr) == (2, True)


@pytest.fixture(scope="module")
def locked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("locked")
    case = ROOT / "tests" / "cases" / "linear" / "handling"
    shutil.copytree(case / "flows", folder / "flows")
    shutil.copy(case / "tools.py", folder)
    (folder / "pyproject.toml").write_text('[tool.cwc]\ntools = ["tools"]\n', "utf-8")
    with inside(folder):
        assert run("lock").exit_code == 0
    forbid_imports(folder)
    return folder


VALUES: st.SearchStrategy[Any] = st.sampled_from(
    [None, True, -1, 1.5, "", "x\n#", "$", [], {}, [[]], {"$": "Unknown"}, {"$": "class", "name": "builtins:int"},
     {"$": "Union", "members": []}, {"$": "map", "items": {}}, {"$": "float", "text": "nan"}]
)  # fmt: skip


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(data=st.data())
def test_any_change_of_a_lock_is_a_diagnostic_or_harmless(locked: Path, data: st.DataObject) -> None:
    file = locked / "cwc.lock"
    text = file.read_bytes()
    root: Any = json.loads(text)
    place, key = root, data.draw(st.sampled_from(sorted(root)))
    while isinstance(place[key], dict | list) and place[key] and data.draw(st.integers(0, 9)):
        place = place[key]
        key = data.draw(st.sampled_from(sorted(place) if isinstance(place, dict) else range(len(place))))
    place[key] = data.draw(VALUES)
    file.write_text(json.dumps(root), "ascii")
    report = Report()
    try:
        with inside(locked):
            outcome = build_project(Request(locked=True), report, dry=True)
        render_json(report, SeveritySettings(), files=outcome.files, flows=outcome.flows)
    finally:
        file.write_bytes(text)
