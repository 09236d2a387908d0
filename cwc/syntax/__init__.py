"""Flow files as text: bytes are decoded, and text becomes a tree in which every value knows its place."""

from __future__ import annotations

from cwc.syntax.decoding import decode
from cwc.syntax.limits import LIMITS, Limits
from cwc.syntax.parsing import parse
from cwc.syntax.tree import Tree

__all__ = ["LIMITS", "Limits", "Tree", "decode", "parse"]
