"""Bytes → text: a flow file is UTF-8 without a byte order mark, and not too large."""

from __future__ import annotations

import codecs

from cwc.diagnostics.model import Definition, Diagnostic, Edit, Label, Report, define
from cwc.source import Source, Span, text_digest
from cwc.syntax.limits import LIMITS, Limits

TOO_LARGE = define("CWC001", "file_too_large", "error", "A flow file is too large")
NOT_UTF8 = define("CWC002", "not_utf8", "error", "A flow file is not UTF-8 text")
BYTE_ORDER_MARK = define("CWC003", "byte_order_mark", "error", "A flow file begins with a byte order mark")
BINARY = define("CWC004", "binary_content", "error", "A flow file holds a NUL character")

_OTHER_MARKS = {
    codecs.BOM_UTF32_LE: "UTF-32",
    codecs.BOM_UTF32_BE: "UTF-32",
    codecs.BOM_UTF16_LE: "UTF-16",
    codecs.BOM_UTF16_BE: "UTF-16",
}
MARK = "\ufeff"
_SAVE = "save the file as UTF-8 without a byte order mark"


def decode(path: str, data: bytes, report: Report, limits: Limits = LIMITS) -> Source | None:
    """The text of a flow file, or None where it is no such text; why, is reported.

    ``path`` is what messages call the file, ``data`` the whole content. Nothing is decoded of a file that is too large.
    A byte order mark stays in the text, see `check_mark`.
    """
    if len(data) > limits.bytes:
        message = f"the file has {len(data):,} bytes; the limit is {limits.bytes:,}"
        report.add(Diagnostic(definition=TOO_LARGE, message=message, primary=Label(path)))
        return None
    text = data.decode("utf-8", errors="replace")
    source = Source(path, text, text_digest(data))
    report.add_source(source)
    problem = _problem(source, data)
    if problem is not None:
        report.add(problem)
        return None
    return source


def check_mark(source: Source, report: Report) -> None:
    """Report a byte order mark. What stands behind it can be read all the same."""
    if source.text.startswith(MARK):
        label = Label(source.path, Span(0, 1))
        message = "the file begins with a byte order mark"
        fix = (Edit(label, ""),)
        report.add(Diagnostic(definition=BYTE_ORDER_MARK, message=message, primary=label, help=(_SAVE,), fix=fix))


def _problem(source: Source, data: bytes) -> Diagnostic | None:
    def problem(definition: Definition, message: str, offset: int, *help: str) -> Diagnostic:
        label = Label(source.path, Span(offset, offset + 1))
        return Diagnostic(definition=definition, message=message, primary=label, help=help)

    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        offset = len(data[: error.start].decode("utf-8"))
        name = next((name for mark, name in _OTHER_MARKS.items() if data.startswith(mark)), None)
        what = f"the file is {name}" if name else f"the byte 0x{data[error.start]:02X} is not UTF-8 here"
        return problem(NOT_UTF8, what, offset, _SAVE)
    position = source.text.find("\0")
    return problem(BINARY, "the file holds a NUL character", position) if position >= 0 else None
