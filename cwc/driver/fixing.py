"""Mending flow files: the fixes of diagnostics are made in their texts, until there is none left to make."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from cwc.diagnostics.model import SEVERITIES, Diagnostic, Label, Report, SeveritySettings
from cwc.driver.compile import GatherTools
from cwc.driver.files import read_bytes
from cwc.driver.project import Outcome, Project, Request, compile_paths, open_project, tool_gatherer
from cwc.driver.writing.output import WRITE_FAILED, Changes, apply
from cwc.source import Span, edited

MOST_ROUNDS = 100
"""How often what is left is looked at again: a mended mistake can uncover another one."""

Texts = Mapping[str, bytes]
"""Contents of files, by displayed path."""


@dataclass(frozen=True, slots=True)
class Mended:
    """What came of mending: the outcome of the last check, and how many mistakes were mended in each file."""

    outcome: Outcome
    files: Mapping[str, int] = field(default_factory=dict)


def fix_project(request: Request, report: Report) -> Mended:
    """Mend the flow files that a request is about, as far as their diagnostics have fixes, and report what is left.

    All files are written or none. What was mended once needs no mending again. Only the places of mistakes change, so
    comments, line ends and the rest of the layout stay.
    """
    project = open_project(request, report)
    if project is None:
        return Mended(Outcome(settings=SeveritySettings(strict=request.strict)))
    mending = _Mending(replace(project, emits=False), request.paths, tool_gatherer(project.config))
    before = mending.check({})
    after = mending.mend(before)
    if after.texts and not _write(after.texts, before.report, report):
        report.extend(before.report)
        return Mended(before.outcome)
    report.extend(after.report)
    return Mended(after.outcome, after.mended)


@dataclass(frozen=True, slots=True)
class _State:
    """The texts that differ from the disk, what a check of them says, and how many mistakes they were rid of."""

    texts: Texts
    outcome: Outcome
    report: Report
    mended: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True, slots=True)
class _Mending:
    project: Project
    paths: tuple[Path, ...]
    gather: GatherTools

    def check(self, texts: Texts, mended: Counter[str] | None = None) -> _State:
        report = Report()
        outcome = compile_paths(self.project, self.paths, report, gather=self.gather, texts=texts)
        return _State(texts, outcome, report, mended or Counter())

    def mend(self, state: _State) -> _State:
        """The state in which no fix is left.

        Should fixes undo each other, it is the least of those that they lead to by turns, whichever they began with.
        """
        seen = [state]
        for _ in range(MOST_ROUNDS):
            made, mended = _mended(state.report, self.project.settings)
            if not made:
                break
            texts = {**state.texts, **made}
            known = next((number for number, other in enumerate(seen) if dict(other.texts) == texts), None)
            if known is not None:
                return min(seen[known:], key=lambda other: sorted(other.texts.items()))
            state = self.check(texts, state.mended + mended)
            if state.outcome.compiled is not None and state.outcome.compiled.unread and not _unread(seen[-1]):
                return seen[-1]
            seen.append(state)
        return state


def _unread(state: _State) -> bool:
    return state.outcome.compiled is not None and bool(state.outcome.compiled.unread)


def _mended(report: Report, settings: SeveritySettings) -> tuple[dict[str, bytes], Counter[str]]:
    """The flow files with every fix made that overlaps with none before it, and how many mistakes that were.

    Errors come before warnings and notes; a fix is made as a whole or not at all.
    """
    shown = report.shown(settings)
    ranked = sorted(shown, key=lambda entry: SEVERITIES.index(entry[1]))
    taken: dict[str, dict[Span, str]] = {}
    mended: Counter[str] = Counter()
    for diagnostic, _ in ranked:
        edits = _placed(diagnostic, report)
        if edits and all(_fits(taken.get(path, {}), span, text) for path, span, text in edits):
            mended[edits[0][0]] += 1
            for path, span, text in edits:
                taken.setdefault(path, {})[span] = text
    return {path: edited(report.sources[path].text, edits).encode() for path, edits in taken.items()}, mended


def _placed(diagnostic: Diagnostic, report: Report) -> list[tuple[str, Span, str]]:
    """The edits of a fix as spans; none if one of them is not in a file that was read."""
    placed = [(edit.label.path, report.span(edit.label), edit.text) for edit in diagnostic.fix]
    known = [(path, span, text) for path, span, text in placed if span is not None and path in report.sources]
    return known if len(known) == len(placed) else []


def _fits(taken: Mapping[Span, str], span: Span, text: str) -> bool:
    """Whether an edit can be made beside others: it is one of them, or touches none."""
    if taken.get(span) == text:
        return True
    return all(span.end < other.start or other.end < span.start for other in taken)


def _write(texts: Texts, before: Report, report: Report) -> bool:
    """Write the files that were mended, all or none; whether that was done."""
    files: dict[Path, bytes] = {}
    for path, data in texts.items():
        real = Path(os.path.realpath(path))
        now = read_bytes(real, report)
        if now is None:
            return False
        if now != before.sources[path].text.encode():
            _refuse(path, "it was changed meanwhile", report)
            return False
        files[real] = data
    folder = Path(os.path.commonpath([path.parent for path in files]))
    return apply(
        Changes(out=folder, write={path.relative_to(folder).as_posix(): files[path] for path in files}), report
    )


def _refuse(path: str, why: str, report: Report) -> None:
    report.add(Diagnostic(definition=WRITE_FAILED, message=f"cannot write {path!r}: {why}", primary=Label(path)))
