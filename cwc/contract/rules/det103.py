"""DET103: sources of randomness."""

from __future__ import annotations

from cwc.contract.rules.rule import Rule, defined

RULE = Rule(
    definition=defined("DET103", "entropy_import", "error", "A module imports a source of randomness"),
    instead="take the random value, or a seed, as an input of the flow",
    modules=frozenset(
        [
            "random",
            "secrets",
            "numpy.random",
            "tempfile",
            "faker",
            "mimesis",
            "names",
            "randomname",
            "coolname",
            "petname",
        ]
    ),
)
