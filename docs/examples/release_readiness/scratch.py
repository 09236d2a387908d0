"""Makes a small repository to try the flow on: ``python scratch.py FOLDER``."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

PROJECT = '[project]\nname = "sample"\nversion = "{}"\n'
OTHERS = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
NOBODY = {**OTHERS, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
IDENTITY = ("-c", "user.name=Sample", "-c", "user.email=sample@example.invalid", "-c", "commit.gpgsign=false")


def git(folder: Path, *arguments: str) -> None:
    """Run git in a folder, whatever the configuration of who runs it, and the hook that they run it from."""
    subprocess.run(["git", *IDENTITY, *arguments], cwd=folder, env=NOBODY, timeout=30, check=True)


def commit(folder: Path, message: str, files: dict[str, str]) -> None:
    for name, text in files.items():
        (folder / name).write_text(text, "utf-8")
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", message)


def make(folder: Path) -> None:
    """A repository with a release, and a change after it that waits for the next one."""
    folder.mkdir(parents=True)
    git(folder, "init", "--quiet")
    commit(
        folder, "First release", {"pyproject.toml": PROJECT.format("1.0"), "CHANGELOG.md": "## 1.0\n\n* All of it.\n"}
    )
    git(folder, "tag", "v1.0")
    changelog = "## 1.1\n\n* A second thing.\n\n## 1.0\n\n* All of it.\n"
    commit(folder, "A second thing", {"pyproject.toml": PROJECT.format("1.1"), "CHANGELOG.md": changelog})


if __name__ == "__main__":
    make(Path(sys.argv[1]))
