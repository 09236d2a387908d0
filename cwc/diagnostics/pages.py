"""The explain pages of diagnostics, and the catalogue of all kinds that there are."""

from __future__ import annotations

from pathlib import Path

from cwc.diagnostics.model import CATALOGUE, Definition

PAGES = Path(__file__).resolve().parent / "pages"
"""The folder of the pages, Markdown files named after codes."""


def page(definition: Definition) -> str | None:
    """The explain page of a kind of finding, in Markdown; None if it has none."""
    path = (definition.pages or PAGES) / f"{definition.code}.md"
    return path.read_text(encoding="utf-8") if path.is_file() else None


_GROUPS = ("driver.contract", "driver.rebuilding", "driver.tools", "driver.writing")


def all_definitions() -> list[Definition]:
    """Every kind of finding that the modules imported so far define, by code."""
    return sorted(CATALOGUE.values(), key=lambda definition: definition.code)
