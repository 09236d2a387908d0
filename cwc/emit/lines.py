"""Lines of a generated body, with marks of what runs there: from them a failed run knows which step it was in."""

from __future__ import annotations

import re
from dataclasses import dataclass

from cwc.emit.code import Code, compose, literal

_MARK = re.compile(r"  #@(\d+) (\w+)$")
_INDENT = Code("    ")


@dataclass(frozen=True, slots=True)
class Line:
    """One line: its code, the step that it belongs to, and what it does for it (None where it cannot fail)."""

    code: Code
    step: int | None = None
    phase: str | None = None
    depth: int = 0

    def deeper(self, depth: int) -> Line:
        return Line(self.code, self.step, self.phase, self.depth + depth)

    @property
    def text(self) -> Code:
        """The line as the template writes it."""
        code = self.code
        for _ in range(self.depth):
            code = compose("{}{}", _INDENT, code)
        if self.step is None or self.phase is None:
            return code
        return compose("{}  #@{} {}", code, literal(self.step), Code(self.phase))


def marked(lines: list[Code], step: int, phase: str) -> list[Line]:
    return [Line(line, step, phase) for line in lines]


def without_marks(body: str) -> tuple[str, list[tuple[int, int, str]]]:
    """A body without its marks, and (line from the ``def``, step, phase) for each line that had one."""
    kept, found = [], []
    for number, line in enumerate(body.split("\n")):
        mark = _MARK.search(line)
        if mark:
            found.append((number, int(mark[1]), mark[2]))
            line = line[: mark.start()]
        kept.append(line)
    return "\n".join(kept), found
