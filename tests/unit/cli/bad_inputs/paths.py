"""Every verb that takes a path, given every kind of path that is not what it takes."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

from tests.unit.cli.bad_inputs.row import Row

FLOW = "double_and_format"
BINARY = bytes(range(256)) * 16


def _socket(path: str) -> None:
    with socket.socket(socket.AF_UNIX) as made:
        made.bind(path)


def _write(data: bytes) -> Callable[[str], object]:
    return lambda path: Path(path).write_bytes(data)


KINDS: dict[str, Callable[[str], object]] = {
    "missing": lambda path: None,
    "a folder": os.mkdir,
    "empty": _write(b""),
    "binary": _write(BINARY),
    "not UTF-8": _write(b"type: Flow\nname: \xff\n"),
    "17 MB": _write(b"#" * (17 * 2**20)),
    "a pipe": os.mkfifo,
    "a socket": _socket,
    "a device": lambda path: os.symlink("/dev/zero", path),
    "a link to nothing": lambda path: os.symlink("nowhere", path),
    "a link to itself": lambda path: os.symlink(path, path),
}
"""What stands at a path, by how a row calls it."""

NAMES = {
    "a line break": "a\nb",
    "quotes": "a'b\"c`d$e",
    "a surrogate": "a\udcff",
    "an escape": "a\x1b[2Jb",
    "a dash": "-x",
    "a bracket": "[a]*?",
    "a trailing space": "a ",
}
"""Names of files that are there, and are no good for anything else."""

VERBS: dict[str, tuple[str, tuple[str, ...]]] = {
    "build": (".flow.yaml", ("build", "--", "PATH")),
    "check --fix": (".flow.json", ("check", "--fix", "--", "PATH")),
    "run": (".flow.yaml", ("run", "--", "PATH")),
    "run a module": (".py", ("run", "--", "PATH")),
    "run an input": ("", ("run", FLOW, "--input", "@PATH")),
    "graph": (".flow.yml", ("graph", "--", "PATH")),
    "diff": (".flow.yaml", ("diff", "--", FLOW, "PATH")),
    "contract": (".py", ("contract", "--", "PATH")),
    "contract settings": (".toml", ("contract", "tools.py", "--config", "PATH")),
    "runs": ("", ("runs", "list", "--store", "PATH")),
    "resume": ("", ("runs", "resume", "x", "--store", "PATH")),
    "flows": ("", ("flows", "list", "--out", "PATH")),
    "clean": ("", ("clean", "--out", "PATH")),
    "build to": ("", ("build", "--out", "PATH")),
    "init": ("", ("init", "--", "PATH")),
}
WRITING = ("build to", "init")
"""What is there is written to, where that is possible: only names that say what comes of it are tried."""


def _rows() -> Iterator[Row]:
    for verb, (suffix, arguments) in VERBS.items():
        kinds = [(kind, f"bad{suffix}", prepare) for kind, prepare in KINDS.items()]
        kinds += [(kind, f"{stem}{suffix}", _write(BINARY)) for kind, stem in NAMES.items() if verb not in WRITING]
        for kind, path, prepare in kinds:
            line = tuple(word.replace("PATH", path) for word in arguments)
            yield Row(f"{verb}: {kind}", line, prepare=lambda path=path, prepare=prepare: prepare(path))  # type: ignore[misc]


ROWS = tuple(_rows())
