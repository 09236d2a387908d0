"""`cwc check --fix`: mistakes with one sure remedy are mended in place, and nothing else of a file changes."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cwc.cli.group import cwc
from cwc.diagnostics.model import Report
from cwc.driver.fixing import fix_project
from cwc.driver.project import Request
from tests.projects import ROOT, inside

FLOW = """\
type: Flow
name: 123            # a number
version: 1.0
descripton: Doubles a number.   # misspelt

description: 'Doubles a number.'
input_schema_ref: tools:NumberInput
on_context_collision: "eror"
steps:
  - tool_name: "doubel"   # quoted
    input_mapping: {nubmer: number}
    output_mapping: {doubled: valeu}
  - tool_name: add_ten
    input_mapping:
      value: /doubeld
    output_mapping: {sum: value}
    retry: {max_retries: 010, jitter: yes}
    on_error: fallback:ad_ten
"""
MENDED = """\
type: Flow
name: "123"            # a number
version: "1.0"
descripton: Doubles a number.   # misspelt

description: 'Doubles a number.'
input_schema_ref: tools:NumberInput
on_context_collision: "error"
steps:
  - tool_name: "double"   # quoted
    input_mapping: {number: number}
    output_mapping: {doubled: value}
  - tool_name: add_ten
    input_mapping:
      value: /doubled
    output_mapping: {sum: value}
    retry: {max_retries: 8, jitter: true}
    on_error: fallback:add_ten
"""


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Path]:
    (tmp_path / "flows").mkdir()
    (tmp_path / "tools.py").write_text((ROOT / "tests" / "example_tools.py").read_text("utf-8"), "utf-8")
    (tmp_path / "pyproject.toml").write_text('[tool.cwc]\ntools = ["tools"]\n')
    with inside(tmp_path):
        yield tmp_path


def fix(*arguments: str) -> Result:
    return CliRunner().invoke(cwc, ["check", "--fix", *arguments], prog_name="cwc")


def mended(project: Path, text: str, ending: str = "yaml") -> str:
    path = project / "flows" / f"example.flow.{ending}"
    path.write_bytes(text.encode())
    fix()
    once = path.read_bytes()
    fix()
    assert path.read_bytes() == once, "what was mended once stays as it is"
    return once.decode()


def test_everything_sure_is_mended_and_nothing_else(project: Path) -> None:
    assert mended(project, FLOW) == MENDED


def test_line_ends_stay(project: Path) -> None:
    assert mended(project, FLOW.replace("\n", "\r\n")) == MENDED.replace("\n", "\r\n")


def test_what_is_left_is_reported(project: Path) -> None:
    (project / "flows" / "a.flow.yaml").write_text(FLOW)
    done = fix()
    assert done.exit_code == 0
    assert done.stdout == "mended flows/a.flow.yaml: 10 mistakes\n"
    assert "the unknown field 'descripton' is ignored" in done.stderr
    again = fix()
    assert (again.exit_code, again.stdout, again.stderr) == (0, "", done.stderr)


def test_json_is_mended_as_json(project: Path) -> None:
    flow = {
        "type": "Flow",
        "name": 5,
        "desription": "x",
        "steps": [{"tool_name": "doubel", "input_mapping": {"number": "number"}}],
    }
    text = json.dumps(flow, indent=1).replace("doubel", r"do\u0075bel")
    after = json.loads(mended(project, text, "json"))
    assert (after["name"], after["steps"][0]["tool_name"]) == ("5", "double")
    assert list(after) == ["type", "name", "description", "steps"]


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("doubel", "double"),
        ("'doubel'", "'double'"),
        ('"doubel"', '"double"'),
        ('"do\\u0075bel"', '"double"'),
        ("DOUBLE", "double"),
        ("!!str doubel", None),
        ("&name doubel", None),
        (">-\n      doubel", None),
        ("xyz", None),
    ],
)
def test_names_keep_their_quotes(project: Path, wrong: str, right: str | None) -> None:
    text = f"type: Flow\nname: a\ndescription: b\nsteps:\n  - tool_name: {wrong}\n    input_mapping: {{number: 1}}\n"
    assert mended(project, text) == (text if right is None else text.replace(wrong, right))


@pytest.mark.parametrize(("name", "known"), [("fetch_2", "fetch_1"), ("step_b", "step_a"), ("v10", "v1")])
def test_names_that_are_counted_are_no_slips(project: Path, name: str, known: str) -> None:
    text = f"""\
type: DAGFlow
name: a
version: '1'
description: b
steps:
  - {{step_id: {known}, tool_name: double, input_mapping: {{number: 1}}, output_mapping: {{}}}}
  - {{step_id: last, tool_name: double, input_mapping: {{number: 1}}, output_mapping: {{}}, depends_on: [{name}]}}
