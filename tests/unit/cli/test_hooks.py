"""The pre-commit hooks: their commands are verbs with these options, their patterns are what the verbs look for, and
docs/hooks.md speaks of hooks and commands that exist."""

from __future__ import annotations

import re
import shlex
from typing import Any

import click
import pytest
import yaml

from cwc.cli.group import VERBS, cwc
from cwc.driver.files import FLOW_SUFFIXES
from tests.projects import ROOT

HOOKS: list[dict[str, Any]] = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text("utf-8"))
DOCS = (ROOT / "docs" / "hooks.md").read_text("utf-8")


def parsed(line: str) -> dict[str, Any]:
    """The parameters that a command line gives its verb; fails as the verb would."""
    program, verb, *arguments = shlex.split(line)
    assert program == "cwc"
    command = cwc.get_command(click.Context(cwc), verb)
    assert command is not None, line
    return command.make_context(verb, arguments).params


def test_three_hooks() -> None:
    assert [hook["id"] for hook in HOOKS] == ["cwc-check", "cwc-build", "cwc-contract"]
    assert {hook["language"] for hook in HOOKS} == {"python"}


@pytest.mark.parametrize("hook", HOOKS, ids=lambda hook: hook["id"])
def test_entries_are_commands(hook: dict[str, Any]) -> None:
    names = hook.get("pass_filenames", True)
    parsed(hook["entry"] + (" some/file.py" if names else ""))
    assert names == hook.get("require_serial", False), "one process sees all files, or none is named"


def test_the_build_hook_writes_nothing() -> None:
    assert parsed(HOOKS[1]["entry"])["check"]


def test_patterns() -> None:
    pattern = re.compile(HOOKS[0]["files"])
    assert all(pattern.search(f"flows/deep/a{ending}") for ending in FLOW_SUFFIXES)
    assert not any(pattern.search(path) for path in ("flows/a.yaml", "a.flow.yaml.bak", "flow.py", "aflow.json"))
    assert HOOKS[1]["always_run"]
    assert HOOKS[2]["types"] == ["python"]


def test_the_docs_name_hooks_and_commands_that_exist() -> None:
    assert set(re.findall(r"id: (\S+)", DOCS)) <= {hook["id"] for hook in HOOKS}
    assert all(f"\n## {hook['id']}\n" in DOCS for hook in HOOKS)
    for line in re.findall(r"^(?:    |.*run: )(cwc .*?)(?: >.*)?$", DOCS, re.MULTILINE):
        parsed(line)
    for verb in re.findall(r"cwc (\w+)", " ".join(re.findall(r"`(cwc [^`]+)`", DOCS))):
        assert verb in VERBS


def test_the_docs_yaml_is_yaml() -> None:
    blocks = re.findall(r"```yaml\n(.*?)```", DOCS, re.DOTALL)
    assert len(blocks) > 4
    assert all(yaml.safe_load(block) for block in blocks)
