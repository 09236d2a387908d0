"""What a scenario measured, beside the bar that it is held to."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Row:
    """One figure: median and, where there were rounds, the 10th and 90th percentile.

    ``bar`` is what the figure should not exceed, or, with ``more_is_better``, reach; None: it is there to compare with.
    """

    scenario: str
    name: str
    value: float
    unit: str
    low: float | None = None
    high: float | None = None
    bar: float | None = None
    more_is_better: bool = False

    @property
    def meets_bar(self) -> bool | None:
        if self.bar is None:
            return None
        return self.value >= self.bar if self.more_is_better else self.value <= self.bar

    def text(self) -> str:
        spread = "" if self.low is None or self.high is None else f"[{self.low:.2f} .. {self.high:.2f}]"
        sign = ">=" if self.more_is_better else "<="
        bar = "" if self.bar is None else f"bar {sign} {self.bar:g}: {'met' if self.meets_bar else 'MISSED'}"
        return f"  {self.name:48} {self.value:12.3f} {self.unit:9} {spread:20} {bar}".rstrip()