"""
    assert mended(project, text) == text


def test_a_key_that_is_taken_is_not_given_twice(project: Path) -> None:
    text = FLOW.replace("{nubmer: number}", "{nubmer: number, number: number}")
    assert "{nubmer: number, number: number}" in mended(project, text)


def test_a_fix_that_another_step_would_undo_ends(project: Path) -> None:
    """Two steps share one mapping, and what is right for the one is wrong for the other."""
    text = """\
type: Flow
name: a
description: b
input_schema_ref: tools:NumberInput
steps:
  - tool_name: double
    input_mapping: &shared {number: nubmer}
    output_mapping: {numbe: value}
  - tool_name: double
    input_mapping: *shared
    output_mapping: {numbers: value}
"""
    mended(project, text)


def test_files_without_fixes_are_not_touched(project: Path) -> None:
    path = project / "flows" / "a.flow.yaml"
    path.write_text(MENDED)
    before = path.stat()
    fix()
    assert (path.stat().st_ino, path.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_only_flow_files_that_were_named_are_mended(project: Path) -> None:
    for name in ("a", "b"):
        (project / "flows" / f"{name}.flow.yaml").write_text(FLOW)
    fix("flows/a.flow.yaml")
    assert (project / "flows" / "a.flow.yaml").read_text() == MENDED
    assert (project / "flows" / "b.flow.yaml").read_text() == FLOW


def test_modes_and_links_stay(project: Path) -> None:
    real, link = project / "real.flow.yaml", project / "flows" / "a.flow.yaml"
    real.write_text(FLOW)
    real.chmod(0o640)
    link.symlink_to(real)
    fix()
    assert link.is_symlink()
    assert real.read_text() == MENDED
    assert real.stat().st_mode & 0o777 == 0o640


def test_all_files_are_written_or_none(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    paths = [project / "flows" / f"{name}.flow.yaml" for name in ("a", "b")]
    for path in paths:
        path.write_text(FLOW)
    replace = os.replace

    def fails_for_b(source: Path, target: Path) -> None:
        if Path(target).name == "b.flow.yaml":
            raise PermissionError(13, "Permission denied")
        replace(source, target)

    monkeypatch.setattr("os.replace", fails_for_b)
    done = fix()
    assert done.exit_code == 2
    assert "error[CWC830]" in done.stderr
    assert [path.read_text() for path in paths] == [FLOW, FLOW]
    assert done.stdout == ""


def test_a_file_that_was_changed_meanwhile_is_left_alone(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = project / "flows" / "a.flow.yaml"
    path.write_text(FLOW)
    from cwc.driver import fixing

    apply = fixing._mended

    def meanwhile(*arguments: object) -> object:
        path.write_text("# somebody else was here\n" + FLOW)
        return apply(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(fixing, "_mended", meanwhile)
    done = fix()
    assert done.exit_code == 2
    assert "it was changed meanwhile" in done.stderr
    assert path.read_text() == "# somebody else was here\n" + FLOW


def test_other_formats_print_their_object_only(project: Path) -> None:
    (project / "flows" / "a.flow.yaml").write_text(FLOW)
    assert json.loads(fix("--format", "json").stdout)["summary"]["errors"] == 0


def test_tools_are_imported_once(project: Path) -> None:
    with (project / "tools.py").open("a") as file:
        file.write("\nopen('imported', 'a').write('x')\n")
    (project / "flows" / "a.flow.yaml").write_text(FLOW)
    fix()
    assert (project / "imported").read_text() == "x"


WORDS = st.sampled_from(
    ["tool_name", "tool_nam", "input_mapping", "inputmapping", "double", "doubel", "number", "nubmer"]
)
SCALARS = WORDS | st.sampled_from(["yes", "010", "1:30", "'no'", '"doubel"', "5", "*x", "&x double", "2024-01-01", "~"])
LINES = st.lists(st.tuples(st.integers(0, 3), WORDS, SCALARS), max_size=12)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(LINES, st.sampled_from(["\n", "\r\n"]))
def test_any_file_is_mended_once_and_in_its_own_lines(
    project: Path, lines: list[tuple[int, str, str]], end: str
) -> None:
    head = f"type: Flow{end}nam: a{end}description: b{end}steps:{end}  - tool_name: doubel{end}"
    text = head + "".join(f"{'  ' * indent}{key}: {value}{end}" for indent, key, value in lines)
    path = project / "flows" / "any.flow.yaml"
    path.write_bytes(text.encode())
    fix_project(Request(tools=("tools",)), Report())
    once = path.read_bytes()
    before, after = (
        Counter(line.partition(":")[0].strip() for line in data.split(end)) for data in (text, once.decode())
    )
    assert after.total() <= before.total(), "only keys that stand there twice go, with their lines"
    fix_project(Request(tools=("tools",)), Report())
    assert path.read_bytes() == once
