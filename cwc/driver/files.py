"""Finding and reading files that people name: whatever is wrong with one is a diagnostic, and nothing blocks."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Iterable, Iterator
from difflib import get_close_matches
from pathlib import Path

from cwc.diagnostics.model import Definition, Diagnostic, Label, Report, define

NOT_FOUND = define("CWC820", "path_not_found", "error", "A path that was named does not exist", project=True)
NOT_A_FLOW = define(
    "CWC821", "not_a_flow_file", "error", "A file that was named is not named as flow files are", project=True
)
UNREADABLE = define("CWC822", "unreadable_path", "error", "A file or a folder cannot be read", project=True)
OVERSIZED = define("CWC823", "oversized_file", "error", "A file is larger than anything that cwc reads", project=True)

LOCK = "cwc.lock"
"""The name of a project's lock."""
FLOW_SUFFIXES = (".flow.yaml", ".flow.yml", ".flow.json")
SIZE_LIMIT = 16 * 2**20
"""The bytes of the largest file that is read."""
_IS_UTF8 = sys.getfilesystemencoding() == "utf-8"


def find_flows(paths: Iterable[Path], report: Report) -> list[Path]:
    """The flow files among ``paths`` and, at any depth, in the folders among them; each once, by displayed path.

    Flow files are told by their names, in any case. In folders, files and folders whose names begin with a dot are
    left out, and symbolic links are followed. Reports paths that do not exist or cannot be read, and files that are
    named otherwise.
    """
    flows: dict[str, Path] = {}
    here = working_directory()
    found = (flow for path in paths for flow in _flows_at(path, report))
    for flow in sorted(found, key=lambda flow: written_path(display_path(flow, here))):
        flows.setdefault(os.path.realpath(flow), flow)
    return list(flows.values())


def is_flow_file(name: str) -> bool:
    """Whether a file name ends as flow files do, in any case."""
    return name.lower().endswith(FLOW_SUFFIXES)


def read_bytes(path: Path, report: Report, *, limit: int = SIZE_LIMIT) -> bytes | None:
    """The bytes of a regular file of at most ``limit`` bytes, or None and a diagnostic."""
    status = _status(path, report)
    if status is None or not _is_regular(status, path, report):
        return None
    data: bytes | None = None
    try:
        if status.st_size <= limit:
            # Without blocking, should the path have become a pipe meanwhile.
            flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
            with open(os.open(path, flags), "rb") as file:
                data = file.read(limit + 1)
    except OSError as error:
        _refuse(NOT_FOUND if isinstance(error, FileNotFoundError) else UNREADABLE, path, reason(error), report)
        return None
    if data is None or len(data) > limit:
        _refuse(OVERSIZED, path, f"it is larger than {limit:,} bytes", report)
        return None
    return data


def working_directory() -> str | None:
    """Where this process is, if there is still such a folder; to be asked once for many paths."""
    try:
        return os.getcwd()
    except OSError:
        return None


def display_path(path: Path, here: str | None = None) -> str:
    """The path relative to the working directory, in POSIX form; as it is given where there is no such path.

    ``here`` is the working directory, where that is known.
    """
    try:
        return Path(os.path.relpath(path, here or os.curdir)).as_posix()
    except (OSError, ValueError):
        # It is on another drive, or the working directory is gone.
        return path.as_posix()


def written_path(path: str) -> str:
    """A path as cwc writes it into files: its bytes as UTF-8, under any locale. `path_written` is the way back."""
    return path if _IS_UTF8 else os.fsencode(path).decode("utf-8", "surrogateescape")


def path_written(text: str) -> str:
    """The path that a text in a file of cwc stands for; what stands for none is given back, and leads to nothing."""
    if _IS_UTF8:
        return text
    try:
        return os.fsdecode(text.encode("utf-8", "surrogateescape"))
    except UnicodeError:
        return text


def reason(error: OSError) -> str:
    """Why the system refused, in words, e.g. "permission denied"."""
    return (error.strerror or str(error) or type(error).__name__).lower()


def _flows_at(path: Path, report: Report) -> Iterator[Path]:
    status = _status(path, report)
    if status is None:
        return
    if stat.S_ISDIR(status.st_mode):
        yield from _walk(path, report)
    elif _is_regular(status, path, report):
        if is_flow_file(path.name):
            yield path
        else:
            names = ", ".join(f"*{suffix}" for suffix in FLOW_SUFFIXES)
            _refuse(NOT_A_FLOW, path, "it is not named as a flow file", report, f"flow files are named {names}")


def _walk(folder: Path, report: Report) -> Iterator[Path]:
    """Flow files by their names in ``folder`` and below; each folder once, however many links lead to it."""
    seen: set[str] = set()
    folders = [folder]
    while folders:
        current = folders.pop()
        real = os.path.realpath(current)
        if real in seen:
            continue
        seen.add(real)
        try:
            names = os.listdir(current)
        except OSError as error:
            _refuse(UNREADABLE, current, reason(error), report)
            continue
        paths = [current / name for name in names if not name.startswith(".")]
        folders += filter(os.path.isdir, paths)
        yield from (path for path in paths if is_flow_file(path.name) and not os.path.isdir(path))


def _status(path: Path, report: Report) -> os.stat_result | None:
    try:
        return path.stat()
    except (FileNotFoundError, NotADirectoryError):
        _refuse(NOT_FOUND, path, "there is no such file or folder", report, *_did_you_mean(path))
    except ValueError:
        _refuse(NOT_FOUND, path, "no file can have that name", report)
    except OSError as error:
        _refuse(UNREADABLE, path, reason(error), report)
    return None


def _is_regular(status: os.stat_result, path: Path, report: Report) -> bool:
    if stat.S_ISREG(status.st_mode):
        return True
    what = "a folder" if stat.S_ISDIR(status.st_mode) else "neither a file nor a folder"
    _refuse(UNREADABLE, path, f"it is {what}", report)
    return False


def _did_you_mean(path: Path) -> tuple[str, ...]:
    try:
        close = get_close_matches(path.name, os.listdir(path.parent), n=1)
    except OSError:
        return ()
    return (f"did you mean {display_path(path.parent / close[0])!r}?",) if close and close[0] != path.name else ()


def _refuse(definition: Definition, path: Path, why: str, report: Report, *help: str) -> None:
    shown = display_path(path)
    message = f"cannot read {shown!r}: {why}"
    report.add(Diagnostic(definition=definition, message=message, primary=Label(shown), help=help))
