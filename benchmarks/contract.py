"""How long `cwc contract` takes, in seconds of processor time, the best of rounds.

The installed ChainWeaver package as a closure within one process, and the verb on one file as a process of its own.
"""

from __future__ import annotations

import gc
import importlib.util
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from unittest import mock

from benchmarks.results import Row
from cwc.contract.closure.check import check_closure
from cwc.contract.closure.project import Locator
from cwc.contract.closure.world import World
from cwc.contract.configuration import ContractConfig
from cwc.contract.rules.table import table
from cwc.diagnostics.model import Report
from cwc.driver.contract.paths import check_contract

ROUNDS = 5


def closure(package: Path) -> tuple[float, int]:
    """Seconds to check all modules of a package from nothing, and how many those are."""
    named = sorted(package.rglob("*.py"))
    start = time.process_time()
    world = World(Locator((package.parent,)), str)
    check_closure(named, world, ContractConfig(), frozenset(), date(2026, 1, 1))
    return time.process_time() - start, len(named)


def warm(package: Path) -> float:
    """Seconds to say of all modules of a package what the cache knows, findings made into diagnostics included."""
    with tempfile.TemporaryDirectory() as place, mock.patch.dict(os.environ, XDG_CACHE_HOME=place):
        check_contract([package], Report(), cached=True)
        times = []
        for _ in range(ROUNDS):
            start = time.process_time()
            check_contract([package], Report(), cached=True)
            times.append(time.process_time() - start)
    return min(times)


def process(folder: Path) -> float:
    """Seconds of a process that checks one small file."""
    (folder / "main.py").write_text("import json\n\nprint(json.dumps({}))\n")
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    command = [sys.executable, "-P", "-m", "cwc", "contract", "main.py", "--no-cache"]
    subprocess.run(command, cwd=folder, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime


def rows() -> Iterator[Row]:
    with tempfile.TemporaryDirectory() as folder:
        one = min(process(Path(folder)) for _ in range(ROUNDS))
    yield Row("contract", "one file as a process, no cache", one, "s")
    spec = importlib.util.find_spec("chainweaver")
    if spec is None or not spec.submodule_search_locations:
        return
    package = Path(next(iter(spec.submodule_search_locations)))
    table()
    gc.disable()
    times = [closure(package) for _ in range(ROUNDS)]
    gc.enable()
    name = f"chainweaver, {times[0][1]} modules"
    yield Row("contract", f"{name}, no cache", min(time for time, _ in times), "s")
    yield Row("contract", f"{name}, told by the cache", warm(package), "s")
