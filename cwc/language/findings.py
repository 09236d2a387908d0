"""How the reading of a document reports: which flow and step a finding is about is filled in once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from cwc.diagnostics.model import Definition, Diagnostic, Edit, Label, Pointer, Report
from cwc.source import Span
from cwc.syntax.correcting import corrected, made_text, nearest
from cwc.syntax.tree import Entry


@dataclass(slots=True)
class Findings:
    """Reports mistakes of one document.

    ``suggestions`` is how many more "did you mean" are looked for; ``errors`` counts what could not be read.
    """

    report: Report
    path: str
    flow: str | None = None
    suggestions: int = 100
    errors: int = 0

    def add(
        self,
        definition: Definition,
        message: str,
        at: Pointer,
        *help: str,
        span: Span | None = None,
        fix: tuple[Edit, ...] = (),
        is_read: bool = False,
    ) -> None:
        """Report a mistake. With ``span`` it stands there: at a place inside of ``at`` that no pointer leads to.

        ``is_read``: the document holds the value all the same.
        """
        self.errors += definition.severity == "error" and not is_read
        tokens = at.tokens
        in_step = len(tokens) > 1 and tokens[0] == "steps" and isinstance(tokens[1], int)
        self.report.add(
            Diagnostic(
                definition=definition,
                message=message,
                primary=Label(self.path, at if span is None else span),
                help=help,
                fix=fix,
                flow=self.flow,
                step_index=int(tokens[1]) if in_step else None,
                field=next((token for token in reversed(tokens) if isinstance(token, str)), None),
            )
        )

    def add_at_key(
        self, definition: Definition, message: str, at: Pointer, entry: Entry, *help: str, fix: tuple[Edit, ...] = ()
    ) -> None:
        """Report a mistake of a key of the mapping ``at``."""
        if isinstance(entry.key, str):
            self.add(definition, message, (at / entry.key).at_key(), *help, fix=fix)
        else:
            self.add(definition, message, at, *help, span=entry.key_span, fix=fix)

    def did_you_mean(self, word: object, known: Iterable[str]) -> tuple[str, ...]:
        """The known word that is closest to a misspelt one, as a help text; none if none is close."""
        if not isinstance(word, str) or self.suggestions <= 0:
            return ()
        self.suggestions -= 1
        close = nearest(word, known)
        return (f"did you mean {close!r}?",) if close else ()

    def corrected(self, word: object, at: Pointer | Span, known: Iterable[str]) -> tuple[Edit, ...]:
        """The edit that puts the known word that surely was meant in a misspelt one's place."""
        if not isinstance(word, str) or self.suggestions <= 0:
            return ()
        return corrected(self.report, Label(self.path, at), word, known)

    def made_text(self, at: Pointer | Span) -> tuple[Edit, ...]:
        """The edit that puts a plain value in quotes."""
        return made_text(self.report, Label(self.path, at))
