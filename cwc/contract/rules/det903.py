"""DET903: a comment allows a finding until a day that has passed; raised where findings are weighed."""

from __future__ import annotations

from cwc.contract.rules.rule import Rule, defined

RULE = Rule(
    definition=defined(
        "DET903", "expired_suppression", "error", "A comment allowed a finding until a day that has passed"
    ),
    instead="mend the finding, or say until when it may stay",
)
