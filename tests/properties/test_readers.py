"""Whatever a file holds that cwc reads, the reader takes it or refuses it in its own words, and comes to an end."""

from __future__ import annotations

import json
import logging
import signal
import subprocess
import sys
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fuzz.mutations import mutated
from tests.fuzz.targets import TARGETS
from tests.projects import ROOT

HANGS_AFTER = 60
"""Seconds for one file, after which a reader is taken to hang."""
USUAL = settings().max_examples
examples = settings(max_examples=USUAL if USUAL > 1000 else 15)
"""A few in the gate: most targets compile, or write databases."""


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """What runs log of keys that are overwritten is no finding."""
    logging.getLogger("cwc.flow").disabled = True
    yield
    logging.getLogger("cwc.flow").disabled = False


@st.composite
def files(draw: st.DrawFn, name: str) -> bytes:
    return mutated(TARGETS[name].seeds, lambda count: draw(st.integers(0, count - 1)))


@pytest.mark.parametrize("name", TARGETS)
def test_good_files_are_read(name: str) -> None:
    for seed in TARGETS[name].seeds:
        TARGETS[name].read(seed)


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("manifest", b'"status": "active"', b'"status": "unheard of"'),
        ("states", b'"tool_schema_hashes": {"double": "0000000000000000"}', b'"tool_schema_hashes": {}'),
        ("snapshot", b'"outputs": {}', b'"outputs": " "'),
        ("checkpoints", b"indexsqlite_auto", b"indexsqli\xfft_auto"),
    ],
)
def test_files_that_are_nearly_good(name: str, old: bytes, new: bytes) -> None:
    (seed,) = TARGETS[name].seeds
    assert old in seed
    read(name, seed.replace(old, new))


def test_a_lock_with_an_input_that_nothing_fills() -> None:
    lock = json.loads(TARGETS["lock"].seeds[0])
    assert lock["tools"]["double"]["input"]["fields"][0].pop("keys") == ["number"]
    lock["tools"]["double"]["input"]["fields"][0]["keys"] = []
    read("lock", json.dumps(lock).encode())


@pytest.mark.parametrize("name", TARGETS)
@examples
@given(data=st.data())
def test_no_file_raises(name: str, data: st.DataObject) -> None:
    read(name, data.draw(files(name)))


@pytest.mark.parametrize("name", TARGETS)
@examples
@given(data=st.binary(max_size=200))
def test_no_bytes_raise(name: str, data: bytes) -> None:
    read(name, data)


def read(name: str, data: bytes) -> None:
    """Read a file, unless that takes for ever."""
    if hasattr(signal, "SIGALRM"):
        signal.signal(signal.SIGALRM, _hangs)
        signal.alarm(HANGS_AFTER)
    try:
        TARGETS[name].read(data)
    finally:
        if hasattr(signal, "SIGALRM"):
            signal.alarm(0)


def _hangs(*_: object) -> None:
    raise AssertionError(f"not read within {HANGS_AFTER} s")


def test_the_driver_runs_without_atheris() -> None:
    done = fuzz("--plain", "--seconds", "0.1", "predicate", "baseline")
    assert done.returncode == 0, done.stderr
    assert [line.partition(":")[0] for line in done.stdout.splitlines()] == ["predicate", "baseline"]


def test_a_target_that_there_is_not() -> None:
    done = fuzz("nothing")
    assert done.returncode == 2
    assert "no target 'nothing'; there are yaml flow, " in done.stderr


def fuzz(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tests.fuzz", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
