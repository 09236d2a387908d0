"""What a project looks like to cwc: versions, the configuration and where it comes from, what was found."""

from __future__ import annotations

import os
import platform
import tomllib
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from cwc.diagnostics.model import Report, SeveritySettings
from cwc.diagnostics.text import counted
from cwc.driver.config import ProjectConfig, load_config, settings_schema
from cwc.driver.files import display_path, find_flows
from cwc.driver.rebuilding.snapshot import FOLDER as CACHE
from cwc.driver.states import unusable_states
from cwc.driver.tools.lock import FILE_NAME as LOCK
from cwc.driver.tools.lock import read_lock
from cwc.driver.tools.toolbox import load_tools
from cwc.driver.writing.manifest import read_manifest
from cwc.runtime import generated
from cwc.runtime.errors import RegistryStateError
from cwc.runtime.registry.state import FILE_NAME as STATES
from cwc.runtime.registry.state import FileStates

LIBRARIES = ("pydantic", "click", "jinja2", "libcst", "networkx", "packaging", "PyYAML")
EXTRAS = ("watchfiles",)


@dataclass(frozen=True, slots=True)
class Line:
    """Something about a project, and where it comes from or what is the matter with it."""

    name: str
    value: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Examination:
    """What was found, by section. ``settings`` are None where the configuration cannot be read."""

    sections: dict[str, list[Line]]
    settings: SeveritySettings


def examine(start: Path, report: Report) -> Examination:
    """Look at the project of a folder; what is wrong with it is reported. Its tool modules are imported."""
    sections = {"versions": list(_versions())}
    config = load_config(start, report)
    if config is None:
        return Examination(sections, SeveritySettings())
    sections["project"] = list(_settings(config))
    sections["flows"] = [Line("files", str(len(_flows(config, report))))]
    sections["tools"] = list(_tools(config, report))
    sections["files"] = [_manifest(config, report), _states(config, report), _lock(config, report), _cache(config)]
    return Examination(sections, SeveritySettings(config.severity, config.strict))


def _versions() -> Iterable[Line]:
    from cwc import __version__

    yield Line("cwc", __version__, f"generated modules of format {generated.FORMAT}")
    yield Line("python", platform.python_version(), platform.platform(terse=True))
    for name in LIBRARIES:
        yield Line(name, _version(name) or "missing")
    for name in EXTRAS:
        yield Line(name, _version(name) or "not installed", "optional, for `cwc watch`")


def _version(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def _settings(config: ProjectConfig) -> Iterable[Line]:
    """Every setting, and whether the project's file says it."""
    path = config.root / "pyproject.toml"
    said = _said(path)
    yield Line("root", config.root.as_posix(), display_path(path) if said is not None else "the working directory")
    properties = settings_schema()["properties"]
    assert isinstance(properties, dict)
    for name in properties:
        value = getattr(config, "flow_overrides" if name == "flow" else name)
        source = f"{display_path(path)}, [tool.cwc]" if said and name in said else "default"
        yield Line(name, _shown(value), source)


def _said(path: Path) -> dict[str, object] | None:
    try:
        found = tomllib.loads(path.read_text("utf-8")).get("tool", {}).get("cwc")
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) else None


def _shown(value: object) -> str:
    match value:
        case Path():
            return display_path(value)
        case tuple():
            return ", ".join(map(_shown, value)) or "none"
        case None:
            return "not set"
        case bool():
            return str(value).lower()
        case dict():
            return ", ".join(f"{key} = {_shown(item)}" for key, item in value.items()) or "none"
    return str(value)


def _flows(config: ProjectConfig, report: Report) -> list[Path]:
    return find_flows([folder for folder in config.flows if folder.exists()], report)


def _tools(config: ProjectConfig, report: Report) -> Iterable[Line]:
    specs = load_tools(config.tools, config, report).specs.values()
    found = Counter(spec.module for spec in specs)
    for module in config.tools:
        names = ", ".join(spec.name for spec in specs if spec.module == module)
        yield Line(module, counted(found[module], "tool"), names)
    if not config.tools:
        yield Line("modules", "none", "name them in [tool.cwc] tools, or with --tools")


def _manifest(config: ProjectConfig, report: Report) -> Line:
    name = f"{display_path(config.out)}/cwc-manifest.json"
    manifest = read_manifest(config.out, report)
    if manifest is None:
        return Line(name, "cannot be used")
    gone = sorted(path for path in manifest.files if not (config.out / path).exists())
    note = (
        f"{len(gone)} of them {'is' if len(gone) == 1 else 'are'} gone, {gone[0]!r} first; run `cwc build`"
        if gone
        else ""
    )
    return Line(name, counted(len(manifest.files), "file") if manifest.files else "nothing is built", note)


def _states(config: ProjectConfig, report: Report) -> Line:
    name = f"{display_path(config.out)}/{STATES}"
    try:
        found = FileStates(config.out).read()
    except (RegistryStateError, OSError) as error:
        report.add(unusable_states(error))
        return Line(name, "cannot be used")
    return Line(name, counted(len(found), "flow") if found else "no states are set")


def _lock(config: ProjectConfig, report: Report) -> Line:
    if not os.path.lexists(config.root / LOCK):
        return Line(LOCK, "none", "`cwc lock` writes one")
    lock = read_lock(config, report)
    return Line(LOCK, "cannot be used") if lock is None else Line(LOCK, counted(len(lock.tools), "tool"))


def _cache(config: ProjectConfig) -> Line:
    try:
        found = sum(not name.startswith((".", "new-")) for name in os.listdir(config.root / CACHE))
    except OSError:
        found = 0
    return Line(CACHE, f"{counted(found, 'call')} remembered" if found else "empty", "it may be removed at any time")
