"""The contract pass in processes of its own finds what it finds in this one."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from cwc.contract import Allowed, ContractError, generated
from cwc.driver import ahead, verifying
from cwc.driver.emitting import FACADE
from cwc.driver.verifying import Module, verification

GOLDEN = Path(__file__).parents[2] / "cases/linear/wiring/generated/straight.py"


def module(name: str, more: str = "") -> Module:
    imports = frozenset(("tools", name) for name in ("StrictInput", "TextOutput", "add", "double", "format"))
    text = GOLDEN.read_text()
    return Module(text + more, name, Allowed(imports, frozenset(FACADE)))


def check(modules: list[Module], jobs: int) -> None:
    with verification(40, jobs) as contract:
        for each in modules:
            contract.check(each)


@pytest.mark.parametrize("jobs", [1, 2])
def test_clean_modules_pass_and_others_are_named(jobs: int) -> None:
    check([module(f"clean{number}.py") for number in range(3)], jobs)
    with pytest.raises(ContractError, match=r"bad\.py:\d+:\d+: DET"):
        check([module("clean.py"), module("bad.py", "import os\n")], jobs)


def test_a_process_that_dies_is_made_up_for(monkeypatch: pytest.MonkeyPatch) -> None:
    def dying() -> subprocess.Popen[bytes]:
        return subprocess.Popen([sys.executable, "-c", ""], stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    monkeypatch.setattr(verifying, "start", dying)
    check([module("clean.py")], 2)
    with pytest.raises(ContractError):
        check([module("bad.py", "import os\n")], 2)


def test_few_modules_start_no_process() -> None:
    with verification(5, 8) as contract:
        assert not contract.threads


def test_a_process_that_was_started_ahead_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    shapes: set[str] = set()
    for place in (generated, verifying):
        monkeypatch.setattr(place, "CLEAN", shapes)
    monkeypatch.setattr(verifying, "expect_clean", None)
    ahead._AHEAD.append(ahead.start())
    with verification(1, None) as contract:
        assert len(contract.threads) == 1
        contract.check(module("clean.py"))
    assert len(shapes) == 1
    assert ahead.started_ahead() is None
    with verification(1, None) as contract:
        contract.check(module("again.py"))
        assert not contract.threads


@pytest.mark.parametrize(
    ("processors", "load", "starts"),
    [(2, 0.4, True), (2, 1.2, False), (1, 0.0, False), (8, 6.5, True), (8, 7.5, False)],
)
def test_a_process_is_started_ahead_where_a_processor_is_idle(
    processors: int, load: float, starts: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[object] = []
    monkeypatch.setattr(ahead, "_AHEAD", started)
    monkeypatch.setattr(ahead, "start", object)
    monkeypatch.setattr(ahead, "processors", lambda: processors)
    monkeypatch.setattr(os, "getloadavg", lambda: (load, 9.0, 9.0), raising=False)
    monkeypatch.delitem(sys.modules, "libcst", raising=False)
    ahead.start_ahead()
    assert bool(started) is starts
