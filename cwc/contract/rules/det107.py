"""DET107: star imports whose names cannot be known; the check of imports raises it."""

from __future__ import annotations

from cwc.contract.finding import STAR_IMPORT
from cwc.contract.rules.rule import Rule

RULE = Rule(definition=STAR_IMPORT, instead="import the names that you use")
