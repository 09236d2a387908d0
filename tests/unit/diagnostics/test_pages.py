"""The explain pages of project and tool problems: their form, and that their examples do what they say."""

from __future__ import annotations

import importlib
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from cwc.diagnostics.model import Definition, Report
from cwc.diagnostics.pages import all_definitions, page
from cwc.driver.config import ProjectConfig, load_config
from cwc.driver.files import find_flows
from cwc.driver.tools.imports import forget_project_modules
from cwc.driver.tools.toolbox import load_tools
from cwc.driver.writing.manifest import plan_changes, read_manifest
from cwc.driver.writing.output import apply

MODULES = [
    importlib.import_module(f"cwc.driver.{name}")
    for name in ("config", "files", "tools.toolbox", "writing.output", "writing.manifest")
]
OWN = [
    value
    for module in MODULES
    for value in vars(module).values()
    if isinstance(value, Definition) and re.fullmatch("CWC(20|80|82|83).", value.code)
]
BY_STAND_IN = {"CWC822", "CWC823"}
FORM = re.compile(
    r"# (?P<code>CWC\d{3}) (?P<slug>[a-z0-9_]+)\n\n(?!\n).+?\n\n(?!#).+?\n"
    r"\n## Wrong\n\n```yaml\n(?P<wrong>.+?)```\n\n## Right\n\n```yaml\n(?P<right>.+?)```\n",
    re.DOTALL,
)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    yield tmp_path
    forget_project_modules()


def test_the_definitions_stand_by_code() -> None:
    codes = [definition.code for definition in all_definitions()]
    assert codes == sorted(codes)
    assert {definition.code for definition in OWN} <= set(codes)


def test_a_definition_without_a_page_has_none() -> None:
    assert page(Definition("CWC000", "no_such_thing", "error", "")) is None


@pytest.mark.parametrize("definition", OWN, ids=lambda definition: definition.code)
def test_a_page_has_its_form(definition: Definition) -> None:
    text = page(definition)
    assert text is not None
    match = FORM.fullmatch(text)
    assert match is not None
    assert (match["code"], match["slug"]) == (definition.code, definition.slug)


@pytest.mark.parametrize("definition", OWN, ids=lambda definition: definition.code)
def test_its_examples_do_what_it_says(definition: Definition, folder: Path) -> None:
    match = FORM.fullmatch(page(definition) or "")
    assert match is not None
    wrong, right = (reported(folder / part, yaml.safe_load(match[part])) for part in ("wrong", "right"))
    assert definition.code not in right
    assert definition.code in wrong or definition.code in BY_STAND_IN


def reported(root: Path, files: dict[str, str]) -> set[str]:
    """The codes of everything that a project of these files is told."""
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    report = Report()
    config = load_config(root, report)
    if config is not None:
        load_tools(config.tools, config, report)
        find_flows(config.flows, report)
        build(config, report)
    return {diagnostic.code for diagnostic in report}


def build(config: ProjectConfig, report: Report) -> None:
    manifest = read_manifest(config.out, report)
    if manifest is not None:
        wanted = {"double_it.py": b"# another flow\n"}
        is_in_the_way = (config.out / "double_it.py").is_dir()
        apply(plan_changes(config.out, wanted, manifest, force=is_in_the_way, report=report), report)
