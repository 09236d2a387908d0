"""Importing modules of the user's, whatever they do while they are imported."""

from __future__ import annotations

import importlib
import keyword
import os
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib.machinery import PathFinder
from pathlib import Path
from types import ModuleType
from typing import Any

from cwc.driver.rebuilding.tracking import recording
from cwc.driver.tools.capture import captured_output

_PROJECT_MODULES: set[str] = set()
"""The names of modules that were imported from below a project root."""


@dataclass(frozen=True, slots=True)
class ImportFailure:
    """Why a module could not be imported, and at which line of the project's own code, where that is known.

    ``missing``: there is no module of that name, so that nothing of it ran. ``error`` is what it raised.
    """

    reason: str
    missing: bool = False
    file: str | None = None
    line: int | None = None
    error: BaseException | None = None


@contextmanager
def importing_from(root: Path) -> Iterator[None]:
    """Have ``root`` first on sys.path meanwhile; what modules themselves do to the path stays."""
    entry = str(root)
    importlib.invalidate_caches()
    sys.path.insert(0, entry)
    try:
        yield
    finally:
        with suppress(ValueError):
            sys.path.remove(entry)


def forget_project_modules() -> None:
    """Let modules that `import_module` imported from a project be imported anew, from that project or another."""
    while _PROJECT_MODULES:
        sys.modules.pop(_PROJECT_MODULES.pop(), None)


def import_module(name: str, root: Path | None) -> tuple[ModuleType | ImportFailure, str]:
    """A module by its dotted name, or why it cannot be had; and what was printed meanwhile.

    ``root`` is the project's folder, which should be first on sys.path; None is no project. Only KeyboardInterrupt is
    raised.
    """
    if not is_module_name(name):
        return ImportFailure("that is no name of a module", missing=True), ""
    before = set(sys.modules)
    outcome: ModuleType | ImportFailure
    with captured_output() as captured, recording():
        try:
            outcome = importlib.import_module(name)
        except KeyboardInterrupt:
            raise
        except BaseException as error:
            outcome = _failure(name, root, error)
    _PROJECT_MODULES.update(added for added in set(sys.modules) - before if _is_own(added, root))
    if not isinstance(outcome, ImportFailure) and not isinstance(getattr(outcome, "__dict__", None), dict):
        outcome = ImportFailure(f"it puts an object of {type(outcome).__name__!r} in its place")
    if isinstance(outcome, ModuleType) and (other := _in_the_way(name, root)):
        outcome = ImportFailure(f"another module of that name was imported before, {other}")
    return outcome, captured.text


def is_module_name(name: str) -> bool:
    """Whether a name is dotted Python identifiers, so that an import statement could name it."""
    return all(part.isidentifier() and not keyword.iskeyword(part) for part in name.split("."))


@contextmanager
def staying() -> Iterator[None]:
    """Come back to the working directory, wherever modules that are imported meanwhile may go; not after an error, of
    which the place may be the cause."""
    here: str | None = None
    with suppress(OSError):
        here = os.getcwd()
    yield
    if here is not None:
        with suppress(OSError):
            os.chdir(here)


@contextmanager
def foreign_code() -> Iterator[None]:
    """Run code of the user's: what it raises to end the process is an error like others, but for an interrupt."""
    try:
        yield
    except (Exception, KeyboardInterrupt):
        raise
    except BaseException as error:
        raise RuntimeError(describe_error(error)) from error


def describe_error(error: BaseException) -> str:
    """The class and the message of an error, also of one that cannot tell its message."""
    try:
        text = str(error)
    except KeyboardInterrupt:
        raise
    except BaseException:
        text = ""
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def _failure(name: str, root: Path | None, error: BaseException) -> ImportFailure:
    if isinstance(error, ModuleNotFoundError) and error.name and f"{name}.".startswith(f"{error.name}."):
        return ImportFailure(f"there is no module {error.name!r}", missing=True)
    frames = [(frame.f_code.co_filename, line) for frame, line in traceback.walk_tb(error.__traceback__)]
    if isinstance(error, SyntaxError) and error.filename:
        frames.append((error.filename, error.lineno or 1))
    file, line = next((frame for frame in reversed(frames) if _is_below(frame[0], root)), (None, None))
    return ImportFailure(describe_error(error), file=file, line=line, error=error)


def _in_the_way(name: str, root: Path | None) -> str | None:
    """The file of the module that has the name of a project's, but was imported from elsewhere."""
    top = name.partition(".")[0]
    spec = None if root is None else PathFinder.find_spec(top, [str(root)])
    found = _file_of(top)
    if spec is None or spec.origin is None or found is None:
        return None
    return None if os.path.realpath(found) == os.path.realpath(spec.origin) else found


def _is_own(module: str, root: Path | None) -> bool:
    # A package without an __init__.py has folders and no file.
    files = [_file_of(module)]
    with suppress(Exception), foreign_code():
        files += list(_attribute(module, "__path__") or ())
    return any(_is_below(file, root) for file in files)


def _file_of(module: str) -> str | None:
    file = _attribute(module, "__file__")
    return file if isinstance(file, str) else None


def _attribute(module: str, name: str) -> Any:
    """An attribute that an imported module has itself; its own code may answer for others, in any way."""
    with suppress(Exception), foreign_code():
        return vars(sys.modules[module]).get(name)
    return None


def _is_below(file: str | None, root: Path | None) -> bool:
    """Whether a file belongs to the project itself; an environment in its folder does not."""
    if file is None or root is None:
        return False
    path = Path(os.path.realpath(file))
    return path.is_relative_to(os.path.realpath(root)) and "site-packages" not in path.parts
