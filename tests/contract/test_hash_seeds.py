"""What the contract says does not hang on the order of its own sets."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

EITHER = """\
import datetime
import random
import time
import uuid


def run(kind, name):
    module = {"a": time, "b": random, "c": uuid, "d": datetime}[kind]
    return getattr(module, name)(), vars(module)[name], (time.time if name else uuid.uuid4)()
"""


@pytest.mark.parametrize("seed", ["0", "1", "2"])
def test_messages_are_the_same_under_every_hash_seed(seed: str, tmp_path: Path) -> None:
    (tmp_path / "main.py").write_text(EITHER)
    command = [sys.executable, "-P", "-m", "cwc", "contract", "main.py", "--no-cache", "--format", "json"]
    said = [
        subprocess.run(
            command, cwd=tmp_path, env={**os.environ, "PYTHONHASHSEED": each}, capture_output=True, check=False
        ).stdout
        for each in (seed, "3")
    ]
    assert said[0] == said[1]
    assert b"DET303" in said[0]
