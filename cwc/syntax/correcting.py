"""Misspelt words of a flow file: the word that was meant, and the edit that puts it there."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from difflib import get_close_matches

from cwc.diagnostics.model import Edit, Label, Report

CERTAIN = 0.75
"""How alike (of 1) a word is to the one that is put in its place; no second word may be that close."""

_LONGEST_WORD = 60
_MARKS = re.compile(r"\d+|(?<![^\W\d_])[^\W\d_](?![^\W\d_])")
"""Numbers and single letters: names that differ in these, such as ``fetch_1`` and ``fetch_2``, are no slips."""
_PLAIN = re.compile(r"[A-Za-z_/][A-Za-z0-9_./-]*(:[A-Za-z0-9_.]+)?")
_NOT_TEXT = re.compile(r"(?i)y|n|yes|no|on|off|true|false|null")
_WRITTEN = re.compile(r"[^\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]+")
_INDICATORS = tuple("'\"!&*|>%@`#,[]{}?")


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word that is closest to a misspelt one, whatever the case; None if none is close."""
    words = _folded(known)
    close = get_close_matches(word.casefold(), words, n=1) if len(word) <= _LONGEST_WORD else []
    return words[close[0]] if close else None


def surely_meant(word: str, known: Iterable[str]) -> str | None:
    """The known word that a misspelt one can be replaced by without asking; None if that is not sure."""
    words = _folded(known)
    close = get_close_matches(word.casefold(), words, n=2, cutoff=CERTAIN) if len(word) <= _LONGEST_WORD else []
    if len(close) != 1 or _MARKS.findall(close[0]) != _MARKS.findall(word.casefold()):
        return None
    return words[close[0]]


def corrected(report: Report, label: Label, old: str, known: Iterable[str], frame: str = "{}") -> tuple[Edit, ...]:
    """The edit that puts the known word that surely was meant in the place of ``old``; none if that is not sure.

    ``label`` is the place of the text, see `respelled`; ``frame`` is what stands there around the word.
    """
    meant = surely_meant(old, known)
    return () if meant is None else respelled(report, label, frame.format(old), frame.format(meant))


def respelled(report: Report, label: Label, old: str, new: str) -> tuple[Edit, ...]:
    """The edit that puts a text in the place of another, with the quotes that it has there.

    None where the text at ``label`` is not simply ``old``, but stands behind an alias, say, or on several lines.
    """
    span = report.span(label)
    if span is None or not _WRITTEN.fullmatch(new):
        return ()
    raw = report.sources[label.path].text[span.start : span.end]
    if raw == old:
        written = new if _PLAIN.fullmatch(new) and not _NOT_TEXT.fullmatch(new) else _in_quotes(new)
    elif raw == "'" + old.replace("'", "''") + "'":
        written = "'" + new.replace("'", "''") + "'"
    elif _is_json(raw, old):
        written = _in_quotes(new)
    else:
        return ()
    return (Edit(Label(label.path, span), written),)


def made_text(report: Report, label: Label) -> tuple[Edit, ...]:
    """The edit that puts a plain scalar in quotes, so that it is text as it stands there."""
    span = report.span(label)
    raw = "" if span is None else report.sources[label.path].text[span.start : span.end]
    if span is None or not _WRITTEN.fullmatch(raw) or raw.startswith(_INDICATORS):
        return ()
    return (Edit(Label(label.path, span), _in_quotes(raw)),)


def _folded(known: Iterable[str]) -> dict[str, str]:
    return {word.casefold(): word for word in known}


def _in_quotes(text: str) -> str:
    """A text as both JSON and YAML write it."""
    return json.dumps(text, ensure_ascii=False)


def _is_json(raw: str, text: str) -> bool:
    if not raw.startswith('"'):
        return False
    try:
        return bool(json.loads(raw) == text)
    except ValueError:
        return False
