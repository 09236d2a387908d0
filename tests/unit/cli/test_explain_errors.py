"""`cwc explain` of the errors at run time: each by its code and its class, with what the document says of it."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from cwc.cli.group import cwc
from cwc.driver.run_errors import run_errors
from cwc.runtime import errors

ROOT = Path(__file__).parents[3]


def explain(code: str) -> Result:
    return CliRunner().invoke(cwc, ["explain", code], prog_name="cwc")


def test_every_class_is_explained_as_its_code_is() -> None:
    classes = {
        value.code: name for name, value in vars(errors).items() if isinstance(value, type) and hasattr(value, "code")
    }
    assert {error.code: error.name for error in run_errors()}.items() >= classes.items()
    for error in run_errors():
        shown = explain(error.code)
        assert shown.exit_code == 0
        assert shown.stdout == explain(error.name).stdout
        assert shown.stdout.startswith(f"# {error.code} {error.name}\n\n{error.when}\n")


@pytest.mark.parametrize("wanted", ["cwc-r007", "flowexecutionerror"])
def test_case_does_not_matter(wanted: str) -> None:
    assert explain(wanted).stdout.startswith("# CWC-R007 FlowExecutionError")


def test_a_class_that_is_nearly_one() -> None:
    assert "Did you mean FlowExecutionError" in explain("FlowExecutonError").stderr


def test_the_document_is_shipped() -> None:
    with (ROOT / "pyproject.toml").open("rb") as file:
        shipped = tomllib.load(file)["tool"]["hatch"]["build"]["targets"]["wheel"]["force-include"]
    assert shipped["docs/errors.md"] == "cwc/_docs/errors.md"
