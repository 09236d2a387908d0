"""Generated modules against the closed grammar: whatever the templates cannot produce is a finding.

The pass knows nothing of the emitter. It parses the text with libcst and walks it once, without metadata; positions are
computed only if there is something to report.
"""

from __future__ import annotations

from dataclasses import dataclass

from cwc.contract.finding import ContractError, Finding


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
    # libcst takes longer to import than a small build takes, and a run of `cwc` may end without needing it.
    from cwc.contract.grammar.check import findings

    return findings(text, path, allowed.imports, allowed.facade)


def expect_clean(text: str, path: str, allowed: Allowed) -> None:
    """Raise ContractError unless a module that was just generated keeps the contract."""
    found = check_generated(text, path, allowed)
    if found:
        raise ContractError(found)
