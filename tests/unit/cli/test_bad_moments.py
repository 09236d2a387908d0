"""Builds that are cut short from outside, or that cannot write: the output folder is as it was, and the next build is
whole."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.projects import ROOT, run_cwc

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX signals and limits")

NEW = "type: Flow\nname: new\ndescription: New.\nsteps: []\n"
SLOW = "import time\nopen('started', 'w').close()\ntime.sleep(60)\n"


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("built")
    assert run_cwc("init", cwd=folder).returncode == 0
    assert run_cwc("build", cwd=folder).returncode == 0
    return folder


@pytest.fixture
def project(built: Path, tmp_path: Path) -> Path:
    """A built project, with a flow that was not."""
    shutil.copytree(built, tmp_path / "project")
    (tmp_path / "project/flows/new.flow.yaml").write_text(NEW)
    return tmp_path / "project"


def start(project: Path, *arguments: str, limit: Callable[[], None] | None = None) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "cwc", *arguments],
        cwd=project,
        env={**os.environ, "PYTHONPATH": str(ROOT), "NO_COLOR": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=limit,
    )


def files(project: Path) -> dict[str, bytes]:
    out = project / "generated"
    return {path.name: path.read_bytes() for path in out.iterdir() if path.is_file()}


def check_next_build(project: Path) -> None:
    done = run_cwc("build", cwd=project)
    assert done.returncode == 0, done.stderr
    assert "new.py" in files(project)
    assert run_cwc("build", "--check", cwd=project).returncode == 0
    assert not [name for name in os.listdir(project / "generated") if name.startswith(".cwc-")]


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, -signal.SIGTERM)])
def test_a_signal_while_tools_are_imported(project: Path, number: signal.Signals, code: int) -> None:
    before, tools = files(project), (project / "tools.py").read_text()
    (project / "tools.py").write_text(SLOW)
    build = start(project, "build")
    for _ in range(600):
        if (project / "started").exists():
            break
        time.sleep(0.05)
    build.send_signal(number)
    stdout, stderr = build.communicate(timeout=60)
    assert (build.returncode, stdout) == (code, "")
    assert stderr == ("cwc: interrupted\n" if code > 0 else "")
    assert files(project) == before
    (project / "tools.py").write_text(tools)
    check_next_build(project)


def test_tools_that_end_the_process(project: Path) -> None:
    before, tools = files(project), (project / "tools.py").read_text()
    (project / "tools.py").write_text("import os\nos._exit(7)\n")
    assert run_cwc("build", cwd=project).returncode == 7
    assert files(project) == before
    (project / "tools.py").write_text(tools)
    check_next_build(project)


def test_a_disk_that_is_full(project: Path) -> None:
    import resource

    before = files(project)
    build = start(project, "build", limit=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100)))
    stdout, stderr = build.communicate(timeout=60)
    assert (build.returncode, stdout) == (2, "")
    assert stderr.startswith("error[CWC830]: cannot write 'generated")
    assert "Traceback" not in stderr
    assert files(project) == before
    check_next_build(project)


def test_two_builds_at_once(project: Path) -> None:
    builds = [start(project, "build") for _ in range(2)]
    ends = [(build.communicate(timeout=60)[1], build.returncode) for build in builds]
    assert all(code in (0, 1, 2) and "Traceback" not in stderr for stderr, code in ends), ends
    check_next_build(project)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
@pytest.mark.parametrize("arguments", [("build",), ("explain",), ("check", "--format", "json"), ("run", "new")])
def test_an_output_that_cannot_be_written(project: Path, arguments: tuple[str, ...]) -> None:
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "cwc", *arguments],
            cwd=project,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            timeout=60,
            check=False,
        )
    assert done.returncode == 2, done.stderr
    assert done.stderr == "cwc: cannot write the output: no space left on device\n"
