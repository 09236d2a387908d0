"""Every kind of finding that cwc has, for `cwc explain` and for the tests that walk them all."""

from __future__ import annotations

import importlib
import pkgutil

from cwc.diagnostics.model import Definition
from cwc.diagnostics.pages import all_definitions as imported_definitions

_GROUPS = ("driver.contract", "driver.rebuilding", "driver.tools", "driver.writing")


def all_definitions() -> list[Definition]:
    """Every kind of finding, by code. Imports the modules that define them."""
    for package in ("syntax", "language", "plan", "checks", "contract", "contract.rules", "driver", *_GROUPS):
        _import_all(f"cwc.{package}")
    return imported_definitions()


def names() -> set[str]:
    """The codes and slugs of all kinds of findings."""
    return {name for definition in all_definitions() for name in (definition.code, definition.slug)}


def _import_all(package: str) -> None:
    module = importlib.import_module(package)
    for entry in pkgutil.iter_modules(module.__path__, f"{package}."):
        importlib.import_module(entry.name)
