"""`python -m benchmarks.contract_public SITE [--sample N] NAME…`: `cwc contract` over installed packages, as data.

SITE is the site-packages folder of an environment of their own. Prints a Markdown table of files, lines, seconds and
findings by code, and then every Nth finding with its line, for reading.
"""

from __future__ import annotations

import argparse
import collections
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Checked:
    """A package, and what was found in it and in what it reaches."""

    name: str
    files: int
    lines: int
    seconds: float
    findings: list[dict[str, Any]]


def check(site: Path, name: str) -> Checked:
    place = site / name
    files = sorted(place.rglob("*.py")) if place.is_dir() else [place]
    start = time.perf_counter()
    command = [sys.executable, "-m", "cwc", "contract", name, "--format", "json"]
    done = subprocess.run(command, cwd=site, capture_output=True, text=True, check=False)
    seconds = time.perf_counter() - start
    if done.returncode not in (0, 1) or "Traceback" in done.stderr:
        raise SystemExit(f"{name}: exit {done.returncode}\n{done.stderr[-2000:]}")
    lines = sum(path.read_bytes().count(b"\n") for path in files)
    return Checked(name, len(files), lines, seconds, json.loads(done.stdout)["diagnostics"])


def row(checked: Checked) -> str:
    weights = collections.Counter(one["severity"] for one in checked.findings)
    codes = collections.Counter(one["code"] for one in checked.findings)
    shown = ", ".join(f"{code} {count}" for code, count in sorted(codes.items(), key=lambda item: (-item[1], item[0])))
    cells = (checked.name, f"{checked.files}", f"{checked.lines:,}", f"{checked.seconds:.1f}")
    return f"| {' | '.join(cells)} | {weights['error']} | {weights['warning']} | {shown} |"


def sample(checked: Checked, site: Path, step: int, offset: int) -> Iterator[str]:
    for one in checked.findings[offset % step :: step]:
        source = (site / one["path"]).read_text("utf-8", "replace").split("\n") if one["path"] else [""]
        line = source[one["line"] - 1].strip() if one["line"] else ""
        yield f"{one['code']} {one['path']}:{one['line']}:{one['column']} {one['message']}\n      {line[:140]}"
        for hop in one["related"]:
            yield f"        {hop['path']}:{hop['line']} {hop['message']}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("site", type=Path)
    parser.add_argument("names", nargs="+")
    parser.add_argument("--sample", type=int, default=0, metavar="N", help="print every Nth finding of each package")
    parser.add_argument("--offset", type=int, default=0, metavar="K", help="the first finding of the sample")
    given = parser.parse_args()
    every = [check(given.site, name) for name in given.names]
    heading = "| package | files | lines | seconds | errors | warnings | findings by code |"
    sys.stdout.write("\n".join([heading, "| --- | ---: | ---: | ---: | ---: | ---: | --- |", *map(row, every)]) + "\n")
    if given.sample:
        for checked in every:
            sys.stdout.write("\n".join(sample(checked, given.site, given.sample, given.offset)) + "\n")


if __name__ == "__main__":
    main()
