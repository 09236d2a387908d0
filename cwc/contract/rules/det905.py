"""DET905: modules that cannot be read; the check of the closure raises it."""

from __future__ import annotations

from cwc.contract.finding import UNPARSABLE
from cwc.contract.rules.rule import Rule

RULE = Rule(definition=UNPARSABLE, instead="mend the file: what cannot be read cannot be checked")
