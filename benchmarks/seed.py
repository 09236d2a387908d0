"""ChainWeaver's own metric: the overhead of a run of five steps beside model calls of 200 ms that never happen.

Its shape is that of github-action-benchmark's ``customSmallerIsBetter``: a list of ``{name, unit, value}``.
"""

from __future__ import annotations

import statistics
from typing import Any

from benchmarks.linear import tiny
from benchmarks.schemas import TINY

NAME = "compiled_overhead_ms_n5_llm200_tool0"


def entries(runs: int = 200) -> list[dict[str, Any]]:
    flow = tiny(5)
    overheads = []
    for _ in range(runs):
        result = flow.run(TINY)
        in_tools = sum(record.duration_ms for record in result.execution_log)
        overheads.append(result.total_duration_ms - in_tools)
    return [{"name": NAME, "unit": "ms", "value": round(statistics.median(overheads), 6)}]
