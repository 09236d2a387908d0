"""The tool that a step calls, where that is decided while the flow runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cwc.runtime.records import DecisionRecord


class Pick:
    """The tool that a step calls: its own, ``default``, or the one of its ``candidates`` that was chosen."""

    __slots__ = ("candidates", "chosen", "default", "duration_ms", "index", "step_id", "timed_out")

    def __init__(
        self,
        index: int,
        step_id: str | None,
        default: str,
        candidates: tuple[str, ...],
        chosen: str | None = None,
        duration_ms: float = 0.0,
        timed_out: bool = False,
    ) -> None:
        self.index, self.step_id, self.default, self.candidates = index, step_id, default, candidates
        self.chosen, self.duration_ms, self.timed_out = chosen, duration_ms, timed_out

    def made(self, chosen: str, duration_ms: float, timed_out: bool) -> Pick:
        """This pick, once it is decided."""
        return Pick(self.index, self.step_id, self.default, self.candidates, chosen, duration_ms, timed_out)

    @property
    def tool(self) -> str:
        return self.default if self.chosen is None else self.chosen

    def facts(self) -> dict[str, Any]:
        """Fields of the step's record."""
        if self.chosen is None:
            return {}
        return {"tool_name": self.chosen, "decision": self._record()}

    def _record(self) -> DecisionRecord:
        from cwc.runtime.records import DecisionRecord

        return DecisionRecord(
            candidates=list(self.candidates),
            chosen=self.tool,
            default_tool_name=self.default,
            duration_ms=self.duration_ms,
            timed_out=self.timed_out,
        )


def pick_in(values: tuple[Any, ...]) -> Pick | None:
    """What was decided for a step, given the resolved values that its function takes; None where nothing was."""
    return values[0] if values and isinstance(values[0], Pick) else None
