"""What a build takes after a change of a project of many flows, change by change."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path

Build = Callable[[Path], float]
"""Builds a project, whether or not its flows have errors; gives the seconds."""

PARENT = """type: Flow
name: parent
version: '1.0'
description: A flow that runs another.
input_schema_ref: tools:Start
steps:
  - flow_name: flow_0030
    input_mapping: {start: start}
"""


def after_changes(folder: Path, build: Build) -> Iterator[tuple[str, float]]:
    """Change a project that is built, each time a little more, and build it again."""
    (folder / "flows/parent.flow.yaml").write_text(PARENT)
    build(folder)
    for name, change in CHANGES.items():
        change(folder)
        # Younger files would not be believed to be what they are.
        time.sleep(0.1)
        yield name, build(folder)


def _edit(name: str, old: str, new: str) -> Callable[[Path], object]:
    return lambda folder: (folder / name).write_text((folder / name).read_text().replace(old, new, 1))


def _flow(number: int, old: str, new: str) -> Callable[[Path], object]:
    return _edit(f"flows/f{number:04}.flow.yaml", old, new)


def _add(folder: Path) -> None:
    text = (folder / "flows/f0000.flow.yaml").read_text()
    (folder / "flows/new.flow.yaml").write_text(text.replace("flow_0000", "flow_new"))


def _touch(folder: Path) -> None:
    for path in (folder / "flows").iterdir():
        os.utime(path)


def _lose(folder: Path) -> None:
    for name in ("generated", ".cwc_cache"):
        shutil.rmtree(folder / name)


CHANGES: dict[str, Callable[[Path], object]] = {
    "an error in one flow": _flow(10, "tool_name: add", "tool_name: sub"),
    "another flow, beside the error": _flow(11, "five", "5"),
    "the error mended": _flow(10, "tool_name: sub", "tool_name: add"),
    "one flow that cannot be read": _flow(12, "steps:", "steps: ["),
    "another flow, beside the unreadable one": _flow(13, "five", "5"),
    "a third one": _flow(14, "five", "5"),
    "the unreadable one mended": _flow(12, "steps: [", "steps:"),
    "a flow more": _add,
    "its file renamed": lambda folder: (folder / "flows/new.flow.yaml").rename(folder / "flows/other.flow.yaml"),
    "the flow renamed": _edit("flows/other.flow.yaml", "flow_new", "flow_other"),
    "a flow less": lambda folder: (folder / "flows/other.flow.yaml").unlink(),
    "a flow that another runs": _flow(30, "five", "5"),
    "a comment in the module of tools": _edit("tools.py", "class Start", "# Ours.\nclass Start"),
    "a tool of half of the flows": _edit("tools.py", "Adds 3.", "Adds three."),
    "a comment in the settings": _edit("pyproject.toml", "[tool", "# Ours.\n[tool"),
    "the lane of all flows": _edit("pyproject.toml", "tools = ", 'lane = "sync"\ntools = '),
    "the lane as it was": _edit("pyproject.toml", 'lane = "sync"\n', ""),
    "the times of all flow files": _touch,
    "the output folder and the memory lost": _lose,
}
