"""The corpus is what it says: large enough, every case of its own, and Python where it is meant to be."""

from __future__ import annotations

import ast
import re

import pytest

from tests.contract.corpus_cases import CORPUS, packages, snippets

AT_LEAST = {"core": 200, "extended": 30, "fine": 130}
# Syntax of a Python to come, and a package with a broken file on purpose.
UNREADABLE = {"a lazy import is an import"}


@pytest.mark.parametrize("kind", AT_LEAST)
def test_snippets_are_many_and_distinct(kind: str) -> None:
    cases = list(snippets(kind))
    assert len(cases) >= AT_LEAST[kind]
    assert len({case.text for case in cases}) == len(cases)
    assert len({(case.topic, case.title) for case in cases}) == len(cases)
    for case in cases:
        assert bool(case.codes) == (kind != "fine")
        assert all(re.fullmatch(r"DET\d{3}", code) for code in case.codes)
        if case.title not in UNREADABLE:
            ast.parse(case.text)


def test_every_heading_is_read() -> None:
    for path in CORPUS.glob("*/*.txt"):
        headings = sum(line.startswith("###") for line in path.read_text("utf-8").splitlines())
        assert headings == sum(case.topic == path.stem for case in snippets(path.parent.name)), path


def test_core_covers_the_families() -> None:
    families = {code[:4] for case in snippets("core") for code in case.codes}
    assert families >= {f"DET{family}" for family in range(1, 7)}


def test_packages_are_whole() -> None:
    cases = list(packages())
    assert len(cases) >= 15
    assert {bool(case.expected) for case in cases} == {True, False}
    for case in cases:
        names = {path for path, _ in case.files}
        assert case.paths, case.name
        for path in case.paths:
            assert path in names or any(name.startswith(f"{path}/") for name in names), (case.name, path)
