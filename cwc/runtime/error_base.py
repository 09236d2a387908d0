"""What all errors of the runtime share: a code, a text made of their attributes, and whole pickles and copies."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar

if TYPE_CHECKING:
    from cwc.runtime.results import ExecutionResult


class CwcError(Exception):
    """The base of what runs of flows, their services and tool authoring raise.

    ``code`` is stable, one to a class. The text is ``message``, filled with the attributes when it is asked for.
    ``partial_result`` is the result of a run up to the error that ended it, where the error was raised out of the run.
    """

    code: ClassVar[str] = "CWC-R000"
    message: ClassVar[str] = ""
    partial_result: ExecutionResult[Any] | None = None

    def __str__(self) -> str:
        return self.message.format_map(vars(self)) if self.message else super().__str__()

    def __reduce__(self) -> tuple[Callable[..., CwcError], tuple[object, ...], dict[str, object]]:
        return _revive, (type(self), self.args), vars(self)


def _revive(kind: type[CwcError], args: tuple[object, ...]) -> CwcError:
    """An error without its attributes, which pickle and copy put back; ``args`` lack what was passed by keyword."""
    return kind.__new__(kind, *args)
