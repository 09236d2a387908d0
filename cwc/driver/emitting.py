"""Plans to modules that keep the contract: apart from the compiler, for what only checks needs none of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from pathlib import Path

from cwc.contract import Allowed
from cwc.driver.compiled import CompiledFlow
from cwc.driver.rebuilding.ingredients import Ingredients
from cwc.driver.rebuilding.kept_modules import KeptModules
from cwc.driver.rebuilding.proven import remembering_shapes
from cwc.driver.verifying import Module, verification
from cwc.emit.render import Artifact, emit
from cwc.plan.lower import Settings
from cwc.plan.tools import Toolbox
from cwc.runtime import generated

FACADE = tuple(generated.__all__)

Emit = Callable[[CompiledFlow, Toolbox, Settings], CompiledFlow]
"""Gives a sound flow, lowered with some tools and settings, its module."""


@contextmanager
def emission(modules: int, jobs: int | None, root: Path | None) -> Iterator[Emit]:
    """What gives flows their modules, about so many; in the end they have all passed the contract.

    Modules and shapes that are known to pass are kept in the user's cache for the project in the folder ``root``; None
    is no project, and nothing is read or kept. Raises ContractError if a module breaks the contract.
    """
    facade = frozenset(FACADE)
    known = nullcontext() if root is None else remembering_shapes(root)
    kept, ingredients = (None, None) if root is None else (KeptModules(root), Ingredients())
    new: dict[str, Artifact] = {}
    with known, verification(modules, jobs) as contract:

        def emitted(flow: CompiledFlow, toolbox: Toolbox, settings: Settings) -> CompiledFlow:
            digest = None if ingredients is None else ingredients.of(flow, toolbox, settings)
            artifact = None if kept is None or digest is None else kept.recall(digest)
            if artifact is None:
                artifact = emit(flow.plan, generated.FORMAT, FACADE)
                contract.check(Module(artifact.text, flow.file, Allowed(artifact.imports, facade)))
                if digest is not None:
                    new[digest] = artifact
            return replace(flow, artifact=artifact)

        yield emitted
    if kept is not None:
        kept.keep(new)
