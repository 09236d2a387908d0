"""What is loaded when: generated modules and ``cwc --help`` stay light."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.projects import ROOT, run_cwc

HEAVY = {"libcst", "jinja2", "networkx", "click", "yaml", "pydantic"}


def loaded_after(code: str, cwd: Path) -> set[str]:
    """The heavy libraries that a program has loaded."""
    program = f"import sys\n{code}\nprint(*({HEAVY!r} & set(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=cwd,
        env={"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    return set(done.stdout.split())


def calling(*arguments: str) -> str:
    """The program that calls the command line, and prints nothing of what it says."""
    call = f"sys.argv = ['cwc', *{arguments!r}]\ntry:\n    cwc.cli.main()\nexcept SystemExit:\n    pass"
    return f"import cwc.cli, io\nout, sys.stdout = sys.stdout, io.StringIO()\n{call}\nsys.stdout = out"


def test_importing_cwc_loads_nothing_heavy() -> None:
    assert loaded_after("import cwc, cwc.cli", ROOT) == set()


def test_help_loads_click_only() -> None:
    assert loaded_after(calling("--help"), ROOT) == {"click"}


def test_a_flow_with_mistakes_is_checked_without_templates() -> None:
    loaded = loaded_after(calling("check", "--tools", "tools"), ROOT / "tests" / "cases" / "linear" / "mistakes")
    assert {"yaml", "pydantic"} <= loaded
    assert "jinja2" not in loaded


def test_a_check_makes_no_modules() -> None:
    loaded = loaded_after(calling("check", "--tools", "tools"), ROOT / "tests" / "cases" / "linear" / "wiring")
    assert loaded == {"click", "yaml", "pydantic"}


def test_a_check_leaves_out_what_only_builds_need() -> None:
    parts = {f"cwc.driver.{name}" for name in ("lock", "manifest", "output", "states", "updating", "verifying")}
    code = (
        calling("check", "--tools", "tools")
        + f"\nassert not {parts!r} & set(sys.modules), {parts!r} & set(sys.modules)"
    )
    loaded_after(code, ROOT / "tests" / "cases" / "linear" / "wiring")


@pytest.mark.parametrize("case", ["wiring", "handling"])
def test_importing_a_generated_module_loads_the_runtime_only(case: str) -> None:
    folder = ROOT / "tests" / "cases" / "linear" / case
    names = sorted(path.stem for path in (folder / "generated").glob("[!_]*.py"))
    assert names
    assert loaded_after(f"from generated import {', '.join(names)}", folder) == {"pydantic"}


def test_help_lists_every_verb(tmp_path: Path) -> None:
    done = run_cwc("--help", cwd=tmp_path)
    assert done.returncode == 0
    for verb in ("init", "build", "check", "run", "graph", "explain"):
        assert verb in done.stdout
        assert run_cwc(verb, "--help", cwd=tmp_path).returncode == 0
