"""The output folder itself: names that it cannot have, modules in it that no manifest knows, and names of its files."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from cwc.cli.group import cwc
from tests.projects import inside, run_cwc

FLOW = "type: Flow\nname: {name}\ndescription: A flow.\nsteps: []\n"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "flows").mkdir()
    (tmp_path / "flows/a.flow.yaml").write_text(FLOW.format(name="a"))
    (tmp_path / "tools.py").write_text("")
    return tmp_path


def called(project: Path, *arguments: str) -> Result:
    with inside(project):
        return CliRunner().invoke(cwc, list(arguments), env={"NO_COLOR": "1"})


def configure(project: Path, out: str) -> None:
    (project / "pyproject.toml").write_text(f"[tool.cwc]\nout = {json.dumps(out)}\n")


@pytest.mark.parametrize(
    ("out", "told"),
    [
        ("json", "it would hide Python's own module 'json'"),
        ("./code/", "it would hide Python's own module 'code'"),
        ("tools", "it would hide the module 'tools.py' beside it"),
        ("flows/../tools", "it would hide the module 'tools.py' beside it"),
    ],
)
def test_an_output_that_would_hide_a_module(project: Path, out: str, told: str) -> None:
    done = called(project, "build", "--out", out)
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr.startswith(f"error[CWC803]: --out must not be {Path(out).name!r}: {told}\n")
    configure(project, out)
    done = called(project, "build")
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr.startswith(f"error[CWC803]: tool.cwc.out must not be {Path(out).name!r}: {told}\n")
    assert " --> pyproject.toml:2:1\n" in done.stderr
    assert not (project / out).exists()


@pytest.mark.parametrize(
    ("out", "told"), [("class", "a keyword of Python"), ("my-out", "no name in Python"), ("9x", "no name in Python")]
)
def test_an_output_that_no_import_statement_can_name(project: Path, out: str, told: str) -> None:
    configure(project, f"build/{out}")
    done = called(project, "build")
    assert done.exit_code == 0
    assert f"warning[CWC807]: tool.cwc.out: {out!r} is {told}, so that no import statement" in done.stderr
    assert (project / "build" / out / "a.py").exists()
    assert "CWC807" not in called(project, "build", "--out", f"other/{out}", "--check").stdout


@pytest.mark.parametrize("out", [".", "..", "generated", "src/json", "match", "é"])
def test_other_outputs(project: Path, out: str) -> None:
    (project / "inner").mkdir()
    shutil.move(project / "flows", project / "inner")
    configure(project / "inner", out)
    done = called(project / "inner", "build")
    assert (done.exit_code, done.stderr) == (0, "")


def test_a_module_that_no_manifest_lists(project: Path) -> None:
    assert called(project, "build").exit_code == 0
    left, own = project / "generated/left.py", project / "generated/own.py"
    shutil.copy(project / "generated/a.py", left)
    own.write_text("VALUE = 1\n")
    told = "'generated/left.py' is left of an earlier build: no flow compiles to it, and the manifest does not list it"
    for check in ("--check", "--diff"):
        done = called(project, "build", check)
        assert done.exit_code == 1
        assert done.stderr.startswith(f"error[CWC834]: {told}\n")
        assert "'generated/own.py'" not in done.stderr
    done = called(project, "build")
    assert done.exit_code == 0
    assert done.stderr.startswith(f"warning[CWC836]: {told}\n")
    assert left.exists()
    done = called(project, "build", "--force")
    assert (done.exit_code, done.stdout, done.stderr) == (0, "removed generated/left.py\n", "")
    assert not left.exists()
    assert own.exists()
    assert called(project, "build", "--check").exit_code == 0


def test_a_build_that_is_remembered_sees_it_too(project: Path) -> None:
    for _ in range(2):
        assert run_cwc("build", cwd=project).returncode == 0
    shutil.copy(project / "generated/a.py", project / "generated/left.py")
    assert "CWC836" in run_cwc("build", cwd=project).stderr
    assert run_cwc("build", "--check", cwd=project).returncode == 1


@pytest.mark.parametrize("length", [252, 253, 5000])
def test_a_flow_whose_module_no_file_can_be(project: Path, length: int) -> None:
    (project / "flows/long.flow.yaml").write_text(FLOW.format(name="x" * length))
    done = called(project, "build")
    written = ["wrote generated/__init__.py", "wrote generated/a.py"]
    if length <= 252:
        assert (done.exit_code, done.stdout.splitlines()[:2]) == (0, written)
        assert (project / f"generated/{'x' * length}.py").exists()
        return
    assert (done.exit_code, done.stdout.splitlines()) == (1, written)
    told = f"would have a file name of {length + 3:,} characters"
    assert done.stderr.startswith(f"error[CWC212]: the module of flow 'xxxxxxxxxxxx...xxxxxxxxxxxxx' {told}\n")
    assert " --> flows/long.flow.yaml:2:7\n" in done.stderr
    run = called(project, "run", "flows/long.flow.yaml")
    assert run.exit_code == 1


def test_a_version_that_makes_it_too_long(project: Path) -> None:
    for version in ("1." + "0." * 150 + "1", "2"):
        text = FLOW.format(name="b") + f"version: '{version}'\n"
        (project / f"flows/b{version[0]}.flow.yaml").write_text(text)
    done = called(project, "build")
    assert done.exit_code == 1
    assert "give the flow a shorter version" in done.stderr
    assert (project / "generated/b.py").exists()
