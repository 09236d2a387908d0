"""Writing files so that they are whole or as they were: one at a time, or all the changes of a folder at once."""

from __future__ import annotations

import os
import shutil
import stat
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from importlib.util import cache_from_source
from pathlib import Path

from cwc.diagnostics.model import Diagnostic, Label, Report, define
from cwc.driver.files import display_path, reason

WRITE_FAILED = define("CWC830", "write_failed", "error", "A file cannot be written or removed", project=True)

_FLUSHED_AT_ONCE = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """What brings the folder ``out`` to a wanted state. Names are POSIX paths relative to it.

    ``write`` is in the order in which files are replaced, after those in ``remove`` are gone. ``intent`` is a file and
    what it holds while the others are being replaced, so that a build that is killed leaves word of what it was at.
    ``unchanged`` have the wanted content already; ``refused`` are left as they are, which has been reported;
    ``leftovers`` are modules of cwc's that no manifest lists.
    """

    out: Path
    write: Mapping[str, bytes] = field(default_factory=dict)
    remove: tuple[str, ...] = ()
    unchanged: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()
    leftovers: tuple[str, ...] = ()
    intent: tuple[str, bytes] | None = None

    def __bool__(self) -> bool:
        """Whether there is anything to do."""
        return bool(self.write or self.remove)


def write_atomic(path: Path, data: bytes) -> None:
    """Write a file, or leave what was there. Its mode is that of a new file; its folder must exist. Raises OSError."""
    with _staging(path.parent) as staging:
        _write_new(staging / "new", data)
        _flush(staging)
        os.replace(staging / "new", path)


def write_file(path: Path, data: bytes, report: Report) -> bool:
    """Write one file, whole or not at all; whether it now has that content. One that had it is left alone.

    Folders on the way are made, where a link leads is written, and what is wrong is reported.
    """
    try:
        target = Path(os.path.realpath(path))
        _refuse_unlike_files(target)
        if not (target.is_file() and target.read_bytes() == data):
            target.parent.mkdir(parents=True, exist_ok=True)
            write_atomic(target, data)
    except (OSError, ValueError) as error:
        why = reason(error) if isinstance(error, OSError) else "no file can have that name"
        shown = display_path(path)
        message = f"cannot write {shown!r}: {why}"
        report.add(Diagnostic(definition=WRITE_FAILED, message=message, primary=Label(shown)))
        return False
    return True


def apply(changes: Changes, report: Report) -> bool:
    """Make the changes; whether that succeeded.

    All content is on the disk before the first file is replaced. A failure, which is reported, or an interrupt in
    between puts back what was there, with its times. Without changes nothing is touched, but what killed builds left.
    """
    change = _Change(changes.out)
    try:
        _sweep(changes.out)
        if not changes:
            return True
        with _made(changes.out), _staging(changes.out) as staging:
            change.stage(changes, staging)
            change.commit(changes, staging)
    except OSError as error:
        shown = display_path(change.current)
        report.add(
            Diagnostic(
                definition=WRITE_FAILED,
                message=f"cannot write {shown!r}: {reason(error)}",
                primary=Label(shown),
                help=(f"{display_path(changes.out)!r} was left as it was",),
            )
        )
        return False
    return True


@dataclass(slots=True)
class _Change:
    """A change on its way. ``current`` is the file that is being seen to; ``begun`` may have been changed."""

    current: Path
    begun: list[tuple[Path, Path]] = field(default_factory=list)

    def stage(self, changes: Changes, staging: Path) -> None:
        """Write the new content, and copy the old, beside the files."""
        if changes.intent is not None:
            _write_new(staging / "intent", changes.intent[1])
        for number, (name, data) in enumerate(changes.write.items()):
            self.current = changes.out / name
            _refuse_unlike_files(self.current)
            _write_new(staging / f"new{number}", data)
            if self.current.is_file():
                shutil.copymode(self.current, staging / f"new{number}")
        _flush(staging)
        for number, name in enumerate((*changes.remove, *changes.write)):
            self.current = changes.out / name
            if os.path.lexists(self.current):
                shutil.copy2(self.current, staging / f"old{number}", follow_symlinks=False)

    def commit(self, changes: Changes, staging: Path) -> None:
        """Remove and replace the files; if that is interrupted, undo it."""
        content = [None] * len(changes.remove) + [staging / f"new{number}" for number in range(len(changes.write))]
        try:
            self._declare(changes, staging)
            for number, name in enumerate((*changes.remove, *changes.write)):
                self.current = changes.out / name
                self.begun.append((self.current, staging / f"old{number}"))
                _put(content[number], self.current)
        except BaseException:
            self._undo()
            raise

    def _declare(self, changes: Changes, staging: Path) -> None:
        """Put the intent in place, under the name of a file that is replaced in the end."""
        if changes.intent is not None:
            name = changes.intent[0]
            self.current = changes.out / name
            number = (*changes.remove, *changes.write).index(name)
            self.begun.append((self.current, staging / f"old{number}"))
            _put(staging / "intent", self.current)

    def _undo(self) -> None:
        for path, old in reversed(self.begun):
            with suppress(OSError):
                _restore(old, path)


