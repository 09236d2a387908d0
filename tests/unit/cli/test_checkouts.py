"""A checkout with other line ends than the one that was built: nothing in it is out of date."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.projects import run_cwc

FLOW = """\
type: Flow
name: folded
version: "1.0"
description: |
  Two lines,
  one of them last.
input_schema_ref: tools:NumberInput
steps:
  - tool_name: double
    input_mapping: {number: number}
    retry: {max_retries: 1, jitter: true}
"""


def with_line_ends(folder: Path, wanted: bytes) -> None:
    for path in folder.rglob("*"):
        if path.is_file() and path.suffix != ".pyc":
            path.write_bytes(path.read_bytes().replace(b"\r\n", b"\n").replace(b"\n", wanted))


@pytest.mark.parametrize(("built", "checked_out"), [(b"\n", b"\r\n"), (b"\r\n", b"\n")])
def test_line_ends_are_no_change(tmp_path: Path, built: bytes, checked_out: bytes) -> None:
    assert run_cwc("init", cwd=tmp_path).returncode == 0
    (tmp_path / "flows/folded.flow.yaml").write_text(FLOW)
    with_line_ends(tmp_path, built)
    assert run_cwc("build", cwd=tmp_path).returncode == 0
    assert run_cwc("lock", cwd=tmp_path).returncode == 0
    before = (tmp_path / "generated/folded.py").read_bytes()
    with_line_ends(tmp_path, checked_out)
    for command in (("build", "--check"), ("build", "--diff"), ("lock", "--check"), ("build", "--check", "--locked")):
        done = run_cwc(*command, cwd=tmp_path)
        assert (done.returncode, done.stdout, done.stderr) == (0, "", ""), command
    (tmp_path / "generated/folded.py").unlink()
    assert run_cwc("build", cwd=tmp_path).returncode == 0
    assert (tmp_path / "generated/folded.py").read_bytes() == before
    assert run_cwc("contract", "generated", cwd=tmp_path).returncode == 0
