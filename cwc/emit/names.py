"""Names in generated code and of generated files: readable, unique, and never taken from a flow file as they are."""

from __future__ import annotations

import builtins
import keyword
import re
import sys
from collections.abc import Iterable

from cwc.emit.code import Code

_OUTSIDE = re.compile(r"[^A-Za-z0-9_]+")
_NUMBERED = re.compile(r"(step|out|end|start|context|at|level|live|choice|pick)_\d+(_async)?")
_LONGEST = 40
_BUILTINS = frozenset(dir(builtins))


class Names:
    """The identifiers of one scope. A name given out is not given again; ``taken`` are names of enclosing scopes."""

    def __init__(self, taken: Iterable[str] = ()) -> None:
        self._taken = set(taken)

    def allocate(self, wanted: str, *, prefix: str = "") -> Code:
        """An unused identifier that resembles ``wanted``."""
        stem = _OUTSIDE.sub("_", wanted).strip("_")[:_LONGEST].rstrip("_")
        if prefix:
            stem = f"{prefix}_{stem}" if stem else prefix
        elif not stem or stem[0].isdigit():
            stem = f"key_{stem}".rstrip("_")
        elif _NUMBERED.fullmatch(stem):
            stem = f"key_{stem}"
        name, number = stem, 1
        while name in self._taken or keyword.iskeyword(name) or keyword.issoftkeyword(name) or name in _BUILTINS:
            number += 1
            name = f"{stem}_{number}"
        self._taken.add(name)
        return Code(name)

    def inner(self) -> Names:
        """A scope inside this one: it shadows nothing."""
        return Names(self._taken)


def dotted_name(text: str) -> Code:
    """Code for an import path or attribute path that was parsed into identifiers.

    Raises ValueError if a part is no plain identifier: not ASCII, a keyword, or dunder.
    """
    parts = text.split(".")
    for part in parts:
        if not (part.isascii() and part.isidentifier()) or keyword.iskeyword(part):
            raise ValueError(f"{text!r} is not a dotted name of ASCII identifiers")
        if part.startswith("__"):
            raise ValueError(f"{text!r} has a private part")
    return Code(text)


def plain_name(text: str) -> Code:
    """Code for one identifier, as it is. Raises ValueError if it is none, or private."""
    if text.startswith("_") or "." in text:
        raise ValueError(f"{text!r} is not a name of an argument")
    return dotted_name(text)


def module_name(flow: str) -> str:
    """The name of a flow's generated module, without ``.py``.

    Runs of characters outside ``[A-Za-z0-9_]`` become ``_``; ``flow_`` is put before names that are empty, begin with a
    digit or an underscore, are keywords, or name a module of the standard library.
    """
    name = _OUTSIDE.sub("_", flow)
    lead = not name or name[0].isdigit() or name[0] == "_"
    if lead or keyword.iskeyword(name) or name in sys.stdlib_module_names:
        return f"flow_{name}"
    return name


def file_name(flow: str, version: str, *, latest: bool) -> str:
    """The file of one version of a flow: ``<name>.py`` for the highest, ``<name>__<version>.py`` for others."""
    name = module_name(flow)
    return f"{name}.py" if latest else f"{name}__{_OUTSIDE.sub('_', version)}.py"
