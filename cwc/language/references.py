"""References from a flow file to Python classes, written ``module:qualname``."""

from __future__ import annotations

import keyword
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Reference:
    """A class by its module and its dotted name there."""

    module: str
    qualname: str

    def __str__(self) -> str:
        return f"{self.module}:{self.qualname}"


def parse_reference(text: str) -> Reference | str:
    """The reference that a text spells, or what is wrong with it, as the end of a sentence about it.

    The first ``:`` divides; both sides are dotted Python names. Names are ASCII, no keywords, and begin with at most
    one underscore, since generated code imports by them.
    """
    module, colon, qualname = text.partition(":")
    if not colon:
        return "it has no ':' between a module and a class"
    for side, dotted in (("module", module), ("class", qualname)):
        if not dotted:
            return f"it names no {side}"
        for name in dotted.split("."):
            if not (name.isascii() and name.isidentifier()):
                return f"the name of its {side} is not made of Python identifiers and dots"
            if keyword.iskeyword(name):
                return f"{name!r} is a keyword of Python"
            if name.startswith("__"):
                return f"{name!r} cannot be imported by generated code: give it a name without two leading underscores"
    return Reference(module, qualname)
