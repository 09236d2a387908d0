"""The determinism contract: what generated code may hold, checked by libcst on the text itself."""

from __future__ import annotations

from cwc.contract.finding import ContractError, Finding
from cwc.contract.generated import Allowed, check_generated, expect_clean

__all__ = ["Allowed", "ContractError", "Finding", "check_generated", "expect_clean"]
