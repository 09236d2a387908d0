"""Flows that Python code builds → flow files: ChainWeaver's flow objects and registries, and what looks like them."""

from __future__ import annotations

import datetime
import enum
import math
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from cwc.diagnostics.model import Definition, Diagnostic, Label, Report, define
from cwc.driver.config import ProjectConfig
from cwc.driver.files import display_path, reason
from cwc.driver.tools.imports import ImportFailure, forget_project_modules, import_module, importing_from
from cwc.driver.tools.toolbox import did_you_mean
from cwc.driver.writing.output import WRITE_FAILED, write_atomic
from cwc.emit.names import file_name
from cwc.language.document import parse_version
from cwc.syntax.writing import json_text, yaml_text

IMPORT_FAILED = define("CWC840", "import_failed", "error", "The module to import flows from cannot be", project=True)
NOTHING = define("CWC841", "nothing_to_import", "error", "A module builds no flows", project=True)
UNWRITABLE = define("CWC842", "unwritable_flow", "error", "A flow in Python holds what no flow file can hold")
KEPT = define("CWC843", "file_kept", "warning", "A flow was not written over a file that was there")

KINDS = ("Flow", "DAGFlow")


@dataclass(frozen=True, slots=True)
class Imported:
    """The files that were written, and how many flows there were."""

    written: tuple[Path, ...] = ()
    flows: int = 0


def import_flows(
    name: str, config: ProjectConfig, report: Report, *, to: Path | None = None, json: bool = False, force: bool = False
) -> Imported:
    """Write a flow file for every flow that a module, seen from the project root, builds at its top level.

    Flows, registries of them, executors, and lists and mappings of flows count. Files go to ``to``, by default the
    project's first folder of flows; those that are there stay, unless ``force`` is set or they hold the flow already.
    """
    forget_project_modules()
    with importing_from(config.root):
        module, _ = import_module(name, config.root)
        if isinstance(module, ImportFailure):
            hints = did_you_mean(name, config.root) if module.missing else ()
            _add(IMPORT_FAILED, f"module {name!r} cannot be imported: {module.reason}", None, report, *hints)
            return Imported()
        flows = list(_flows_of(module))
    if not flows:
        help = (
            "flows are looked for among its top-level names: flow objects, registries, executors, and lists and "
            "mappings of flows; bind what a function builds to a name"
        )
        _add(NOTHING, f"module {name!r} has no flows", None, report, help)
        return Imported()
    folder = to or config.flows[0]
    written = []
    for flow, latest in _with_latest(flows):
        stem = file_name(flow.name, flow.version, latest=latest).removesuffix(".py")
        path = folder / f"{stem}.flow.{'json' if json else 'yaml'}"
        text = _text_of(flow, report, json=json)
        if text is not None and _wrote(path, text.encode(), report, force=force):
            written.append(path)
    return Imported(tuple(written), len(flows))


def _flows_of(module: ModuleType) -> Iterator[Any]:
    """The flow objects that a module holds, each name and version once, the last one of several."""
    found: dict[tuple[str, str], Any] = {}
    for value in list(vars(module).values()):
        for flow in _flows_in(value):
            found[flow.name, flow.version] = flow
    yield from found.values()


def _flows_in(value: object) -> Iterable[Any]:
    if _is_flow(value):
        return [value]
    if isinstance(value, list | tuple | set | frozenset):
        return filter(_is_flow, value)
    if isinstance(value, Mapping):
        return filter(_is_flow, value.values())
    if isinstance(value, type | ModuleType):
        return []
    # A registry, or an executor that has one. What does not answer as one holds nothing that could be written.
    try:
        registry: Any = value if hasattr(value, "list_flows") else getattr(value, "registry", None)
        return [flow for flow in registry.list_flows() if _is_flow(flow)]
    except Exception:
        return []


def _is_flow(value: object) -> bool:
    """Whether an object is a flow of ChainWeaver's classes or of ones derived from them."""
    kind = type(value)
    named = any(base.__name__ in KINDS for base in kind.__mro__)
    return named and all(hasattr(value, name) for name in ("name", "version", "steps", "model_dump"))


def _with_latest(flows: list[Any]) -> Iterator[tuple[Any, bool]]:
    """Each flow, and whether it is the latest version of its name."""
    latest: dict[str, Any] = {}
    for flow in flows:
        known = latest.get(flow.name)
        ours, theirs = parse_version(flow.version), None if known is None else parse_version(known.version)
        if theirs is None or (ours is not None and ours >= theirs):
            latest[flow.name] = flow
    return ((flow, latest[flow.name] is flow) for flow in flows)


def _text_of(flow: Any, report: Report, *, json: bool) -> str | None:
    """The text of a flow's file; None and a diagnostic, if no file can say what the object says."""
    kind = next(base.__name__ for base in type(flow).__mro__ if base.__name__ in KINDS)
    try:
        data = {"type": kind, "format_version": "1"} | _plain(
            flow.model_dump(exclude_defaults=True, warnings=False), ""
        )
        # A type that has a default is still a field of the language.
        data.setdefault("version", flow.version)
        text = json_text(data) if json else yaml_text(data)
        fields = {key: value for key, value in data.items() if key not in ("type", "format_version")}
        if type(flow).model_validate(fields) != flow:
            raise _UnwritableError("it is not the same when it is built of its file")
    except _UnwritableError as error:
        why = str(error)
    except TypeError:
        why = "it holds a date, which YAML can hold and JSON cannot"
    except ValueError as error:
        why = f"it is refused when it is built of its file: {str(error).partition(chr(10))[0]}"
    else:
        return text
    _add(UNWRITABLE, f"flow {flow.name!r} {flow.version} cannot be written: {why}", None, report)
    return None


class _UnwritableError(Exception):
    """What a flow file cannot say; the message says where it is."""


def _plain(value: object, place: str) -> Any:
    """A value made of what files hold. Raises _UnwritableError."""
    match value:
        case enum.Enum():
            return _plain(value.value, place)
        case None | bool() | int() | str() | datetime.date():
            return value
        case float() if math.isfinite(value):
            return value
        case Mapping():
            return {_key(key, place): _plain(item, f"{place}/{key}") for key, item in value.items()}
        case list() | tuple():
            return [_plain(item, f"{place}/{number}") for number, item in enumerate(value)]
    raise _UnwritableError(f"at {place} it holds {value!r:.60}, and files hold JSON values and dates only")


def _key(key: object, place: str) -> str:
    if not isinstance(key, str):
        raise _UnwritableError(f"at {place} it has the key {key!r:.60}, and keys are texts")
    return key


def _wrote(path: Path, data: bytes, report: Report, *, force: bool) -> bool:
    """Write a file, unless it is there; whether that was done."""
    try:
        if os.path.lexists(path):
            if path.is_file() and path.read_bytes() == data:
                return False
            if not force:
                shown = display_path(path)
                _add(
                    KEPT,
                    f"{shown!r} is there already, and was left as it is",
                    path,
                    report,
                    "use `--force` to replace it",
                )
                return False
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomic(path, data)
    except OSError as error:
        _add(WRITE_FAILED, f"cannot write {display_path(path)!r}: {reason(error)}", path, report)
        return False
    return True


def _add(definition: Definition, message: str, path: Path | None, report: Report, *help: str) -> None:
    label = None if path is None else Label(display_path(path))
    report.add(Diagnostic(definition=definition, message=message, primary=label, help=help))
