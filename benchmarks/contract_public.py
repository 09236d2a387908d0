"""`python -m benchmarks.contract_public SITE [--sample N] NAME…`: `cwc contract` over installed packages, as data.

SITE is the site-packages folder of an environment of their own; each package is checked in a folder by itself, so that
what it imports of others is third-party code. Prints a Markdown table of files, lines, seconds and findings by code,
and then every Nth finding with its line, for reading.
"""

from __future__ import annotations

import argparse
import collections
import json
import os
import shutil
import subprocess
import sys
import tempfile
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


def check(site: Path, name: str, folder: Path) -> Checked:
    folder = folder / name
    shutil.copytree(site / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    files = sorted((folder / name).rglob("*.py"))
    start = time.perf_counter()
    command = [sys.executable, "-P", "-m", "cwc", "contract", name, "--no-cache", "--format", "json"]
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parent.parent)}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    seconds = time.perf_counter() - start
    if done.returncode not in (0, 1):
        raise SystemExit(f"{name}: exit {done.returncode}\n{done.stderr[-2000:]}")
    lines = sum(path.read_bytes().count(b"\n") for path in files)
    return Checked(name, len(files), lines, seconds, json.loads(done.stdout)["diagnostics"])


def row(checked: Checked) -> str:
    weights = collections.Counter(one["severity"] for one in checked.findings)
    codes = collections.Counter(one["code"] for one in checked.findings)
    shown = ", ".join(f"{code} {count}" for code, count in sorted(codes.items(), key=lambda item: (-item[1], item[0])))
    cells = (checked.name, f"{checked.files}", f"{checked.lines:,}", f"{checked.seconds:.1f}")
    return f"| {' | '.join(cells)} | {weights['error']} | {weights['warning']} | {shown} |"


def sample(checked: Checked, folder: Path, step: int, offset: int) -> Iterator[str]:
    for one in checked.findings[offset % step :: step]:
        source = (
            (folder / checked.name / one["path"]).read_text("utf-8", "replace").split("\n") if one["path"] else [""]
        )
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
    with tempfile.TemporaryDirectory() as place:
        show([check(given.site, name, Path(place)) for name in given.names], Path(place), given.sample, given.offset)


def show(every: list[Checked], folder: Path, step: int, offset: int) -> None:
    heading = "| package | files | lines | seconds | errors | warnings | findings by code |"
    sys.stdout.write("\n".join([heading, "| --- | ---: | ---: | ---: | ---: | ---: | --- |", *map(row, every)]) + "\n")
    for checked in every if step else ():
        sys.stdout.write("\n".join(sample(checked, folder, step, offset)) + "\n")


if __name__ == "__main__":
    main()
