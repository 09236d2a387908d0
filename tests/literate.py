"""Pages of docs/ as projects: their files are written, their commands are run and their code is executed, in order.

The info string of a fenced block says what it is:

* ```` ```yaml flows/name.flow.yaml ```` is a file of the page's project, written as it stands;
* ```` ```console ```` holds commands behind ``$``, each followed by what it prints (``…`` alone on a line stands for
  any lines) and, where it does not exit with 0, by a line ``[exit 1]``;
* ```` ```python ```` is code of one program over the whole page;
* ```` ```text ```` and blocks without a language are shown only.
"""

from __future__ import annotations

import fnmatch
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from click.testing import CliRunner

from cwc.cli.group import cwc
from tests.projects import ROOT, inside

FENCE = re.compile(r"^```(?P<info>[^\n`]*)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
SHOWN = ("", "text", "mermaid")
FILES = ("python", "yaml", "json", "toml", "text", "ini")


@dataclass(frozen=True)
class Block:
    """A fenced block: its language, the file it is where it is one, its text, and the page's line that it begins on."""

    language: str
    file: str | None
    text: str
    line: int


def blocks(page: Path) -> Iterator[Block]:
    content = page.read_text("utf-8")
    for found in FENCE.finditer(content):
        language, _, file = found["info"].partition(" ")
        yield Block(language, file.strip() or None, found["text"], content.count("\n", 0, found.start()) + 2)


def run(page: Path, folder: Path) -> int:
    """Run a page in a folder; how many of its blocks were run. Raises AssertionError where it does not hold."""
    program: dict[str, Any] = {"__name__": "page"}
    count = 0
    with inside(folder):
        for block in blocks(page):
            where = f"{page.name}:{block.line}"
            if block.file is not None:
                assert block.language in FILES, where
                Path(block.file).parent.mkdir(parents=True, exist_ok=True)
                Path(block.file).write_text(block.text, "utf-8")
            elif block.language == "console":
                _console(block.text, where)
            elif block.language == "python":
                exec(compile("\n" * (block.line - 1) + block.text, str(page), "exec"), program)
            else:
                assert block.language in SHOWN, f"{where}: no test runs {block.language!r}"
                continue
            count += 1
    return count


def _console(text: str, where: str) -> None:
    commands = re.split(r"^\$ ", text, flags=re.MULTILINE)
    assert commands[0] == "", f"{where}: a console begins with a command"
    for entry in commands[1:]:
        command, _, expected = entry.partition("\n")
        status, printed = _command(shlex.split(command))
        if status:
            printed = f"{printed.rstrip()}\n[exit {status}]\n"
        pattern = re.sub(r"^…$", "*", re.sub(r"([\[?*])", r"[\1]", expected.strip()), flags=re.MULTILINE)
        assert fnmatch.fnmatchcase(printed.strip(), pattern), f"{where}: $ {command}\n{printed}"


def _command(words: list[str]) -> tuple[int, str]:
    """The exit status of a command, and all that it prints."""
    match words:
        case ["cwc", *arguments]:
            done = CliRunner().invoke(cwc, arguments, prog_name="cwc", env={"NO_COLOR": "1"})
            if done.exception and not isinstance(done.exception, SystemExit):
                raise done.exception
            _forget_generated()
            return done.exit_code, done.output
        case ["python", *arguments]:
            # Type checkers read Pydantic once for all pages.
            env = {**os.environ, "MYPY_CACHE_DIR": str(ROOT / ".mypy_cache" / "pages")}
            command = [sys.executable, *arguments]
            ran = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False, env=env)
            return ran.returncode, ran.stdout + ran.stderr
        case ["cat", file]:
            return 0, Path(file).read_text("utf-8")
        case ["rm", "-r", folder]:
            shutil.rmtree(folder)
            return 0, ""
        case _:
            raise AssertionError(f"no such command on pages: {words[0]}")


def _forget_generated() -> None:
    """A command is a process of its own: what it imported from the project is not there for what comes next."""
    here = Path.cwd()
    for name, module in list(sys.modules.items()):
        file = getattr(module, "__file__", None)
        if file is not None and Path(file).is_relative_to(here):
            del sys.modules[name]
