"""Tools that ask git, and the files of a repository, whether a version can be released."""

from __future__ import annotations

import os
import re
import subprocess
import tomllib
from pathlib import Path

from pydantic import BaseModel

from cwc import tool


class Repository(BaseModel, extra="forbid"):
    """What the flow is given: the folder of a repository that has a pyproject.toml and a CHANGELOG.md."""

    repository: str


class Version(BaseModel):
    version: str


class Uncommitted(BaseModel):
    uncommitted: list[str]


class History(BaseModel):
    """The commits since the newest tag that is a version, newest first; all of them where there is no such tag."""

    last_tag: str | None
    commits: list[str]


class Entries(BaseModel):
    entries: list[str]


class Verdict(BaseModel):
    ready: bool
    reasons: list[str]


def git(repository: str, *arguments: str) -> str:
    """What a git command prints. Raises RuntimeError with what it says where it fails."""
    # Inside of a git hook these variables name the hook's repository.
    env = {name: value for name, value in os.environ.items() if name not in ("GIT_DIR", "GIT_INDEX_FILE")}
    command = ["git", "-C", repository, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False, env=env)
    if done.returncode:
        raise RuntimeError(f"git {arguments[0]}: {done.stderr.strip()}")
    return done.stdout


@tool(description="The version in pyproject.toml.", read_only=True)
def declared_version(repository: str) -> Version:
    project = tomllib.loads((Path(repository) / "pyproject.toml").read_text("utf-8"))
    return Version(version=project["project"]["version"])


@tool(description="Files that differ from the last commit.", read_only=True, timeout_seconds=30.0)
def uncommitted_files(repository: str) -> Uncommitted:
    lines = git(repository, "status", "--porcelain", "--untracked-files=all").splitlines()
    return Uncommitted(uncommitted=[line[3:] for line in lines])


@tool(description="What was committed since the last release.", read_only=True, timeout_seconds=30.0)
def commits_since_release(repository: str) -> History:
    tags = git(repository, "tag", "--merged", "HEAD", "--sort=-version:refname", "--list", "v[0-9]*").split()
    range_ = f"{tags[0]}..HEAD" if tags else "HEAD"
    return History(
        last_tag=tags[0] if tags else None, commits=git(repository, "log", "--format=%s", range_).splitlines()
    )


@tool(description="What the changelog says of a version.", read_only=True)
def changelog_entries(repository: str, version: str) -> Entries:
    text = (Path(repository) / "CHANGELOG.md").read_text("utf-8")
    section = re.search(rf"^## {re.escape(version)}\b.*?\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
    found = section[1] if section else ""
    return Entries(entries=[line[2:] for line in found.splitlines() if line.startswith("* ")])


@tool(description="Weighs what was found.", read_only=True)
def judge(
    version: str, uncommitted: list[str], last_tag: str | None, commits: list[str], entries: list[str]
) -> Verdict:
    reasons = []
    if uncommitted:
        reasons.append(f"not committed: {', '.join(uncommitted)}")
    if not commits:
        reasons.append(f"nothing was committed since {last_tag}")
    if last_tag == f"v{version}":
        reasons.append(f"{version} is released already")
    if not entries:
        reasons.append(f"the changelog says nothing of {version}")
    return Verdict(ready=not reasons, reasons=reasons)
