"""How the reading of a document reports: which flow and step a finding is about is filled in once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches

from cwc.diagnostics.model import Definition, Diagnostic, Label, Pointer, Report
from cwc.source import Span
from cwc.syntax.tree import Entry

_LONGEST_WORD = 60


@dataclass(slots=True)
class Findings:
    """Reports mistakes of one document. ``suggestions`` is how many more "did you mean" are looked for."""

    report: Report
    path: str
    flow: str | None = None
    suggestions: int = 100

    def add(self, definition: Definition, message: str, at: Pointer, *help: str, span: Span | None = None) -> None:
        """Report a mistake. With ``span`` it stands there: at a place inside of ``at`` that no pointer leads to."""
        tokens = at.tokens
        in_step = len(tokens) > 1 and tokens[0] == "steps" and isinstance(tokens[1], int)
        self.report.add(
            Diagnostic(
                definition=definition,
                message=message,
                primary=Label(self.path, at if span is None else span),
                help=help,
                flow=self.flow,
                step_index=int(tokens[1]) if in_step else None,
                field=next((token for token in reversed(tokens) if isinstance(token, str)), None),
            )
        )

    def add_at_key(self, definition: Definition, message: str, at: Pointer, entry: Entry, *help: str) -> None:
        """Report a mistake of a key of the mapping ``at``."""
        if isinstance(entry.key, str):
            self.add(definition, message, (at / entry.key).at_key(), *help)
        else:
            self.add(definition, message, at, *help, span=entry.key_span)

    def did_you_mean(self, word: object, known: Iterable[str]) -> tuple[str, ...]:
        """The known word that is closest to a misspelt one, as a help text; none if none is close."""
        if not isinstance(word, str) or len(word) > _LONGEST_WORD or self.suggestions <= 0:
            return ()
        self.suggestions -= 1
        words = {candidate.casefold(): candidate for candidate in known}
        close = get_close_matches(word.casefold(), words, n=1)
        return (f"did you mean {words[close[0]]!r}?",) if close else ()
