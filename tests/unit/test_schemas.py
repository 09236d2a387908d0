"""The published schemas are those of the models, take what cwc reads and writes, and refuse what is wrong."""

from __future__ import annotations

import json
import shutil
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner
from jsonschema import Draft202012Validator

from cwc.cli.group import cwc
from cwc.cli.schema import NAMES
from cwc.diagnostics.model import Report
from cwc.driver.compile import read_documents
from cwc.driver.schemas import generated_schemas
from cwc.driver.tools import lock
from cwc.driver.writing import manifest
from cwc.language import read
from cwc.runtime import generated
from cwc.runtime.registry import state as registry_state
from cwc.source import Source, digest_of
from tests.projects import ROOT, inside

FLOWS = sorted(path for path in (ROOT / "tests" / "cases").rglob("*.flow.*"))


def text_of(schema: Any) -> str:
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


@pytest.mark.parametrize("name", sorted(generated_schemas()))
def test_a_published_schema_is_up_to_date(name: str, request: pytest.FixtureRequest) -> None:
    path = ROOT / "schemas" / f"{name}.schema.json"
    schema = generated_schemas()[name]
    Draft202012Validator.check_schema(schema)
    if request.config.getoption("--accept"):
        path.write_text(text_of(schema), "utf-8")
    assert path.read_text("utf-8") == text_of(schema)


def test_all_that_are_published_can_be_printed() -> None:
    published = {path.name.removesuffix(".schema.json") for path in (ROOT / "schemas").iterdir()}
    assert published == set(NAMES) == {*generated_schemas(), "report"}
    for name in NAMES:
        done = CliRunner().invoke(cwc, ["schema", name])
        assert done.output == (ROOT / "schemas" / f"{name}.schema.json").read_text("utf-8")
    assert CliRunner().invoke(cwc, ["schema", "other"]).exit_code == 2


def validator(name: str) -> Draft202012Validator:
    return Draft202012Validator(json.loads((ROOT / "schemas" / f"{name}.schema.json").read_text("utf-8")))


def reading_slugs(path: Path) -> set[str]:
    """What reading a flow file alone finds wrong with it."""
    report = Report()
    data = path.read_bytes()
    read_documents([Source(path.name, data.decode(), digest_of(data))], report)
    return {found.slug for found in report if (found.severity or found.definition.severity) != "note"}


@pytest.mark.parametrize("path", FLOWS, ids=lambda path: f"{path.parent.parent.name}/{path.name}")
def test_a_flow_that_can_be_read_is_accepted(path: Path) -> None:
    data = (json.loads if path.suffix == ".json" else yaml.safe_load)(path.read_text("utf-8"))
    errors = [error.message for error in validator("flow").iter_errors(data)]
    if not reading_slugs(path):
        assert errors == []


def test_flows_are_accepted() -> None:
    assert sum(not reading_slugs(path) for path in FLOWS) > 15


STEP: dict[str, Any] = {"tool_name": "double", "input_mapping": {"number": "number"}}
FLOW: dict[str, Any] = {"type": "Flow", "name": "f", "description": "", "steps": [STEP]}
DAG_STEP = STEP | {"step_id": "a"}
DAG: dict[str, Any] = FLOW | {"type": "DAGFlow", "version": "1", "steps": [DAG_STEP]}
RIGHT = [
    FLOW, DAG, FLOW | {"steps": []}, FLOW | {"format_version": "1.2"}, FLOW | {"format_version": None},
    FLOW | {"safety": {"requires_review": True}}, FLOW | {"steps": [{"flow_name": "g", "tool_name": None}]},
    FLOW | {"steps": [STEP | {"on_error": "fallback:x"}]}, FLOW | {"input_schema_ref": "a.b:C.D"},
    DAG | {"steps": [DAG_STEP | {"branches": [{"target_step_id": "b", "predicate": "x"}], "default_next": "b"}]},
]  # fmt: skip
WRONG = [
    [], {}, FLOW | {"type": "flow"}, FLOW | {"type": None}, {**FLOW, "name": 1}, FLOW | {"steps": None},
    {"type": "Flow", "name": "f", "description": ""}, FLOW | {"steps": [{}]}, FLOW | {"steps": [3]},
    FLOW | {"steps": [STEP | {"flow_name": "g"}]}, FLOW | {"steps": [STEP | {"tool_name": ""}]},
    FLOW | {"steps": [STEP | {"input_mapping": None}]}, FLOW | {"steps": [STEP | {"on_error": "fallback:"}]},
    FLOW | {"steps": [STEP | {"on_error": "ignore"}]}, FLOW | {"on_context_colision": "error"},
    FLOW | {"on_context_collision": "never"}, FLOW | {"status": "gone"}, FLOW | {"input_schema_ref": "no reference"},
    FLOW | {"format_version": "2"}, FLOW | {"steps": [STEP | {"retry": {"max_retries": -1}}]},
    FLOW | {"steps": [STEP | {"retry": {"retryable_errors": []}}]}, FLOW | {"steps": [DAG_STEP]},
    FLOW | {"steps": [STEP | {"decision_candidates": []}]}, FLOW | {"governance": {"lifecycle": "dead"}},
    DAG | {"steps": [STEP]}, {key: value for key, value in DAG.items() if key != "version"},
    DAG | {"steps": [DAG_STEP | {"depends_on": "a"}]}, DAG | {"steps": [DAG_STEP | {"branches": [{}]}]},
]  # fmt: skip


