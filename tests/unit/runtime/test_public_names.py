"""The names that `cwc.runtime` exports: all there, and none loaded before it is used."""

from __future__ import annotations

import subprocess
import sys

import pytest

import cwc.runtime


@pytest.mark.parametrize("name", [*cwc.runtime.__all__, "FlowCancelledError", "CheckpointDriftError"])
def test_a_name_is_there(name: str) -> None:
    assert getattr(cwc.runtime, name) is not None


def test_a_name_that_is_none() -> None:
    for name in ("nothing", "NothingError"):
        with pytest.raises(AttributeError, match=name):
            getattr(cwc.runtime, name)


def test_importing_the_package_imports_nothing_of_it() -> None:
    code = "import sys, cwc.runtime; print(*[name for name in sys.modules if name.startswith('cwc.runtime.')])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []
