"""Plans to modules that keep the contract: apart from the compiler, for what only checks needs none of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

from cwc.contract import Allowed
from cwc.driver.compiled import CompiledFlow
from cwc.driver.verifying import Module, verification
from cwc.emit.render import emit
from cwc.runtime import generated

FACADE = tuple(generated.__all__)

Emit = Callable[[CompiledFlow], CompiledFlow]


@contextmanager
def emission(modules: int, jobs: int | None) -> Iterator[Emit]:
    """What gives sound flows their modules, about so many; in the end they have all passed the contract.

    Raises ContractError if one breaks it.
    """
    facade = frozenset(FACADE)
    with verification(modules, jobs) as contract:

        def emitted(flow: CompiledFlow) -> CompiledFlow:
            artifact = emit(flow.plan, generated.FORMAT, FACADE)
            contract.check(Module(artifact.text, flow.file, Allowed(artifact.imports, facade)))
            return replace(flow, artifact=artifact)

        yield emitted
