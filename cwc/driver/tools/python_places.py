"""Labels for lines of Python files, which diagnostics about tools point to."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

from cwc.diagnostics.model import Label, Report
from cwc.driver.files import display_path, read_bytes
from cwc.runtime.tools.making import Tool
from cwc.source import Source, Span, digest_of


def label_of_line(file: str, line: int | None, report: Report, message: str = "") -> Label:
    """A label for the text of a line, counted from 1, of a file whose source is added to the report."""
    path = Path(file)
    shown = display_path(path)
    data = read_bytes(path, Report())
    if data is None or line is None:
        return Label(shown, None, message)
    source = Source(shown, data.decode(errors="replace"), digest_of(data))
    report.add_source(source)
    starts = [0, *(end.end() for end in re.finditer(r"\r\n|\r|\n", source.text))]
    text = source.line_text(line)
    start = starts[min(line, len(starts)) - 1] + len(text) - len(text.lstrip())
    return Label(shown, Span(start, start + len(text.strip())), message)


def label_of_tool(tool: Tool, report: Report, message: str = "") -> Label | None:
    """A label for where the function of a tool begins; None if it is not written in Python."""
    code = getattr(inspect.unwrap(tool.func), "__code__", None)
    return label_of_line(code.co_filename, code.co_firstlineno, report, message) if code else None
