"""DET904: the baseline lists a finding that is not there any more; raised where findings are weighed."""

from __future__ import annotations

from cwc.contract.rules.rule import Rule, defined

RULE = Rule(
    definition=defined("DET904", "stale_baseline", "warning", "The baseline lists a finding that is gone"),
    instead="run `cwc contract … --update-baseline`, which takes it off the list",
)
