"""A finding survives every kind of block around it; silence survives new names."""

from __future__ import annotations

import ast
from collections.abc import Callable
from pathlib import Path
from textwrap import indent

import pytest

from tests.contract.checking import Case, cases, codes_of, found_in

BLOCKS: dict[str, str] = {
    "if": "if FLAG:\n{}",
    "else": "if FLAG:\n    pass\nelse:\n{}",
    "elif": "if FLAG:\n    pass\nelif FLAG:\n{}",
    "try": "try:\n{}\nfinally:\n    pass",
    "except": "try:\n    pass\nexcept ValueError:\n{}",
    "except group": "try:\n    pass\nexcept* ValueError:\n{}",
    "finally": "try:\n    pass\nfinally:\n{}",
    "with": "with FLAG:\n{}",
    "for": "for _ in FLAG:\n{}",
    "while": "while FLAG:\n{}",
    "match": "match FLAG:\n    case 1:\n    {}",
    "class": "class Around:\n{}",
    "function": "def around():\n{}",
    "coroutine": "async def around():\n{}",
    "async with": "async def around():\n    async with FLAG:\n    {}",
    "async for": "async def around():\n    async for _ in FLAG:\n    {}",
    "method": "class Around:\n    def around(self):\n    {}",
    "nested": "def around():\n    def within():\n    {}\n    return within",
}
# These speak of the top of a module, of names that only a module has, or of comments.
AT_TOP = {"DET107", "DET502", "DET503", "DET901", "DET902", "DET903", "DET904"}
OF_MODULES = {"DET501"}
WRONG = [case for case in cases("wrong") if case.single is not None and not case.config and case.code not in AT_TOP]
RIGHT = [case for case in cases("right") if case.single is not None and not case.config and case.code not in AT_TOP]


def wrapped(text: str, block: str) -> str:
    template = BLOCKS[block]
    margin = "        " if "    {}" in template else "    "
    inside = indent(text.strip("\n"), margin).removeprefix(margin)
    if "    {}" in template:
        return "FLAG = object\n" + template.replace("    {}", "        " + inside) + "\n"
    return "FLAG = object\n" + template.replace("{}", margin + inside) + "\n"


def in_expression(text: str, around: Callable[[str], str]) -> str | None:
    """The last ``return`` of a case wrapped in an expression, if it has one."""
    lines = text.rstrip().split("\n")
    if not lines[-1].lstrip().startswith("return "):
        return None
    head, value = lines[-1].split("return ", 1)
    return "\n".join([*lines[:-1], f"{head}return {around(value)}"]) + "\n"


EXPRESSIONS: dict[str, Callable[[str], str]] = {
    "lambda": lambda value: f"(lambda: ({value}))()",
    "list comprehension": lambda value: f"[({value}) for _ in (1,)]",
    "generator": lambda value: f"next(({value}) for _ in (1,))",
    "dict comprehension": lambda value: "{1: (" + value + ") for _ in (1,)}",
    "conditional": lambda value: f"({value}) if bool else None",
    "operator": lambda value: f"None or ({value})",
    "walrus": lambda value: f"(kept := ({value}))",
    "subscript": lambda value: f"[({value})][0]",
    "argument": lambda value: f"repr(({value}))",
}


@pytest.mark.parametrize("block", BLOCKS)
def test_findings_survive_blocks(block: str, tmp_path: Path) -> None:
    lost = []
    chosen = [case for case in WRONG if case.code not in OF_MODULES or block not in ("function", "coroutine", "nested")]
    files: dict[str, str] = {}
    for case in chosen:
        text = wrapped(case.single or "", block)
        # What a class body binds is not seen by the functions in it: they would not run.
        if _is_python(text) and not (block == "class" and ("def " in text or text.count("class ") > 1)):
            files[f"{case}.py"] = text
    found = found_in(files, tmp_path)
    for case in chosen:
        codes = {code for _, code, path, _ in found if path == f"{case}.py"}
        if f"{case}.py" in files and case.code not in codes and not _lives_at_top(case, block):
            lost.append(f"{case} in {block}: {sorted(codes)}")
    assert len(files) > 20
    assert lost == []


@pytest.mark.parametrize("kind", EXPRESSIONS)
def test_findings_survive_expressions(kind: str, tmp_path: Path) -> None:
    files = {}
    for case in WRONG:
        text = in_expression(case.single or "", EXPRESSIONS[kind])
        if text is not None and _is_python(text):
            files[f"{case}.py"] = text
    found = found_in(files, tmp_path)
    lost = [
        name for name in files if name.partition("_")[0] not in {code for _, code, path, _ in found if path == name}
    ]
    assert len(files) > 40
    assert lost == []


@pytest.mark.parametrize("case", RIGHT, ids=str)
def test_silence_survives_new_names(case: Case, tmp_path: Path) -> None:
    """Every name that a right case binds itself is bound to another as well, and used under it."""
    text = case.single or ""
    tree = ast.parse(text)
    own = [node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.ClassDef)]
    again = "".join(f"\n{name}_again = {name}\nthrice = ({name}_again, {name})\n" for name in own)
    assert codes_of(text + again, tmp_path) == set()


def _is_python(text: str) -> bool:
    try:
        compile(text, "case", "exec", dont_inherit=True)
    except SyntaxError:
        return False
    return True


def _lives_at_top(case: Case, block: str) -> bool:
    """State of a function's own call, or of a class that is made anew, is none that outlives a run."""
    return case.code == "DET501" and block in (
        "class",
        "method",
        "function",
        "coroutine",
        "nested",
        "async with",
        "async for",
    )
