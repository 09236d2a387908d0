"""Bad inputs of every kind: the exit code and the first line that each gets, and an output folder that stays whole.

The tables are the text files beside the rows; ``--accept`` rewrites them.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from cwc.cli import INTERRUPTED
from cwc.cli.group import cwc
from cwc.source import digest_of
from tests.projects import inside
from tests.unit.cli.bad_inputs import configurations, fields, flow_files, modules, outputs, paths, usage
from tests.unit.cli.bad_inputs.row import Row

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX files and messages")

TABLES = Path(__file__).parent / "bad_inputs"
GROUPS: dict[str, Sequence[Row]] = {
    "files": flow_files.FILES,
    "names": fields.NAMED[::3],
    "configurations": configurations.ROWS,
    "modules": modules.ROWS,
    "outputs": outputs.ROWS,
    "usage": usage.ROWS,
    "paths": paths.ROWS,
}
FLOWS = (*flow_files.FLOWS, *fields.FLOWS)
FOREIGN = (
    "(SyntaxError|ImportError|KeyError|RecursionError|is not TOML|is not JSON|Expecting|Exceeds the limit|fatal"
    "|it cannot be checked|object has no attribute|Error serializing).*"
)
"""What messages say from here on is not cwc's, and differs between versions of Python and other programs."""


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project that was built, with a module that nothing allows to be imported."""
    folder = tmp_path_factory.mktemp("template")
    with inside(folder):
        assert CliRunner().invoke(cwc, ["init"]).exit_code == 0
        assert CliRunner().invoke(cwc, ["build"]).exit_code == 0
        Path("canary.py").write_text("open('imported', 'w')\nclass X: ...\n")
    return folder


@pytest.mark.parametrize("group", GROUPS)
def test_table(group: str, template: Path, tmp_path: Path, pytestconfig: pytest.Config) -> None:
    lines = [outcome(row, template, tmp_path / str(number)) for number, row in enumerate(GROUPS[group])]
    compare(lines, f"{group}.txt", pytestconfig)


def test_flows(template: Path, tmp_path: Path, pytestconfig: pytest.Config) -> None:
    """Flow files that are wrong in themselves, all in one project: each has its own first error, and none hides one."""
    folder = tmp_path / "project"
    shutil.copytree(template, folder)
    files: dict[str, Row] = {}
    for number, row in enumerate(FLOWS):
        ((name, content),) = row.files.items()
        file = f"flows/{number}.{name.partition('.')[2]}"
        files[file] = row
        assert content is not None
        (folder / file).write_bytes(content.encode() if isinstance(content, str) else content)
    before = contents(folder / "generated")
    with inside(folder):
        done = CliRunner().invoke(cwc, ["check", "--format", "json"])
    assert done.exit_code == 1, done.exception
    assert contents(folder / "generated") == before
    assert not (folder / "imported").exists()
    said: dict[str, str] = {}
    for found in json.loads(done.stdout)["diagnostics"]:
        if found["severity"] == "error":
            said.setdefault(found["path"], f"{found['code']}: {found['message']}")
    compare(
        [f"{row.name} | {shown(said.get(file, 'no error'))}" for file, row in files.items()], "flows.txt", pytestconfig
    )


@pytest.mark.long
def test_every_flow_alone(template: Path, tmp_path: Path) -> None:
    for number, row in enumerate((*FLOWS, *fields.NAMED)):
        outcome(row, template, tmp_path / str(number))


@pytest.mark.parametrize("row", usage.BOTTOMLESS, ids=lambda row: row.name)
def test_bottomless_code(row: Row, template: Path, tmp_path: Path) -> None:
    """How deep is too deep, is Python's affair."""
    outcome(row, template, tmp_path / "project")


def test_there_are_enough() -> None:
    names = [row.name for rows in (*GROUPS.values(), FLOWS) for row in rows]
    assert len(set(names)) == len(names) > 500


def compare(lines: Sequence[str], name: str, config: pytest.Config) -> None:
    """The table as it is accepted."""
    text = "".join(f"{line}\n" for line in lines)
    if config.getoption("--accept"):
        (TABLES / name).write_text(text, encoding="utf-8")
    assert text == (TABLES / name).read_text(encoding="utf-8")


def outcome(row: Row, template: Path, folder: Path) -> str:
    """A line of the table: the exit code, the row, and the first line that was printed."""
    shutil.copytree(template, folder)
    with inside(folder), undisturbed():
        row.apply()
        before, tools = contents(folder / "generated"), contents(folder / "tools.py")
        done = CliRunner().invoke(cwc, list(row.arguments), prog_name="cwc")
    assert done.exception is None or isinstance(done.exception, SystemExit), (row.name, done.exc_info)
    assert done.exit_code in (0, 1, 2, INTERRUPTED), row.name
    assert "Traceback" not in done.output, row.name
    assert not (folder / "imported").exists(), row.name
    assert contents(folder / "tools.py") == tools, row.name
    if done.exit_code in (2, INTERRUPTED):
        assert contents(folder / "generated") == before, row.name
    check_whole(folder / "generated", before, row.name)
    line = first_line(done).replace(str(folder), "<project>")
    return f"{done.exit_code} {row.name} | {shown(line)}"


def check_whole(out: Path, before: dict[str, bytes], name: str) -> None:
    """Every file is as it was, or as the manifest says; nothing that a build works with is left."""
    manifest = out / "cwc-manifest.json"
    after = contents(out)
    if after == before:
        return
    listed = json.loads(manifest.read_bytes())["files"] if manifest.is_file() else []
    digests = {entry["path"]: entry["sha256"] for entry in listed}
    for file, data in after.items():
        assert ".cwc-" not in file, name
        as_it_was = data == before.get(file) or file in ("cwc-manifest.json", "cwc-state.json")
        assert as_it_was or digests.get(file) == digest_of(data), (name, file)


def contents(path: Path) -> dict[str, bytes]:
    """The files of a folder, or a file itself."""
    files = [path] if path.is_file() else path.rglob("*") if path.is_dir() else ()
    return {file.relative_to(path).as_posix(): file.read_bytes() for file in files if file.is_file()}


def first_line(done: Result) -> str:
    """The first line of the errors, else of the output; of a mistaken command line, the one that says what is wrong."""
    lines = (done.stderr or done.stdout).splitlines() or [""]
    return next((line for line in lines if line.startswith("Error: ")), lines[0])


def shown(line: str) -> str:
    """A line as it is on every machine and in every version of Python."""
    line = re.sub(FOREIGN, r"\1", line.replace(os.path.dirname(os.__file__), "<python>"))
    line = ascii(re.sub(r"(\.\./){2,}", "/", line))[1:-1]
    return line if len(line) <= 160 else f"{line[:150]}... ({len(line):,})"


@contextmanager
def undisturbed() -> Iterator[None]:
    """What modules of tools do to the process is undone."""
    limit, finders, handler = sys.getrecursionlimit(), list(sys.meta_path), signal.getsignal(signal.SIGINT)
    streams = sys.stdout, sys.stderr
    try:
        yield
    finally:
        sys.setrecursionlimit(limit)
        sys.meta_path[:] = finders
        signal.signal(signal.SIGINT, handler)
        sys.stdout, sys.stderr = streams
