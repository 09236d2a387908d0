"""Why no project was found, and what makes one: for what is said where that may be the cause of what is wrong."""

from __future__ import annotations

import os
from pathlib import Path

from cwc.driver.config import ProjectConfig
from cwc.driver.files import display_path

SECTION = '[tool.cwc]\ntools = ["tools"]\n'
"""What makes a project of a folder whose tools are in tools.py, in its pyproject.toml."""


def why_no_project(config: ProjectConfig) -> str:
    """The help for a working directory that is in no project; empty where it is in one."""
    if config.found:
        return ""
    if os.path.isfile(config.root / "pyproject.toml"):
        shown = display_path(config.root / "pyproject.toml")
        return f'no project was found: {shown!r} has no [tool.cwc]; add that, and below it e.g. tools = ["tools"]'
    return (
        "no project was found: neither the working directory nor a folder above it has a pyproject.toml with "
        "[tool.cwc]; run cwc in the folder of the project"
    )


def lacks_section(pyproject: Path) -> bool:
    """Whether a pyproject.toml can be read and has no ``[tool.cwc]``."""
    import tomllib

    try:
        tool = tomllib.loads(pyproject.read_text("utf-8")).get("tool", {})
    except (OSError, ValueError, RecursionError):
        return False
    return isinstance(tool, dict) and "cwc" not in tool
