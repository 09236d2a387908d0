"""Environments that are poor, closed or gone: verbs say what they have to say, or one line, and never a traceback."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.projects import ROOT, run_cwc

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="needs a POSIX shell")

CWC = f"{sys.executable} -c 'from cwc.cli import main; main()'"
BUILD, CHECK, RUN = "build --force", "check nowhere", "run double_and_format --input '{\"number\": 1}'"
EXPLAIN, DOCTOR = "explain CWC401", "doctor"
VERBS = (BUILD, CHECK, RUN, EXPLAIN, DOCTOR)
CODES = {BUILD: 0, CHECK: 2, RUN: 0, EXPLAIN: 0, DOCTOR: 0}
BARE = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)}
FULL = {name: value for name, value in os.environ.items() if name not in ("HOME", "XDG_CACHE_HOME")}
ENVIRONMENTS: dict[str, tuple[str, Mapping[str, str]]] = {
    "nothing in it": ("{}", BARE),
    "no home": ("{}", {**FULL, **BARE}),
    "a home that is not there": ("{}", {**FULL, **BARE, "HOME": "/nonexistent"}),
    "a C locale": ("{}", {**BARE, "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}),
    "an ASCII terminal": ("{}", {**BARE, "PYTHONIOENCODING": "ascii"}),
    "a narrow terminal": ("{}", {**BARE, "COLUMNS": "5"}),
    "no place for temporary files": ("{}", {**BARE, "TMPDIR": "/nonexistent"}),
    "few open files": ("ulimit -n 24; {}", BARE),
    "warnings that are errors": ("{}", {**BARE, "PYTHONWARNINGS": "error"}),
    "a closed input": ("{} <&-", BARE),
    "a closed output": ("{} >&-", BARE),
    "closed errors": ("{} 2>&-", BARE),
    "all closed": ("{} <&- >&- 2>&-", BARE),
}


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A built project, whose folder and flows have names that are not all ASCII."""
    folder = tmp_path_factory.mktemp("projékt")
    assert run_cwc("init", cwd=folder).returncode == 0
    (folder / "flows/more.flow.yaml").write_text("type: Flow\nname: ünï\ndescription: Ü.\nsteps: []\n", "utf-8")
    assert run_cwc("build", cwd=folder).returncode == 0
    return folder


def shell(script: str, folder: Path, environment: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["sh", "-c", script],
        cwd=folder,
        env=dict(environment),
        capture_output=True,
        text=True,
        errors="replace",
        timeout=120,
        check=False,
    )


@pytest.mark.parametrize("name", ENVIRONMENTS)
def test_verbs(name: str, project: Path) -> None:
    form, environment = ENVIRONMENTS[name]
    for verb in VERBS[: 3 if "closed" in name else 4]:
        done = shell(form.format(f"{CWC} {verb}"), project, environment)
        said = done.stdout + done.stderr
        assert done.returncode == CODES[verb], (verb, said)
        assert "Traceback" not in said, (verb, said)
        assert "internal error" not in said, (verb, said)


@pytest.mark.parametrize("verb", [BUILD, RUN, EXPLAIN])
def test_a_reader_that_has_gone(verb: str, project: Path) -> None:
    """As under `head -0`: the verb ends quietly, and a build has built."""
    for file in (project / "generated").glob("*.py"):
        file.unlink()
    done = shell(f"{{ {CWC} {verb}; }} | true", project, BARE)
    assert done.stderr == ""
    if verb == BUILD:
        assert len(list((project / "generated").glob("*.py"))) == 3


@pytest.mark.parametrize("verb", VERBS)
def test_a_folder_that_is_gone(verb: str, project: Path) -> None:
    done = shell(f"mkdir gone && cd gone && rmdir ../gone && exec {CWC} {verb}", project, BARE)
    if verb == EXPLAIN:
        assert (done.returncode, done.stderr) == (0, "")
        return
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "cwc: the working directory is gone, or cannot be reached\n"
