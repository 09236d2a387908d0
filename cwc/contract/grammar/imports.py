"""The imports of a generated module: the runtime's facade, a little of `typing`, and what its plan names."""

from __future__ import annotations

import libcst as cst

from cwc.contract.finding import LATE_IMPORT, NOT_IN_GRAMMAR, STAR_IMPORT, UNDECLARED_IMPORT, UNKNOWN_NAME
from cwc.contract.grammar.inspection import Inspection
from cwc.contract.grammar.roles import ALIASES, TYPING, Kind, kind_in_facade
from cwc.diagnostics.model import Definition

FACADE_MODULE = "cwc.runtime.generated"
_LAZY = frozenset({"LazyImport", "LazyImportFrom"})
"""Node types of PEP 810. They are no subclasses of the others, and older libcst does not have them."""


def import_from(inspection: Inspection, node: cst.ImportFrom) -> None:
    """``from module import name``, or ``name as alias``, at the top of a module."""
    if isinstance(node.names, cst.ImportStar):
        inspection.report(STAR_IMPORT, node, "generated modules name what they import")
        return
    module = _module(inspection, node)
    for entry in node.names:
        _entry(inspection, module, entry)


def code_of_stray(node: cst.CSTNode, *, at_top: bool) -> Definition:
    """The code of a node that the grammar does not have: imports have codes of their own."""
    if type(node).__name__ in _LAZY or (isinstance(node, cst.Import | cst.ImportFrom) and not at_top):
        return LATE_IMPORT
    return UNDECLARED_IMPORT if isinstance(node, cst.Import) else NOT_IN_GRAMMAR


def _module(inspection: Inspection, node: cst.ImportFrom) -> str:
    """The module as written, with the dots of a relative import."""
    parts: list[str] = []
    rest: cst.BaseExpression | None = node.module
    while isinstance(rest, cst.Attribute):
        parts.append(inspection.spelt(rest.attr) or "")
        rest = rest.value
    if isinstance(rest, cst.Name):
        parts.append(inspection.spelt(rest) or "")
    return "." * len(node.relative) + ".".join(reversed(parts))


def _entry(inspection: Inspection, module: str, entry: cst.ImportAlias) -> None:
    name = inspection.spelt(entry.name) if isinstance(entry.name, cst.Name) else None
    if name is None:
        inspection.report(UNDECLARED_IMPORT, entry, f"generated modules import nothing like this from {module!r}")
    elif entry.asname is None:
        _own(inspection, module, name, entry)
    elif isinstance(entry.asname.name, cst.Name):
        _planned(inspection, module, name, entry.asname.name)


def _own(inspection: Inspection, module: str, name: str, entry: cst.ImportAlias) -> None:
    """An import without an alias: what every generated module may have."""
    assert isinstance(entry.name, cst.Name)
    if (module, name) == ("__future__", "annotations"):
        return
    if module == "typing" and name in TYPING:
        inspection.bind(entry.name, Kind.TYPE)
    elif module == FACADE_MODULE and name in inspection.facade:
        inspection.bind(entry.name, kind_in_facade(name))
    else:
        inspection.report(UNDECLARED_IMPORT, entry, f"{name!r} of {module!r} is not what generated modules import")


def _planned(inspection: Inspection, module: str, name: str, alias: cst.Name) -> None:
    """An import of a tool or a class, under an alias that says which."""
    if (module, name) not in inspection.imports or name.startswith("__"):
        inspection.report(UNDECLARED_IMPORT, alias, f"{name!r} of {module!r} is not in the plan of this module")
        return
    kind = ALIASES.get(alias.value.partition("_")[0])
    if kind is None:
        words = ", ".join(ALIASES)
        inspection.report(UNKNOWN_NAME, alias, f"the alias {alias.value!r} begins with none of the words {words}")
        return
    inspection.bind(alias, kind)