@pytest.mark.parametrize("flow", RIGHT, ids=json.dumps)
def test_right_flows(flow: Any) -> None:
    validator("flow").validate(flow)


@pytest.mark.parametrize("flow", WRONG, ids=json.dumps)
def test_wrong_flows(flow: Any) -> None:
    assert not validator("flow").is_valid(flow)


def test_what_cwc_writes_keeps_its_schema(tmp_path: Path) -> None:
    for case in ("linear/handling", "dag/composed"):
        folder = tmp_path / case.replace("/", "-")
        shutil.copytree(
            ROOT / "tests" / "cases" / case, folder, ignore=shutil.ignore_patterns("generated", "__pycache__")
        )
        (folder / "pyproject.toml").write_text('[tool.cwc]\ntools = ["tools"]\nflows = "flows"\n', "utf-8")
        with inside(folder):
            CliRunner().invoke(cwc, ["build"])
            assert CliRunner().invoke(cwc, ["lock"]).exit_code == 0
            listed = json.loads(CliRunner().invoke(cwc, ["flows", "list", "--format", "json"]).output)["flows"]
            assert listed
            CliRunner().invoke(cwc, ["flows", "accept-drift", listed[0]["name"]])
        for name, file in (("manifest", "generated/cwc-manifest.json"), ("state", "generated/cwc-state.json"),
                           ("lock", "cwc.lock")):  # fmt: skip
            data = json.loads((folder / file).read_bytes())
            validator(name).validate(data)
            assert not validator(name).is_valid(data | {"format": 2})
            assert not validator(name).is_valid(data | {"more": 1})
        project = tomllib.loads((folder / "pyproject.toml").read_text("utf-8"))["tool"]["cwc"]
        validator("project").validate(project)
        assert not validator("project").is_valid(project | {"flow_folder": "x"})


def test_a_scaffolded_flow_names_its_schema_for_editors(tmp_path: Path) -> None:
    with inside(tmp_path):
        assert CliRunner().invoke(cwc, ["init"]).exit_code == 0
    (flow,) = (tmp_path / "flows").glob("*.flow.yaml")
    text = flow.read_text("utf-8")
    modeline = text.splitlines()[0]
    assert modeline == "# yaml-language-server: $schema=flow.schema.json"
    schema = json.loads((flow.parent / modeline.partition("$schema=")[2]).read_text("utf-8"))
    Draft202012Validator(schema).validate(yaml.safe_load(text))
    assert not Draft202012Validator(schema).is_valid(yaml.safe_load(text.replace("tool_name", "tool")))


def test_the_page_on_versions_tells_the_numbers_that_there_are() -> None:
    page = (ROOT / "docs" / "versioning.md").read_text("utf-8")
    numbers = {
        "generated modules": generated.FORMAT,
        "`cwc-manifest.json`": manifest.FORMAT,
        "`cwc-state.json`": registry_state.FORMAT,
        "`cwc.lock`": lock.FORMAT,
        "flow files": read.FORMAT,
    }
    for what, number in numbers.items():
        (row,) = [line for line in page.splitlines() if line.startswith(f"| {what} |")]
        assert row.split("|")[3].strip() == str(number)
