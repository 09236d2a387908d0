"""The name of an output folder, which is that of a package: whether its modules can be imported by it, and what it
would hide."""

from __future__ import annotations

import keyword
import os
import sys
from pathlib import Path

from cwc.driver.files import path_written, written_path


def unimportable(out: Path, root: Path) -> str | None:
    """Why no import statement can name the package ``out`` of the project ``root``; None if one can.

    The project's own folder, or one above it, is no package; nor is a file that is in the way.
    """
    name = _package(out, root)
    if name is None or os.path.isfile(out) or (name.isidentifier() and not keyword.iskeyword(name)):
        return None
    what = "a keyword of Python" if keyword.iskeyword(name) else "no name in Python"
    return f"{name!r} is {what}, so that no import statement can name the modules in it"


def hides(out: Path, root: Path) -> str | None:
    """Which module could not be imported any more beside the package ``out``; None if it hides none."""
    name = _package(out, root)
    if name is None:
        return None
    folder = Path(os.path.normpath(out)).parent
    if os.path.isfile(folder / f"{path_written(name)}.py"):
        return f"it would hide the module {name + '.py'!r} beside it"
    if name in sys.stdlib_module_names and folder == Path(os.path.normpath(root)):
        return f"it would hide Python's own module {name!r}"
    return None


def _package(out: Path, root: Path) -> str | None:
    folder = Path(os.path.normpath(out))
    return None if Path(os.path.normpath(root)).is_relative_to(folder) else written_path(folder.name)
