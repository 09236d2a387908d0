"""Any Python, cut, doubled and mixed: the contract says something typed of it, and ends."""

from __future__ import annotations

import ast
import copy
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from datetime import date
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cwc.contract.closure.check import check_closure
from cwc.contract.closure.project import Locator
from cwc.contract.closure.world import World
from cwc.contract.configuration import ContractConfig
from cwc.contract.rules.table import table
from tests.contract.corpus_cases import packages, snippets

TODAY = date(2026, 1, 1)
ODD = (
    b"\xef\xbb\xbf",
    b"\x0c",
    b"\x00",
    b"\r",
    b"\xff",
    b"# -*- coding: latin-1 -*-\n",
    b"# coding: utf-7\n",
    b"\\\n",
    b"x = '\\ud800'\n",
    b"type X[T] = list[T]\n",
    b"def f[T: int](x: T) -> T: ...\n",
    b"class C[*Ts, **P]: ...\n",
    b"x = f'{f'{1}'}'\n",
    b"x = t'{y}'\n",
    b"lazy import random\n",
    b"match x:\n    case [a, *b] | {'k': a, **b}: pass\n",
    b"y = [z := 1 for x in range(3) if (w := x)]\n",
    b"async def f():\n    return [[y async for y in x] async for x in z]\n",
    b"@(lambda c: c)\nclass D(metaclass=type): ...\n",
    b"def __getattr__(name): return __import__(name)\n",
    b"from . import *\n",
    b"from .. import gone\n",
    b"import main\n",
    b"from main import *\n",
    b"__all__ = [n for n in dir()]\n",
    b"if x:\n    __all__ = ['a']\nelse:\n    __all__ += ('b',)\n",
    b"try: pass\nexcept* ValueError as e: e()\n",
    b"def f(a, /, b=..., *c, d: int = 1, **e): a(*b, **e)\n",
    b"x: int; (y): int = 1\n",
    b"del x, y[0], z.a\n",
    b"a = b = [a, *b]; a.append(a); a[0] = a\n",
    b"class E(E.F): F = E\n",
    b"def g(): return g()\n",
    b"x = lambda: (yield)\n",
    b"global q; nonlocal r\n",
    b"def h():\n    global h, a\n    nonlocal b\n",
    b"with a as b, (c as d): pass\n",
    b"*a, b = c\n",
    b"for x.y in z: pass\n",
    b"for a[0], *b in c: pass\n",
    b"from time import time as \xef\xbd\x94\n",
    b"assert (x, 'y')\n",
    b"(" * 150 + b"1" + b")" * 150 + b"\n",
    b"x = " + b"-" * 3000 + b"1\n",
    b"x = " + b"1+" * 3000 + b"1\n",
    b"x" * 40_000 + b"\n",
    b"x = " + b"f(" * 90 + b")" * 90 + b"\n",
    b"x" + b".a" * 2000 + b"\n",
    b"x" + b"()" * 1500 + b"\n",
)
"""What stands seldom in source code, in whole lines or not."""


@cache
def sources() -> Sequence[bytes]:
    """Real modules: the corpus, and cwc's own contract."""
    found = [case.text.encode() for kind in ("core", "extended", "fine") for case in snippets(kind)]
    found += [text.encode() for case in packages() for _, text in case.files]
    folder = Path(check_closure.__code__.co_filename).parent
    return found + [path.read_bytes() for path in sorted(folder.glob("*.py"))]


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    """One or two modules, taken apart by lines or tokens and put together otherwise."""
    choice = st.integers(0, len(sources()) - 1)
    whole = sources()[draw(choice)] + (sources()[draw(choice)] if draw(st.booleans()) else b"")
    glue = draw(st.sampled_from((b"\n", b"\n\n", b"\n\n", b" ", b"(")))
    parts = whole.split(glue)
    for _ in range(draw(st.integers(0, 6))):
        at, other = draw(st.integers(0, len(parts) - 1)), draw(st.integers(0, len(parts) - 1))
        match draw(st.sampled_from(("delete", "double", "swap", "odd", "splice", "indent"))):
            case "delete" if len(parts) > 1:
                del parts[at]
            case "double":
                parts.insert(at, parts[at])
            case "swap":
                parts[at], parts[other] = parts[other], parts[at]
            case "odd":
                parts.insert(
                    at, draw(st.sampled_from(ODD)).rstrip(b"\n") if glue == b"\n" else draw(st.sampled_from(ODD))
                )
            case "splice":
                parts = parts[: at + 1] + draw(st.sampled_from(sources())).split(glue)[:40]
            case "indent":
                parts[at:] = [b"if x:", *(b"    " + part for part in parts[at:])]
    return glue.join(parts)


@cache
def trees() -> Sequence[ast.Module]:
    found = []
    for data in sources():
        with suppress(SyntaxError, ValueError):
            found.append(ast.parse(data))
    return found


@st.composite
def grafted(draw: st.DrawFn) -> bytes:
    """A module in which expressions and statements of others stand in the place of its own, at any depth."""
    random = draw(st.randoms(use_true_random=False))
    tree = copy.deepcopy(random.choice(trees()))
    for _ in range(random.randint(1, 12)):
        nodes = list(ast.walk(tree))
        others = list(ast.walk(random.choice([tree, random.choice(trees())])))
        node = random.choice(nodes)
        for name, value in ast.iter_fields(node):
            if isinstance(value, ast.expr) and isinstance(getattr(value, "ctx", ast.Load()), ast.Load):
                expressions = [each for each in others if isinstance(each, ast.expr) and _is_read(each)]
                if expressions and random.random() < 0.5:
                    setattr(node, name, copy.deepcopy(random.choice(expressions)))
            elif isinstance(value, list) and value and isinstance(value[0], ast.stmt):
                statements = [each for each in others if isinstance(each, ast.stmt)]
                if statements:
                    value.insert(random.randint(0, len(value)), copy.deepcopy(random.choice(statements)))
        if sum(1 for _ in ast.walk(tree)) > 3000:
            break
    try:
        return ast.unparse(tree).encode("utf-8", "surrogatepass")
    except (ValueError, RecursionError):
        return b""


def _is_read(node: ast.expr) -> bool:
    plain = not isinstance(node, ast.Starred | ast.Slice | ast.FormattedValue)
    return plain and isinstance(getattr(node, "ctx", ast.Load()), ast.Load)


def found_in(files: dict[str, bytes]) -> list[tuple[str, str]]:
    """Codes and messages of a check of files that import each other."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        for name, data in files.items():
            (folder / name).parent.mkdir(exist_ok=True)
            (folder / name).write_bytes(data)
        world = World(Locator((folder,)), str)
        named = [folder / name for name in files]
        checked = check_closure(named, world, ContractConfig(), frozenset(), TODAY)
        for file in named:
            world.text(file)
    return [(one.code, one.message) for one in checked.violations]


@given(st.lists(mutated() | grafted(), min_size=1, max_size=3))
def test_mutated_sources(texts: list[bytes]) -> None:
    names = ("main.py", "other/__init__.py", "other/main.py")
    found = found_in(dict(zip(names, texts, strict=False)))
    assert {code for code, _ in found} <= {*table().rules}
    assert all(message for _, message in found)


@pytest.mark.long
@settings(max_examples=5000)
@given(st.lists(mutated() | grafted(), min_size=1, max_size=3))
def test_many_mutated_sources(texts: list[bytes]) -> None:
    test_mutated_sources.hypothesis.inner_test(texts)  # type: ignore[attr-defined]
