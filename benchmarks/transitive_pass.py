"""What one writes in an afternoon: names resolved through import statements, files followed through imports.

The measure of what bindings, reflection and order cost the contract checker beyond this.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from benchmarks.banned_names import CALLS, MODULES

BANNED = {*CALLS, *MODULES}
BUILTINS = {"eval", "exec", "open", "__import__", "compile", "input", "id", "hash"}
ANY = "found"


def transitive(folder: Path, paths: Sequence[str]) -> Mapping[str, set[str]]:
    todo = [
        one for path in paths for one in ([folder / path] if path.endswith(".py") else (folder / path).rglob("*.py"))
    ]
    found: dict[str, set[str]] = {}
    seen: set[Path] = set()
    while todo:
        path = todo.pop()
        if path in seen:
            continue
        seen.add(path)
        try:
            tree = ast.parse(path.read_text("utf-8"))
        except SyntaxError:
            found[path.relative_to(folder).as_posix()] = {ANY}
            continue
        aliases = dict(_aliases(tree, path, folder))
        if any(_banned(name) for name in aliases.values()) or any(_uses(tree, aliases)):
            found[path.relative_to(folder).as_posix()] = {ANY}
        todo.extend(file for name in aliases.values() for file in _files(name, folder))
    return found


def _banned(name: str) -> bool:
    parts = name.split(".")
    return any(".".join(parts[:end]) in BANNED for end in range(1, len(parts) + 1))


def _aliases(tree: ast.Module, path: Path, folder: Path) -> Iterator[tuple[str, str]]:
    """Local names and the dotted names that they were imported as; those under TYPE_CHECKING are left out."""
    typing = {id(one) for node in ast.walk(tree) for one in _typing_only(node)}
    for node in ast.walk(tree):
        if id(node) in typing:
            continue
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.asname or alias.name, alias.name
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                package = path.relative_to(folder).parts[: -node.level]
                base = ".".join((*package, *filter(None, [base])))
            for alias in node.names:
                yield alias.asname or alias.name, f"{base}.{alias.name}"


def _typing_only(node: ast.AST) -> Iterator[ast.AST]:
    if (
        isinstance(node, ast.If)
        and ast.unparse(node.test).endswith("TYPE_CHECKING")
        and "not " not in ast.unparse(node.test)
    ):
        for statement in node.body:
            yield from ast.walk(statement)


def _uses(tree: ast.Module, aliases: Mapping[str, str]) -> Iterator[bool]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Name | ast.Attribute):
            dotted = ast.unparse(node)
            root, _, rest = dotted.partition(".")
            if root in aliases:
                yield _banned(f"{aliases[root]}.{rest}".rstrip("."))
            else:
                yield dotted in BUILTINS


def _files(name: str, folder: Path) -> Iterator[Path]:
    parts = name.split(".")
    for root in (folder, folder / "src"):
        for end in range(1, len(parts) + 1):
            place = root.joinpath(*parts[:end])
            yield from (one for one in (place.with_suffix(".py"), place / "__init__.py") if one.is_file())
