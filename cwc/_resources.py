"""Where the files that ship with cwc are: inside the wheel beside this module, in a checkout at its top."""

from __future__ import annotations

from pathlib import Path

_HERE = Path(__file__).resolve().parent


def templates_folder() -> Path:
    """The folder of the Jinja2 templates and the ``init`` scaffold."""
    return _folder("templates")


def schemas_folder() -> Path:
    """The folder of the JSON Schemas that cwc publishes."""
    return _folder("schemas")


def docs_folder() -> Path:
    """The folder of the documents that the command line shows parts of."""
    return _folder("docs")


def _folder(name: str) -> Path:
    # An editable install leaves an empty folder where the wheel has files.
    shipped = _HERE / f"_{name}"
    return shipped if any(shipped.glob("*")) else _HERE.parent / name
