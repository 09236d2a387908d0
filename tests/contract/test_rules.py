"""Every rule by the cases of its page: the wrong ones are found, the right ones are left alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from cwc.contract.rules.rule import PAGES
from cwc.contract.rules.table import table
from tests.contract.checking import FORM, RULES, Case, cases, found_in


@pytest.mark.parametrize("code", RULES)
def test_page_names_its_rule(code: str) -> None:
    form = FORM.fullmatch((PAGES / f"{code}.md").read_text("utf-8"))
    assert form is not None
    assert (form["code"], form["slug"]) == (code, table()[code].definition.slug)


def test_every_page_has_a_rule() -> None:
    assert sorted(path.stem for path in PAGES.glob("*.md")) == RULES


@pytest.mark.parametrize("case", cases("wrong"), ids=str)
def test_wrong(case: Case, tmp_path: Path) -> None:
    found = found_in(dict(case.files), tmp_path, case.paths, case.config)
    assert case.code in {code for _, code, _, _ in found}


@pytest.mark.parametrize("case", cases("right"), ids=str)
def test_right(case: Case, tmp_path: Path) -> None:
    found = found_in(dict(case.files), tmp_path, case.paths, case.config)
    assert [each for each in found if each[0] != "note"] == []
