"""Plans to modules that keep the contract: apart from the compiler, for what only checks needs none of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from pathlib import Path

from cwc.contract import Allowed
from cwc.driver.compiled import CompiledFlow
from cwc.driver.proven import remembering_shapes
from cwc.driver.verifying import Module, verification
from cwc.emit.render import emit
from cwc.runtime import generated

FACADE = tuple(generated.__all__)

Emit = Callable[[CompiledFlow], CompiledFlow]


@contextmanager
def emission(modules: int, jobs: int | None, root: Path | None) -> Iterator[Emit]:
    """What gives sound flows their modules, about so many; in the end they have all passed the contract.

    Shapes that are known to pass are kept in the user's cache for the project in the folder ``root``; None is no
    project, and nothing is read or kept. Raises ContractError if a module breaks the contract.
    """
    facade = frozenset(FACADE)
    known = nullcontext() if root is None else remembering_shapes(root)
    with known, verification(modules, jobs) as contract:

        def emitted(flow: CompiledFlow) -> CompiledFlow:
            artifact = emit(flow.plan, generated.FORMAT, FACADE)
            contract.check(Module(artifact.text, flow.file, Allowed(artifact.imports, facade)))
            return replace(flow, artifact=artifact)

        yield emitted
