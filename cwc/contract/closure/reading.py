"""A file → its view, or the finding that says why there is none: what cannot be read counts as broken."""

from __future__ import annotations

import ast
import io
import os
import stat
import tokenize
import warnings
from dataclasses import dataclass
from pathlib import Path

from cwc.contract.closure.collect import Collector
from cwc.contract.closure.scopes import View
from cwc.contract.closure.static import Typing, doubtful, typing_names

LARGEST = 20_000_000
"""The most bytes that a module may have."""


@dataclass(frozen=True, slots=True)
class Unreadable(Exception):
    """Why a module cannot be read, and where in its text, with line and column from 1."""

    reason: str
    line: int = 0
    column: int = 1


def read_bytes(file: Path) -> bytes:
    """The bytes of a regular file. Raises Unreadable."""
    try:
        status = os.stat(file)
        if not stat.S_ISREG(status.st_mode):
            raise Unreadable("it is no regular file")
        if status.st_size > LARGEST:
            raise Unreadable(f"it is larger than {LARGEST:,} bytes")
        with open(file, "rb") as stream:
            return stream.read(LARGEST + 1)
    except OSError as error:
        raise Unreadable((error.strerror or type(error).__name__).lower()) from None
    except ValueError:
        raise Unreadable("no file can have that name") from None


def decode(data: bytes) -> str:
    """The text that Python sees in a file: its encoding is found as PEP 263 says. Raises Unreadable."""
    if b"\0" in data:
        raise Unreadable("it holds a NUL byte", data.count(b"\n", 0, data.index(b"\0")) + 1)
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
        return data.decode(encoding)
    except (SyntaxError, LookupError, UnicodeError) as error:
        raise Unreadable(f"its encoding is wrong: {error}") from None


def parse(text: str) -> ast.Module:
    """The tree of a module's text. Raises Unreadable."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(text)
    except SyntaxError as error:
        raise Unreadable(error.msg or "invalid syntax", error.lineno or 1, error.offset or 1) from None
    except (ValueError, RecursionError, MemoryError) as error:
        raise Unreadable(str(error) or type(error).__name__) from None


def collected(view: View) -> View:
    """The view of a module, filled from its text. Raises Unreadable."""
    tree = parse(view.text)
    names = typing_names(tree, view.text)
    try:
        Collector(view, tree, names)
        if doubt := doubtful(view, names):
            names = Typing(names.flags - doubt, names.modules - doubt)
            view = View(view.file, view.path, view.name, view.text, view.is_package)
            Collector(view, tree, names)
    except RecursionError:
        raise Unreadable("it is nested too deeply") from None
    return view
