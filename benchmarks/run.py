"""`python -m benchmarks.run [--quick] [--json FILE] [SCENARIO…]`: every scenario with its peers, as ratios with bars.

Ratios are taken within one process or one run; absolute times are there to read them by. Nothing here fails a build.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

from benchmarks import building, contract, dags, linear, memory, seed
from benchmarks.measure import Effort
from benchmarks.results import Row

Scenario = Callable[[Effort, bool, list[str]], Iterator[Row]]
SCENARIOS: dict[str, Scenario] = {
    "linear": lambda effort, quick, missing: linear.rows(effort, missing),
    "dags": lambda effort, quick, missing: dags.rows(effort, missing),
    "services": lambda effort, quick, missing: _services(effort),
    "checkpoints": lambda effort, quick, missing: _checkpoints(quick=quick),
    "memory": lambda effort, quick, missing: memory.rows(quick=quick),
    "building": lambda effort, quick, missing: building.rows(quick=quick),
    "contract": lambda effort, quick, missing: contract.rows(),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("scenarios", nargs="*", metavar="SCENARIO", help=f"of {', '.join(SCENARIOS)}; by default all")
    parser.add_argument("--quick", action="store_true", help="fewer and shorter rounds, small projects")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all figures, with the machine and versions")
    parser.add_argument("--seed-json", type=Path, metavar="FILE", help=f"write {seed.NAME}, customSmallerIsBetter")
    arguments = parser.parse_args()
    unknown = set(arguments.scenarios) - set(SCENARIOS)
    if unknown:
        parser.error(f"no such scenario: {', '.join(sorted(unknown))}; there are {', '.join(SCENARIOS)}")
    effort = Effort(7, 0.005) if arguments.quick else Effort(41, 0.006)
    here, missing, rows = machine(), list[str](), list[Row]()
    _say(", ".join(f"{name} {value}" for name, value in here.items()))
    for name in arguments.scenarios or SCENARIOS:
        for row in SCENARIOS[name](effort, arguments.quick, missing):
            if not rows or rows[-1].scenario != row.scenario:
                _say(f"\n{row.scenario}")
            _say(row.text())
            rows.append(row)
    metric = seed.entries()
    _say(f"\n{metric[0]['name']}: {metric[0]['value']} {metric[0]['unit']}")
    for peer in dict.fromkeys(missing):
        _say(f"not installed, so not measured: {peer}; `pip install -e '.[bench]'`")
    if arguments.json:
        figures = {"machine": here, "missing": missing, "rows": [asdict(row) for row in rows], "seed": metric}
        arguments.json.write_text(json.dumps(figures, indent=1) + "\n")
    if arguments.seed_json:
        arguments.seed_json.write_text(json.dumps(metric, indent=1) + "\n")


def _services(effort: Effort) -> Iterator[Row]:
    try:
        from benchmarks import services
    except ImportError:
        return
    yield from services.rows(effort)


def _checkpoints(*, quick: bool) -> Iterator[Row]:
    try:
        from benchmarks import checkpoints
    except ImportError:
        return
    yield from checkpoints.rows(quick=quick)


def machine() -> dict[str, Any]:
    """What the figures depend on."""
    from importlib import metadata

    names = ("cwc", "pydantic", "pydantic_core", "chainweaver", "langgraph", "pydantic-graph", "sf-hamilton", "burr")
    found = {}
    for name in names:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    load = f"{os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else "unknown"
    system = f"{platform.system()} {platform.machine()}, {os.cpu_count()} processors, load {load}"
    today = date.today().isoformat()
    return {platform.python_implementation(): platform.python_version(), "on": f"{system}, {today}", **found}


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
