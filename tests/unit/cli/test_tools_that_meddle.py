"""Tool modules that change the process that imports them: builds say and write what they would without."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from tests.projects import run_cwc

MEDDLING = {
    "wraps the output": "import io, sys\nsys.stdout = io.TextIOWrapper(sys.stdout.buffer, encoding='utf-8')",
    "wraps the detached output": "import io, sys\nsys.stdout = io.TextIOWrapper(sys.stdout.detach(), encoding='utf-8')",
    "wraps the errors": "import codecs, sys\nsys.stderr = codecs.getwriter('utf-8')(sys.stderr.buffer)",
    "closes the output": "import sys\nsys.stdout.close()",
    "closes the errors": "import sys\nsys.stderr.close()",
    "closes the descriptors": "import os\nos.close(1)\nos.close(2)",
    "removes the output": "import sys\nsys.stdout = None",
    "goes elsewhere": "import os\nos.chdir('/')",
    "forks": "import os\nif os.fork() == 0:\n    os._exit(0)",
    "begins a thread": "import threading\nthreading.Thread(target=threading.Event().wait, daemon=True).start()",
    "puts another in its place": (
        "import sys, types\nsys.modules[__name__] = other = types.ModuleType(__name__)\nvars(other).update(globals())"
    ),
}


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no fork")
@pytest.mark.parametrize("what", MEDDLING)
def test_builds(tmp_path: Path, what: str) -> None:
    assert run_cwc("init", cwd=tmp_path).returncode == 0
    tools = tmp_path / "tools.py"
    tools.write_text(f"{tools.read_text()}\n{MEDDLING[what]}\n")
    done = run_cwc("build", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "wrote generated/__init__.py\nwrote generated/double_and_format.py\n"
    again = run_cwc("build", cwd=tmp_path)
    assert (again.returncode, again.stdout, again.stderr) == (0, "up to date: generated\n", "")


def test_a_folder_that_tools_remove(tmp_path: Path) -> None:
    assert run_cwc("init", cwd=tmp_path).returncode == 0
    tools = tmp_path / "tools.py"
    tools.write_text(f"import os, tempfile\nos.chdir(tempfile.mkdtemp())\nos.rmdir(os.getcwd())\n{tools.read_text()}")
    done = run_cwc("build", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (2, "cwc: the working directory is gone, or cannot be reached\n")
    assert not (tmp_path / "generated").exists()


def test_what_is_printed_through_a_wrapped_output_is_a_note(tmp_path: Path) -> None:
    assert run_cwc("init", cwd=tmp_path).returncode == 0
    tools = tmp_path / "tools.py"
    tools.write_text(f"{tools.read_text()}\n{MEDDLING['wraps the output']}\nprint('told')\n")
    done = run_cwc("build", cwd=tmp_path)
    assert done.returncode == 0
    assert "told" not in done.stdout
    assert "note[CWC206]" in done.stderr
    assert "told" in done.stderr


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no named pipes")
def test_pipes_in_the_cache(tmp_path: Path) -> None:
    """Nothing waits for what somebody may write into them."""
    project, caches = tmp_path / "project", tmp_path / "caches"
    project.mkdir()
    env = {"XDG_CACHE_HOME": str(caches)}
    assert run_cwc("init", cwd=project).returncode == 0
    assert run_cwc("build", cwd=project, env=env).returncode == 0
    entries = [path for folder in (caches, project / ".cwc_cache") for path in folder.rglob("*") if path.is_file()]
    assert entries
    for path in entries:
        path.unlink()
        os.mkfifo(path)
    (project / "generated" / "double_and_format.py").unlink()
    done = run_cwc("build", cwd=project, env=env)
    assert (done.returncode, done.stdout) == (0, "wrote generated/double_and_format.py\n")
