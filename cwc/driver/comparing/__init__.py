"""What a change of a flow means: two plans compared, and the outcome in words, as JSON and as Markdown."""

from __future__ import annotations

from cwc.driver.comparing.changes import Change, Comparison
from cwc.driver.comparing.compare import compare
from cwc.driver.comparing.shown import FORMS

__all__ = ["FORMS", "Change", "Comparison", "compare"]
