"""DET110: banned modules that are reached through others; the check of the closure raises it."""

from __future__ import annotations

from cwc.contract.rules.rule import Rule, defined

RULE = Rule(
    definition=defined("DET110", "reached_banned_module", "error", "A module reaches a banned one through others"),
    instead="move what needs it into a tool, or carve the import out with a reason in [tool.cwc.contract]",
)
