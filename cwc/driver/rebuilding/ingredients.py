"""All that a module is made of as one digest: flows with the same ingredients are the same module."""

from __future__ import annotations

import hashlib
import json
import os
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import astuple, dataclass, field
from importlib.util import find_spec
from pathlib import Path

import pydantic

from cwc import __version__
from cwc._resources import templates_folder
from cwc.driver.compiled import CompiledFlow
from cwc.driver.rebuilding.freezing import Freezer
from cwc.driver.tools.lock import used_tools
from cwc.driver.tools.references import references_of
from cwc.plan.interface import FlowSpec
from cwc.plan.lower import Settings
from cwc.plan.tools import ModelSpec, Toolbox, ToolSpec
from cwc.runtime import generated

_CODE = Path(__file__).resolve().parents[2]


class _UnknownError(Exception):
    """There is something of which it cannot be told what it is."""


@dataclass(slots=True)
class Ingredients:
    """The digests of the flows of one build set; those that others run are asked for first."""

    _flows: dict[str, str] = field(default_factory=dict)
    _facts: dict[int, tuple[ToolSpec | ModelSpec, str]] = field(default_factory=dict)
    _kitchen: str = field(default_factory=lambda: _digest(list(_kitchen())))

    def of(self, flow: CompiledFlow, toolbox: Toolbox, settings: Settings) -> str | None:
        """The digest, in hex, of a sound flow that was lowered with these tools and settings; None if it has none.

        Of tools and classes it is what a lock holds of them, which is all that may decide about generated code.
        """
        try:
            told = list(self._told(flow, toolbox, settings))
        except _UnknownError:
            return None
        digest = self._flows[flow.document.path] = _digest(told)
        return digest

    def _told(self, flow: CompiledFlow, toolbox: Toolbox, settings: Settings) -> Iterator[object]:
        document = flow.document
        yield self._kitchen
        yield document.tree.source.text
        yield flow.plan.source
        yield astuple(settings)
        models, errors = references_of([document])
        yield {name: self._of_facts(toolbox.tools.get(name)) for name in used_tools([document])}
        yield {text: self._of_facts(toolbox.models.get(text)) for text in models}
        yield sorted(errors)
        yield {name: self._of_flow(toolbox.flows.get(name)) for name in {spec.name for spec in flow.plan.flows}}

    def _of_facts(self, facts: object) -> str:
        if not isinstance(facts, ToolSpec | ModelSpec):
            raise _UnknownError
        known = self._facts.get(id(facts))
        if known is None:
            freezer = Freezer()
            try:
                digest = _digest([freezer.freeze(facts), freezer.classes, freezer.tables])
            except (TypeError, ValueError, RecursionError) as error:
                raise _UnknownError from error
            # With the facts themselves, so that no others come to have their identity.
            known = self._facts[id(facts)] = facts, digest
        return known[1]

    def _of_flow(self, called: object) -> list[str]:
        if not isinstance(called, FlowSpec) or called.path not in self._flows:
            raise _UnknownError
        return [self._flows[called.path], called.module]


def _digest(told: object) -> str:
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()


def _kitchen() -> Iterator[object]:
    """What makes modules: versions, and code that may change without one, under development, by stat."""
    yield from (__version__, sys.version, pydantic.VERSION, generated.FORMAT, generated.__all__)
    engine = find_spec("jinja2")
    if engine is not None and engine.origin is not None:
        yield from _stats(os.path.dirname(engine.origin), ".py")
    yield from _stats(_CODE, ".py")
    yield from _stats(templates_folder(), ".j2")


def _stats(top: str | Path, suffix: str) -> Iterator[list[object]]:
    for folder, folders, names in os.walk(top):
        folders.sort()
        for name in sorted(names):
            if name.endswith(suffix):
                with suppress(OSError):
                    status = os.stat(os.path.join(folder, name))
                    yield [name, status.st_size, status.st_mtime_ns]
