"""The explain pages of what a command says of a whole project: the command is run on the files of the page."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner

from cwc.cli.group import cwc
from cwc.diagnostics.model import Definition
from cwc.diagnostics.pages import page
from cwc.driver.catalogue import all_definitions
from tests.projects import ROOT, inside
from tests.unit.diagnostics.test_pages import FORM

CHECK = ("check", "--format", "json")
CONTRACT = ("contract", ".", "--format", "json")
COMMANDS: dict[str, tuple[str, ...]] = {
    "CWC321": CHECK,
    "CWC710": ("build", "--locked", "--format", "json"),
    "CWC711": ("build", "--locked", "--format", "json"),
    "CWC712": ("build", "--locked", "--format", "json"),
    "CWC713": ("lock", "--check", "--format", "json"),
    "CWC804": CHECK,
    "CWC805": CONTRACT,
    "CWC806": CONTRACT,
    "CWC808": CHECK,
    "CWC811": CHECK,
    "CWC812": ("run", "example"),
    "CWC813": ("run", "generated/example.py"),
    "CWC814": ("flows", "list"),
    "CWC815": ("flows", "status", "example", "active"),
    "CWC835": ("flows", "list"),
    "CWC819": CONTRACT,
    "CWC840": ("import", "chains"),
    "CWC841": ("import", "chains"),
    "CWC842": ("import", "chains"),
    "CWC843": ("import", "chains"),
    "CWC836": ("build", "--format", "json"),
    "CWC834": ("build", "--check", "--format", "json"),
}
"""What each page is tried with; the right files are built before, where a module is asked for."""

OF_COMMANDS = [definition for definition in all_definitions() if definition.code in COMMANDS]


def said(folder: Path, files: dict[str, str], command: tuple[str, ...], *, build: bool, lock: bool = False) -> set[str]:
    folder.mkdir()
    if command != CONTRACT:
        shutil.copy(ROOT / "tests" / "example_tools.py", folder / "tools.py")
    for name, text in files.items():
        if build and name.startswith("generated/"):
            continue
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    with inside(folder):
        if build:
            assert CliRunner().invoke(cwc, ["build"]).exit_code == 0
        if lock:
            assert CliRunner().invoke(cwc, ["lock"]).exit_code == 0
        done = CliRunner().invoke(cwc, list(command))
    if "json" in command:
        return {entry["code"] for entry in json.loads(done.stdout)["diagnostics"]}
    return set(re.findall(r"\[(CWC\d{3})\]", done.stderr))


@pytest.mark.parametrize("definition", OF_COMMANDS, ids=lambda definition: definition.code)
def test_page(definition: Definition, tmp_path: Path) -> None:
    form = FORM.fullmatch(page(definition) or "")
    assert form is not None
    assert (form["code"], form["slug"]) == (definition.code, definition.slug)
    command = COMMANDS[definition.code]
    build = definition.code in ("CWC813", "CWC834")
    assert definition.code in said(tmp_path / "wrong", yaml.safe_load(form["wrong"]), command, build=False)
    lock = definition.code.startswith("CWC71")
    assert said(tmp_path / "right", yaml.safe_load(form["right"]), command, build=build, lock=lock) == set()
