"""Running the contract over files that a test writes, and reading the cases of the rules' pages.

A case is one module, or several behind lines ``# file: NAME``; what is no Python stands behind ``#|``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from cwc.contract.rules.rule import PAGES
from cwc.contract.rules.table import table
from cwc.diagnostics.model import Report
from cwc.driver.contract.paths import check_contract
from tests.projects import inside

RULES = sorted(code for code, rule in table().rules.items() if rule.definition.pages is not None)
FORM = re.compile(
    r"# (?P<code>DET\d{3}) (?P<slug>[a-z0-9_]+)\n\n(?!\n).+?\n\n(?!#).+?\n"
    r"\n## Wrong\n\n(?P<wrong>.+?)\n\n## Right\n\n(?P<right>.+)\n",
    re.DOTALL,
)
_FENCE = re.compile(r"```python\n(.+?)\n```", re.DOTALL)
_FILE = re.compile(r"^# file: (\S+)\n", re.MULTILINE)
_SETTING = re.compile(r"^# (check|config): (.+)\n", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Case:
    """An example of a page: its files, what is named on the command line, and a line of settings."""

    code: str
    number: int
    files: tuple[tuple[str, str], ...]
    paths: tuple[str, ...] = (".",)
    config: str = ""

    def __str__(self) -> str:
        return f"{self.code}_{self.number}"

    @property
    def single(self) -> str | None:
        """The text of a case of one file."""
        return self.files[0][1] if len(self.files) == 1 else None


def cases(part: str) -> list[Case]:
    """The cases of all rules, ``wrong`` or ``right`` ones."""
    found = []
    for code in RULES:
        form = FORM.fullmatch((PAGES / f"{code}.md").read_text("utf-8"))
        assert form is not None, code
        for number, text in enumerate(_FENCE.findall(form[part])):
            found.append(_case(code, number, text + "\n"))
    return found


def _case(code: str, number: int, text: str) -> Case:
    settings = dict(_SETTING.findall(text))
    text = _SETTING.sub("", text)
    head, *parts = _FILE.split(text)
    files = [(parts[at], parts[at + 1].replace("#| ", "").rstrip() + "\n") for at in range(0, len(parts), 2)] or [
        ("main.py", head)
    ]
    return Case(code, number, tuple(files), tuple(settings.get("check", ".").split()), settings.get("config", ""))


def found_in(
    files: Mapping[str, str], folder: Path, paths: tuple[str, ...] = (".",), config: str = ""
) -> list[tuple[str, str, str, int]]:
    """Severity, code, path and line of all that the contract says of files, written into ``folder``."""
    report = report_on(files, folder, paths, config)
    found: list[tuple[str, str, str, int]] = []
    for diagnostic in report:
        place = report.place(diagnostic.primary)
        path = diagnostic.primary.path if diagnostic.primary else ""
        severity = diagnostic.severity or diagnostic.definition.severity
        found.append((severity, diagnostic.code, path, place.line if place else 0))
    return found


def report_on(files: Mapping[str, str], folder: Path, paths: tuple[str, ...] = (".",), config: str = "") -> Report:
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, "utf-8")
    if config:
        (folder / "pyproject.toml").write_text(f"[tool.cwc.contract]\n{config}\n")
    report = Report()
    with inside(folder):
        check_contract([Path(path) for path in paths], report)
    return report


def codes_of(text: str, folder: Path, config: str = "") -> set[str]:
    """The codes of errors and warnings in one module."""
    return {code for severity, code, _, _ in found_in({"main.py": text}, folder, config=config) if severity != "note"}