def _refuse_unlike_files(path: Path) -> None:
    """Raises OSError for what is there and can be neither copied nor replaced. A link is replaced by a file."""
    try:
        mode = path.lstat().st_mode
    except (FileNotFoundError, NotADirectoryError):
        return
    if not (stat.S_ISREG(mode) or stat.S_ISLNK(mode)):
        what = "a folder" if stat.S_ISDIR(mode) else "something that is no file"
        raise FileExistsError(None, f"{what} is in the way")


def _restore(old: Path, path: Path) -> None:
    """Put back what was at ``path``; a file may have been replaced twice, and so is restored twice."""
    if not os.path.lexists(old):
        path.unlink(missing_ok=True)
        return
    copy = old.with_name(f"{old.name}-again")
    shutil.copy2(old, copy, follow_symlinks=False)
    os.replace(copy, path)


def _put(content: Path | None, path: Path) -> None:
    """Move a file to ``path``, or remove what is there."""
    if content is None:
        path.unlink(missing_ok=True)
    else:
        path.parent.mkdir(parents=True, exist_ok=True)
        os.replace(content, path)
    if path.suffix == ".py":
        # Python tells bytecode by size and whole seconds: it would run the old module where a build follows another.
        with suppress(OSError):
            os.unlink(cache_from_source(path))


def _write_new(path: Path, data: bytes) -> None:
    with open(path, "xb") as file:
        file.write(data)


def _flush(folder: Path) -> None:
    """Wait until the files of a folder are on the disk; many at once, which file systems make one write of."""
    paths = list(folder.iterdir())
    if len(paths) < _FLUSHED_AT_ONCE:
        for path in paths:
            _flush_file(path)
        return
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(_FLUSHED_AT_ONCE) as pool:
        for _ in pool.map(_flush_file, paths):
            pass


def _flush_file(path: Path) -> None:
    file = os.open(path, os.O_RDWR if os.name == "nt" else os.O_RDONLY)
    try:
        os.fsync(file)
    finally:
        os.close(file)


@contextmanager
def _staging(folder: Path) -> Iterator[Path]:
    """A folder inside ``folder``, so that files move from it within one file system; gone at the end.

    Its name has the process in it, for `_sweep`.
    """
    path = Path(tempfile.mkdtemp(prefix=f".cwc-{os.getpid()}-", dir=folder))
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


@contextmanager
def _made(folder: Path) -> Iterator[None]:
    """A folder that exists; if what it is for fails, the folders that were made for it go again."""
    missing = [path for path in (folder, *folder.parents) if not os.path.lexists(path)]
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except FileExistsError:
        raise FileExistsError(None, "it is there, and is no folder") from None
    try:
        yield
    except BaseException:
        with suppress(OSError):
            for path in missing:
                path.rmdir()
        raise


def _sweep(folder: Path) -> None:
    """Remove the staging folders of processes that were killed."""
    for left in folder.glob(".cwc-*-*"):
        if not _is_running(left.name.split("-")[1]):
            shutil.rmtree(left, ignore_errors=True)


def _is_running(process: str) -> bool:
    try:
        os.kill(int(process), 0)
    except (ProcessLookupError, OverflowError):
        return False
    except (OSError, ValueError):
        return True
    return True
