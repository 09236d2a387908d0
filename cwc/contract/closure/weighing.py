"""What remains of the findings of a file: those that no comment allows, and what is wrong with the comments."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

from cwc.contract.closure.suppressions import Allowance
from cwc.contract.closure.violation import Violation
from cwc.contract.configuration import ContractConfig


def weighed(
    file: Path,
    relative: str,
    found: Sequence[Violation],
    comments: Sequence[Allowance],
    config: ContractConfig,
    today: date,
) -> Iterator[Violation]:
    """The findings that count. ``relative`` is the file's path in the project, for its profiles."""
    used: set[tuple[Allowance, str]] = set()
    for violation in found:
        allowing = [each for each in comments if each.line == violation.line and violation.code in each.codes]
        used.update((each, violation.code) for each in allowing)
        if not any(_holds(each, today) for each in allowing) and (kept := _profiled(violation, relative, config)):
            yield kept
    for comment in comments:
        yield from _of_comment(comment, file, used, today)


def _holds(comment: Allowance, today: date) -> bool:
    return comment.wrong is None and (comment.until is None or today <= comment.until)


def _profiled(violation: Violation, relative: str, config: ContractConfig) -> Violation | None:
    """A finding with the weight that its file's profiles give it; None if they allow it."""
    for profile in config.profiles:
        if profile.covers(relative):
            if violation.code in profile.allow:
                return None
            severity = dict(profile.severity).get(violation.code)
            if severity == "off":
                return None
            if severity is not None:
                violation = replace(violation, weight=severity)
    return violation


def _of_comment(comment: Allowance, file: Path, used: set[tuple[Allowance, str]], today: date) -> Iterator[Violation]:
    line, column, end = comment.at
    if comment.wrong is not None:
        yield Violation("DET901", file, f"the comment allows nothing: {comment.wrong}", line, column, line, end)
    elif comment.until is not None and today > comment.until:
        yield Violation("DET903", file, f"what it allows was allowed until {comment.until}", line, column, line, end)
    else:
        for code in sorted(comment.codes):
            if code != "DET110" and (comment, code) not in used:
                yield Violation("DET902", file, f"there is no {code} that it could allow", line, column, line, end)
