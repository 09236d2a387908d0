"""DET902: a comment allows a finding that is not there; raised where findings are weighed."""

from __future__ import annotations

from cwc.contract.rules.rule import Rule, defined

RULE = Rule(
    definition=defined("DET902", "unused_suppression", "error", "A comment allows a finding that is not there"),
    instead="remove the comment",
)
