"""`python -m benchmarks.table FILE`: the table of docs/performance.md, from what `benchmarks.run --json FILE` wrote."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from benchmarks.results import Row

PAGE = Path(__file__).resolve().parent.parent / "docs/performance.md"
BEGIN, END = "<!-- figures -->\n", "<!-- end of figures -->\n"


def table(figures: dict[str, Any]) -> str:
    """Markdown of a run: where it was taken, and a row for each figure."""
    where = ", ".join(f"{name} {value}" for name, value in figures["machine"].items())
    lines = [
        f"Measured with {where}.",
        "",
        "| scenario | what | figure | 10 % .. 90 % | bar |",
        "| --- | --- | --- | --- | --- |",
    ]
    for row in (Row(**each) for each in figures["rows"]):
        spread = "" if row.low is None or row.high is None else f"{row.low:.2f} .. {row.high:.2f}"
        sign = "≥" if row.more_is_better else "≤"
        bar = "" if row.bar is None else f"{sign} {row.bar:g}{'' if row.meets_bar else ', missed'}"
        lines.append(f"| {row.scenario} | {row.name} | {row.value:.4g} {row.unit} | {spread} | {bar} |")
    lines += [f"| seed's metric | {each['name']} | {each['value']:g} {each['unit']} | | |" for each in figures["seed"]]
    missing = [f"Not installed, so not measured: {peer}." for peer in dict.fromkeys(figures["missing"])]
    return "\n".join([*lines, *(["", *missing] if missing else []), ""])


def main() -> None:
    figures = json.loads(Path(sys.argv[1]).read_text())
    head, _, rest = PAGE.read_text().partition(BEGIN)
    _, _, tail = rest.partition(END)
    PAGE.write_text(f"{head}{BEGIN}\n{table(figures)}\n{END}{tail}")


if __name__ == "__main__":
    main()
