"""Generated modules against the closed grammar: whatever the templates cannot produce is a finding.

The pass knows nothing of the emitter. It parses the text with libcst and walks it once, without metadata; positions are
computed only if there is something to report. A text of a shape that was found clean is not parsed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

from cwc.contract.finding import ContractError, Finding
from cwc.contract.reading import parsed, too_deep, unseen
from cwc.contract.shape import shape_of

CLEAN: set[str] = set()
"""Shapes with what they may import, as digests, of texts that are Python and in which nothing was found."""


@dataclass(frozen=True, slots=True)
class Allowed:
    """What one module may import: (module, attribute) of tools and classes, and the names of the runtime's facade.

    Tools and classes are imported as ``tool_…``, ``model_…`` and ``error_…``, the facade's names as they are.
    """

    imports: frozenset[tuple[str, str]]
    facade: frozenset[str]


def check_generated(text: str, path: str, allowed: Allowed) -> list[Finding]:
    """Everything in a module that the contract does not allow, by place. ``path`` is what findings call the module.

    Text that is no Python is a finding like any other.
    """
    if is_known(text, path, allowed):
        return []
    tree = parsed(text, path)
    if isinstance(tree, Finding):
        return [tree]
    if deep := too_deep(tree, path):
        return [deep]
    # libcst takes longer to import than a small build takes, and a run of `cwc` may end without needing it.
    from cwc.contract.grammar.check import findings, is_clean

    shape = shape_of(text)
    if shape is not None and is_clean(shape, allowed.imports, allowed.facade):
        CLEAN.add(_digest(shape, allowed))
        return []
    return findings(text, path, allowed.imports, allowed.facade)


def is_known(text: str, path: str, allowed: Allowed) -> bool:
    """Whether a module is clean because its shape is; False where it is yet to be looked at."""
    shape = shape_of(text)
    return shape is not None and _digest(shape, allowed) in CLEAN and unseen(text, path) is None


def expect_clean(text: str, path: str, allowed: Allowed) -> None:
    """Raise ContractError unless a module that was just generated keeps the contract."""
    found = check_generated(text, path, allowed)
    if found:
        raise ContractError(found)


def _digest(shape: str, allowed: Allowed) -> str:
    told: Iterable[str] = (shape, *(".".join(each) for each in sorted(allowed.imports)), "", *sorted(allowed.facade))
    return hashlib.sha256("\0".join(told).encode(errors="surrogatepass")).hexdigest()
