"""Paths in files that cwc writes and reads are the same under any locale."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

import pytest

from tests.projects import run_cwc

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="elsewhere file names are UTF-8 under any locale")

ASCII = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
UTF8 = {"PYTHONUTF8": "1"}
LOCALES = {"ASCII first": (ASCII, UTF8), "UTF-8 first": (UTF8, ASCII)}


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


@pytest.mark.parametrize("order", LOCALES)
def test_builds(tmp_path: Path, order: str) -> None:
    """Also of a flow that has an error for a while: its module stays under the one locale as under the other."""
    assert run_cwc("init", cwd=tmp_path).returncode == 0
    folder = (tmp_path / "flows").rename(tmp_path / "flüsse")
    flow = (folder / "double_and_format.flow.yaml").rename(folder / "été.flow.yaml")
    (tmp_path / "pyproject.toml").write_text(
        '[tool.cwc]\nflows = ["flüsse"]\nout = "bâti/neuf"\ntools = ["tools"]\n', "utf-8"
    )
    out = tmp_path / "bâti" / "neuf"
    first, second = LOCALES[order]
    done = run_cwc("build", cwd=tmp_path, env=first)
    assert (done.returncode, done.stderr) == (0, "")
    built = contents(out)
    sources = [file["flow"]["source"] for file in json.loads(built["cwc-manifest.json"])["files"] if file["flow"]]
    assert sources == ["flüsse/été.flow.yaml"]
    shutil.rmtree(out)
    assert run_cwc("build", cwd=tmp_path, env=second).returncode == 0
    assert contents(out) == built
    for environment in (second, first, second):
        done = run_cwc("build", "--check", cwd=tmp_path, env=environment)
        assert (done.returncode, done.stderr) == (0, "")
    text = flow.read_text()
    flow.write_text(text.replace("tool_name: double", "tool_name: nowhere"))
    assert run_cwc("build", cwd=tmp_path, env=second).returncode == 1
    assert contents(out) == built
    flow.write_text(text + "# more\n")
    assert run_cwc("build", cwd=tmp_path, env=second).returncode == 0
    assert contents(out) != built
    assert run_cwc("build", "--check", cwd=tmp_path, env=first).returncode == 0


@pytest.mark.parametrize("order", LOCALES)
def test_baselines(tmp_path: Path, order: str) -> None:
    (tmp_path / "pyproject.toml").write_text('[tool.cwc.contract]\nbaseline = "größe.json"\n', "utf-8")
    (tmp_path / "été.py").write_text("import time\n\nNOW = time.time()\n")
    first, second = LOCALES[order]
    assert run_cwc("contract", ".", "--update-baseline", cwd=tmp_path, env=first).returncode == 0
    (finding,) = json.loads((tmp_path / "größe.json").read_bytes())["findings"]
    assert finding["path"] == "été.py"
    done = run_cwc("contract", ".", "--no-cache", cwd=tmp_path, env=second)
    assert done.returncode == 0, done.stdout + done.stderr
