"""`cwc watch`: a line a build, diagnostics in place, and nothing but Ctrl-C ends it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from cwc.cli.group import cwc
from cwc.driver import compile as compiling
from cwc.driver.project import Request
from cwc.driver.rebuilding import snapshot
from cwc.driver.watching import builds, matters, output_folder, watched_folders
from tests.projects import ROOT, inside

FLOW = Path("flows") / "double_and_format.flow.yaml"


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[Path]:
    with inside(tmp_path):
        assert CliRunner().invoke(cwc, ["init", "demo"]).exit_code == 0
    with inside(tmp_path / "demo"):
        yield tmp_path / "demo"


def test_it_builds_at_once_and_after_each_change(demo: Path) -> None:
    def changes() -> Iterator[object]:
        text = (demo / FLOW).read_text("utf-8")
        (demo / FLOW).write_text(text.replace("tool_name: add", "tool_name: ad"), "utf-8")
        yield "a mistake"
        (demo / "pyproject.toml").write_text("[tool.cwc]\ntools = 3\n", "utf-8")
        yield "no configuration"
        (demo / "pyproject.toml").write_text('[tool.cwc]\ntools = ["tools"]\n', "utf-8")
        (demo / FLOW).write_text(text.replace("amount: 10", "amount: 11"), "utf-8")
        yield "all is well"

    told = [
        (outcome.written, sorted(found.code for found in report)) for outcome, report in builds(Request(), changes())
    ]
    module = f"generated/{FLOW.name.partition('.')[0]}.py"
    assert told == [(["generated/__init__.py", module], []), ([], ["CWC220"]), ([], ["CWC803"]), ([module], [])]


def test_it_compiles_what_has_changed(demo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # Nothing is remembered of files as young as those of a test.
    monkeypatch.setattr(snapshot, "_MARGIN_NS", -(10**18))
    compiled: list[str] = []
    monkeypatch.setattr(compiling, "verify_plan", lambda plan: compiled.append(plan.name))
    text = (demo / FLOW).read_text("utf-8")
    (demo / "flows" / "other.flow.yaml").write_text(text.replace("name: double_and_format", "name: other"), "utf-8")

    def changes() -> Iterator[object]:
        compiled.clear()
        (demo / FLOW).write_text(text.replace("amount: 10", "amount: 11"), "utf-8")
        yield "a flow"

    first, second = [outcome.written for outcome, _ in builds(Request(), changes())]
    assert len(first) == 3
    assert second == ["generated/double_and_format.py"]
    assert compiled == ["double_and_format"]


def test_what_is_a_reason_to_build(demo: Path) -> None:
    out = output_folder(Request())
    for name in (str(FLOW), "tools.py", "pyproject.toml", "cwc.lock", "deep/below.py"):
        assert matters(Path(name), out)
    for name in ("generated/x.py", "notes.txt", ".git/x.py", ".venv/lib/x.py", "a/__pycache__/x.py", "cwc-state.json"):
        assert not matters(demo.joinpath(name).relative_to(demo) if not name.startswith("gen") else demo / name, out)
    assert watched_folders(Request()) == [demo]
    elsewhere = demo.parent / "elsewhere"
    elsewhere.mkdir()
    assert watched_folders(Request(paths=(elsewhere,))) == [demo, elsewhere]


def test_without_its_extra_it_says_how_to_get_it(demo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "watchfiles", None)
    done = CliRunner().invoke(cwc, ["watch"])
    assert (done.exit_code, "cwc[watch]" in done.stderr) == (2, True)
    assert not (demo / "generated").exists()


def keep_changing(path: Path, noticed: threading.Event) -> None:
    while not noticed.wait(0.5):
        path.write_text(path.read_text("utf-8") + "\n# changed\n", "utf-8")


@pytest.mark.long
@pytest.mark.skipif(sys.platform == "win32", reason="interrupts as POSIX does")
def test_the_command_watches_and_ends_with_an_interrupt(demo: Path) -> None:
    pytest.importorskip("watchfiles")
    watching = subprocess.Popen(
        [sys.executable, "-m", "cwc", "watch"],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert watching.stdout is not None
        assert "1 flow: ok, wrote generated/__init__.py" in watching.stdout.readline()
        # The watch may not have begun yet, so the file changes until that is noticed.
        noticed = threading.Event()
        changing = threading.Thread(target=keep_changing, args=(demo / FLOW, noticed), daemon=True)
        changing.start()
        line = watching.stdout.readline()
        noticed.set()
        changing.join()
        assert line == "1 flow: ok, wrote generated/double_and_format.py\n"
    finally:
        watching.send_signal(signal.SIGINT)
        _, stderr = watching.communicate(timeout=60)
    assert (watching.returncode, stderr) == (130, "cwc: interrupted\n")
