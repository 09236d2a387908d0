"""DET705: generated modules that were edited; the check of generated files raises it."""

from __future__ import annotations

from cwc.contract.rules.rule import Rule, defined

RULE = Rule(
    definition=defined("DET705", "digest_mismatch", "error", "A generated module is not as cwc wrote it"),
    instead="change the flow and run `cwc build`; `--force` replaces what was edited",
)
