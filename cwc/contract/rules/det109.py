"""DET109: imports of modules that the project should have; the check of imports raises it."""

from __future__ import annotations

from cwc.contract.rules.rule import Rule, defined

RULE = Rule(
    definition=defined(
        "DET109", "unresolved_local_import", "error", "A module of the project is imported that is not there"
    ),
    instead="mend the import: what cannot be read cannot be checked",
)
