"""The flow language: what a flow file says, as a document in which every mistake has been reported."""

from __future__ import annotations

from cwc.language.document import Document
from cwc.language.read import read_document

__all__ = ["Document", "read_document"]
