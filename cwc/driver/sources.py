"""Flow files on the disk → sources."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from cwc.diagnostics.model import Report
from cwc.driver.files import display_path, read_bytes
from cwc.source import Source
from cwc.syntax import decode


def read_source(path: Path, report: Report, texts: Mapping[str, bytes], here: str | None = None) -> Source | None:
    """The text of a flow file, as on the disk but for those in ``texts``; or None and a diagnostic.

    ``here`` is the working directory, where that is known.
    """
    shown = display_path(path, here)
    data = texts[shown] if shown in texts else read_bytes(path, report)
    return None if data is None else decode(shown, data, report)
