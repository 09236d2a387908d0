"""Hypothesis profiles, and ``--accept`` for golden tests."""

from __future__ import annotations

import atexit
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

_SLOW = (HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much)

# What the tests expect to see must not depend on where they run.
for name in ("GITHUB_ACTIONS", "GITHUB_WORKSPACE", "FORCE_COLOR", "NO_COLOR"):
    os.environ.pop(name, None)

# Nor may tests read or write the cache of whoever runs them.
os.environ["XDG_CACHE_HOME"] = tempfile.mkdtemp(prefix="cwc-tests-")
atexit.register(shutil.rmtree, os.environ["XDG_CACHE_HOME"], ignore_errors=True)

settings.register_profile("gate", max_examples=150, deadline=None, derandomize=True, suppress_health_check=_SLOW)
settings.register_profile("long", max_examples=3000, deadline=None, suppress_health_check=_SLOW)
settings.load_profile("gate")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--accept", action="store_true", help="rewrite golden files with what cwc gives now")


@pytest.fixture(autouse=True)
def plain_runs_are_plain() -> Iterator[None]:
    """Where a tool's module imports `current_step`, all runs are ready to answer it, and take another way for that."""
    yield
    if sys.modules.pop("cwc.runtime.tools.current", None):
        sys.modules["cwc.runtime.asked"].ASKED.clear()
