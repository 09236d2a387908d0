"""The house rules that can be counted: sizes, docstrings, who prints and who exits."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.projects import ROOT

MODULES = sorted((ROOT / "cwc").rglob("*.py"))
LINES, FUNCTION_LINES, NESTING = 400, 60, 5
NESTS = (ast.If, ast.For, ast.AsyncFor, ast.While, ast.With, ast.AsyncWith, ast.Try, ast.Match)


def functions(tree: ast.Module) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def depth(node: ast.AST, level: int = 0) -> int:
    """How deep statements are nested. An ``elif`` is on the level of its ``if``."""
    deepest = level
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            continue
        is_elif = isinstance(node, ast.If) and isinstance(child, ast.If) and child in node.orelse
        deepest = max(deepest, depth(child, level + (isinstance(child, NESTS) and not is_elif)))
    return deepest


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_module(path: Path) -> None:
    text = path.read_text("utf-8")
    tree = ast.parse(text)
    assert text.count("\n") <= LINES
    assert ast.get_docstring(tree), "a module says in its docstring what it is for"
    for function in functions(tree):
        length = (function.end_lineno or function.lineno) - function.lineno + 1
        assert length <= FUNCTION_LINES or function.name == "__init__", f"{function.name}: {length} lines"
        assert depth(function) < NESTING, f"{function.name}: nested {depth(function)} deep"
    names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    assert "print" not in names, "nobody but a renderer or the command line shows anything"
    if path.parent.name != "cli":
        assert "sys.exit" not in text
        assert "SystemExit(" not in text


def test_modules_are_small() -> None:
    sizes = sorted(path.read_text("utf-8").count("\n") for path in MODULES)
    assert sizes[len(sizes) // 2] <= 130
    assert sizes[int(len(sizes) * 0.9)] <= 250
