"""DET901: a comment allows a finding without saying why; raised where findings are weighed."""

from __future__ import annotations

from cwc.contract.rules.rule import Rule, defined

RULE = Rule(
    definition=defined("DET901", "suppression_without_reason", "error", "A comment allows a finding without a reason"),
    instead="write the reason behind two dashes: `# cwc: allow DET202 -- trace metadata only`",
)
