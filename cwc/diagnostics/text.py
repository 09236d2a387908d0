"""A report as text for people: each diagnostic with the lines that it speaks of, and a line that counts them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from cwc.diagnostics.excerpt import Frame, excerpt
from cwc.diagnostics.model import SEVERITIES, Diagnostic, Label, Report, Severity, SeveritySettings
from cwc.diagnostics.terminal import Colour, Ink, visible


def render_text(report: Report, settings: SeveritySettings, *, color: bool) -> str:
    """The diagnostics by file, line, column and code, then how many there are; no newline at the end.

    Those whose severity is "off" are left out; the text is empty if none remains. Help that is not of the place alone
    stands with the first diagnostic that it is for. No control character of a flow file or a message comes through.
    ``color`` adds SGR escape sequences.
    """
    ink = Ink(color)
    shown = report.shown(settings)
    blocks = []
    said: set[tuple[str, str]] = set()
    for diagnostic, severity in shown:
        general = [(diagnostic.code, text) for text in (*diagnostic.general, f"run `cwc explain {diagnostic.code}`")]
        help = (*diagnostic.help, *(text for code, text in general if (code, text) not in said))
        said.update(general)
        blocks.append("\n".join(_block(report, diagnostic, severity, help, ink)))
    return "\n\n".join([*blocks, _summary(shown)]) if blocks else ""


def _block(report: Report, diagnostic: Diagnostic, severity: Severity, help: Iterable[str], ink: Ink) -> Iterator[str]:
    labels = [label for label in (diagnostic.primary, *diagnostic.related) if label is not None]
    places = [place for place in map(report.place, labels) if place is not None]
    width = max((len(str(place.end_line)) for place in places), default=1)
    yield from _heading(f"{severity}[{diagnostic.code}]", diagnostic.message, severity, ink)
    if diagnostic.primary is not None:
        yield from _at(report, diagnostic.primary, Frame(width, ink, severity))
    for label in diagnostic.related:
        yield from _heading("note", label.message or "see also", "note", ink)
        yield from _at(report, Label(label.path, label.at), Frame(width, ink, "note"))
    if diagnostic.chain:
        hops = (f"{_where(report, label)}: {label.message}".removesuffix(": ") for label in diagnostic.chain)
        yield from _aside("note", "\n".join(("this is how it comes there:", *hops)), width, ink)
    for text in help:
        yield from _aside("help", text, width, ink)


def _heading(title: str, message: str, colour: Colour, ink: Ink) -> Iterator[str]:
    first, *rest = _lines(message)
    yield ink(title, colour) + ink(f": {first}", "strong")
    yield from (f"  {line}".rstrip() for line in rest)


def _at(report: Report, label: Label, frame: Frame) -> Iterator[str]:
    """Where a label points; of a whole file only the path."""
    place = report.place(label)
    yield " " * frame.width + frame.ink("-->", "frame") + f" {visible(_where(report, label))}"
    if place is not None:
        yield from excerpt(report.sources[label.path], place, label.message, frame)
    elif label.message:
        yield from _aside("note", label.message, frame.width, frame.ink)


def _where(report: Report, label: Label) -> str:
    place = report.place(label)
    return label.path if place is None else str(place)


def _aside(title: str, text: str, width: int, ink: Ink) -> Iterator[str]:
    """A line that belongs to a diagnostic and to no place; further lines stand under its text."""
    first, *rest = _lines(text)
    yield " " * (width + 1) + ink("=", "frame") + " " + ink(f"{title}:", "strong") + f" {first}"
    yield from (" " * (width + 5 + len(title)) + line for line in rest)


def _lines(text: str) -> list[str]:
    return [visible(line.removesuffix("\r")) for line in text.split("\n")]


def _summary(shown: list[tuple[Diagnostic, Severity]]) -> str:
    """How many there are of each severity, e.g. "2 errors, 1 warning in 3 files"."""
    counts = Counter(severity for _, severity in shown)
    files = {diagnostic.primary.path for diagnostic, _ in shown if diagnostic.primary is not None}
    text = ", ".join(counted(counts[severity], severity) for severity in SEVERITIES if counts[severity])
    return f"{text} in {counted(len(files), 'file')}" if files else text


def counted(number: int, noun: str) -> str:
    """A number of things in words, e.g. "1 file" and "2 files"."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
