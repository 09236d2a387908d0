"""DET106: third-party packages that the project does not allow; the check of imports raises it."""

from __future__ import annotations

from cwc.contract.finding import UNDECLARED_IMPORT
from cwc.contract.rules.rule import Rule

RULE = Rule(
    definition=UNDECLARED_IMPORT,
    instead="use it in a tool, or list it under `third_party` in [tool.cwc.contract] if all of it is pure",
    weight="warning",
)
