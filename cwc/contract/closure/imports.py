"""Import statements held to the rules: banned modules, third parties, files that are missing, stars."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from cwc.contract.closure import facts as f
from cwc.contract.closure.boundary import crossings
from cwc.contract.closure.outside import STANDARD, canonical, foreign_module
from cwc.contract.closure.project import Found as Located
from cwc.contract.closure.scopes import ImportSite, Scope, View
from cwc.contract.rules.rule import Found, Rule

if TYPE_CHECKING:
    from cwc.contract.closure.inspect import Inspector

DEFERRED = frozenset({"secrets", "random", "importlib", "threading", "pickle"})
"""Banned modules that have something harmless: their import is judged by what is used of them."""
_FINE_PARTS = {"importlib": frozenset({"metadata", "resources", "abc"})}

Finding = tuple[Rule, Found]


def import_findings(inspector: Inspector, view: View) -> Iterator[Finding]:
    """What is wrong with the imports of a module, those by call included."""
    for site in view.imports:
        found = inspector.evaluator.world.find(site.imported, view.file)
        if found is None:
            yield from _of_outside(inspector, view, site)
        else:
            yield from _of_inside(inspector, view, site, found)
            yield from _of_either(inspector, site)


def _of_either(inspector: Inspector, site: ImportSite) -> Iterator[Finding]:
    """A banned standard module that a file of the project hides. The file is followed: its folder comes first."""
    module = site.imported.module
    rule = None if site.imported.level or module not in STANDARD else inspector.table.module(module)
    if rule is not None:
        message = f"`{module}` is a file of the project here, and the standard module where its folder is not first"
        yield rule, Found(site.node, message, weight="note", subject=module)


def _of_outside(inspector: Inspector, view: View, site: ImportSite) -> Iterator[Finding]:
    table, module, name = inspector.table, site.imported.module, site.imported.name
    full = module if name in (None, "*") else f"{module}.{name}"
    root = module.partition(".")[0]
    rule = table.module(full)
    if rule is not None:
        if not _is_harmless(inspector, view, site):
            yield rule, Found(site.node, f"`{full}` is imported", subject=module)
    elif name == "*" and (root not in STANDARD or table.has_members(canonical(module))):
        yield table["DET107"], Found(site.node, f"what `{module}` gives to a star import is not known here")
    elif name not in (None, "*") and (foreign := foreign_module(canonical(module), name)) is not None:
        yield table["DET305"], Found(site.node, f"`{module}.{name}` is the module `{foreign}`")
    yield from _unused_member(inspector, view, site)
    if rule is None and root not in STANDARD and root not in inspector.config.third_party:
        yield table["DET106"], Found(site.node, f"`{root}` is no module of this project and not declared as allowed")


def _unused_member(inspector: Inspector, view: View, site: ImportSite) -> Iterator[Finding]:
    """A banned member that is imported and not used here can only be there for others to use."""
    name = site.imported.name
    if name in (None, "*"):
        return
    canon = canonical(f"{canonical(site.imported.module)}.{name}")
    rule = inspector.table.surely(canon)
    if rule is not None and not view.reads(site.bound) and view.mentions(site.bound) == 1:
        yield rule, Found(site.node, f"`{canon}` is imported")


def _is_harmless(inspector: Inspector, view: View, site: ImportSite) -> bool:
    """Whether an import of a banned module only serves what is harmless in it."""
    module, name = site.imported.module, site.imported.name
    root = module.partition(".")[0]
    if root not in DEFERRED:
        return False
    part = module.split(".")[1] if "." in module else name
    if part in _FINE_PARTS.get(root, ()):
        return True
    if not isinstance(site.node, ast.stmt):
        return False
    if name is not None:
        return name != "*" and _is_fine_member(inspector, view, f"{root}.{name}", site.bound)
    if "." in module:
        return False
    uses = view.reads(site.bound)
    return bool(uses) and all(_is_fine_use(inspector, view, node, scope) for node, scope in uses)


def _is_fine_member(inspector: Inspector, view: View, name: str, bound: str) -> bool:
    """Whether a member is one that rules leave alone, or judge by each call."""
    if inspector.table.surely(name) is not None:
        return False
    uses = view.reads(bound)
    return bool(uses) and not any(
        found for node, scope in uses for found in inspector.judge(node, f.outside(name), scope)
    )


def _is_fine_use(inspector: Inspector, view: View, node: ast.Name, scope: Scope) -> bool:
    parent = view.parents.get(id(node))
    if not isinstance(parent, ast.Attribute):
        return False
    return not any(inspector.judge(parent, inspector.evaluator.facts(parent, scope), scope))


def _of_inside(inspector: Inspector, view: View, site: ImportSite, found: Located) -> Iterator[Finding]:
    if found.missing is not None:
        yield inspector.table["DET109"], Found(site.node, f"there is no module `{found.missing}` in the project")
        return
    owner = inspector.evaluator.world.view(found.module) if found.module is not None else None
    name = site.imported.name
    module = found.submodule or found.module
    if module in inspector.tools and module is not None:
        yield from _crossings(inspector, view, site, module)
        return
    if name is None or owner is None:
        return
    if name == "*":
        if owner.has_all and owner.exported is None:
            yield (
                inspector.table["DET107"],
                Found(site.node, f"`__all__` of `{owner.name}` is computed, so nobody knows what comes"),
            )
    elif found.submodule is None and owner.is_package and not _has(owner, name):
        yield inspector.table["DET109"], Found(site.node, f"`{owner.name}` has neither a module nor a name `{name}`")


def _crossings(inspector: Inspector, view: View, site: ImportSite, file: Path) -> Iterator[Finding]:
    tool_module = inspector.evaluator.world.view(file)
    if tool_module is not None:
        for node, name in crossings(inspector.evaluator, view, site, tool_module):
            message = f"`{name}` of the tool module `{tool_module.name}` is neither a tool nor a schema class"
            yield inspector.table["DET110"], Found(node, message)


def _has(owner: View, name: str) -> bool:
    known = owner.scope.names
    return name in known or "__getattr__" in known or bool(owner.stars) or name.startswith("__")
