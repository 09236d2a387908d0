"""The project's configuration: ``[tool.cwc]`` of the nearest pyproject.toml that has it."""

from __future__ import annotations

import os
import re
import reprlib
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from cwc.diagnostics.model import Definition, Diagnostic, Label, Report, define
from cwc.driver.catalogue import names
from cwc.driver.files import display_path, path_written, read_bytes
from cwc.driver.toml_places import span_of_key
from cwc.driver.writing.output_names import hides, unimportable
from cwc.source import Source, Span, digest_of

INVALID_TOML = define("CWC801", "invalid_pyproject", "error", "pyproject.toml cannot be read as TOML", project=True)
UNKNOWN_SETTING = define("CWC802", "unknown_setting", "error", "[tool.cwc] has a key that means nothing", project=True)
INVALID_SETTING = define(
    "CWC803", "invalid_setting", "error", "A setting in [tool.cwc] has a value it cannot have", project=True
)
UNIMPORTABLE = define(
    "CWC807", "unimportable_output", "warning", "No import statement can name an output folder", project=True
)

Chosen = Literal["error", "warning", "note", "off"]
Lane = Literal["auto", "sync", "async", "both"]
Schedule = Literal["levels", "dataflow"]
AsyncConstruct = Literal["subflows", "branches", "decisions"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectConfig:
    """What a project says of its builds.

    ``root`` is its folder, absolute; ``flows`` and ``out`` are paths below it or absolute ones. ``tools`` are dotted
    module names. ``schema_ref_modules`` are the prefixes of modules that references may import, None where the project
    is silent. ``severity`` goes by codes and slugs. ``contract`` is as written. ``flow_overrides`` has, by the
    names of flows, the settings of their lowering that are others than the project's; ``flow_labels`` has where each
    of those sections stands. ``found``: there is such a project.
    """

    root: Path
    flows: tuple[Path, ...]
    out: Path
    tools: tuple[str, ...] = ()
    lane: Lane = "auto"
    max_step_concurrency: int = 1
    schedule: Schedule = "levels"
    strict: bool = False
    strict_types: bool = False
    async_constructs: tuple[AsyncConstruct, ...] = ()
    schema_ref_modules: tuple[str, ...] | None = None
    severity: Mapping[str, Chosen] = field(default_factory=dict)
    contract: Mapping[str, object] = field(default_factory=dict)
    flow_overrides: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
    flow_labels: Mapping[str, Label] = field(default_factory=dict, compare=False)
    found: bool = True


def load_config(start: Path, report: Report) -> ProjectConfig | None:
    """The configuration of the project that the folder ``start`` is in; None, and diagnostics, if it is wrong.

    The project root is the nearest folder from ``start`` upwards whose pyproject.toml has ``[tool.cwc]``; without one
    it is ``start``, with every setting at its default.
    """
    start = start.absolute()
    for folder in (start, *start.parents):
        path = folder / "pyproject.toml"
        if not os.path.isfile(path):
            continue
        project = _read(path, report)
        if project is None:
            return None
        if project.has_settings:
            return _settings(folder, project, report)
    return replace(_config(start, _Settings()), found=False)


@dataclass(frozen=True, slots=True)
class _Project:
    """A pyproject.toml that could be parsed."""

    source: Source
    data: Mapping[str, object]

    @property
    def tool(self) -> Mapping[str, object]:
        tool = self.data.get("tool")
        return tool if isinstance(tool, dict) else {}

    @property
    def has_settings(self) -> bool:
        return "cwc" in self.tool

    def label(self, names: Iterable[object] = ()) -> Label:
        """The key of a setting."""
        path = ("tool", "cwc", *(name for name in names if isinstance(name, str)))
        return Label(self.source.path, span_of_key(self.source.text, path))


def _one_or_more(value: object) -> object:
    return [value] if isinstance(value, str) else value


Name = Annotated[str, Field(pattern=r"^[^\x00]+$")]
Names = Annotated[list[Name], BeforeValidator(_one_or_more)]


class _Overrides(BaseModel):
    """``[tool.cwc.flow.NAME]``: what holds for one flow in place of the project's settings."""

    model_config = ConfigDict(strict=True, extra="forbid")

    lane: Lane = "auto"
    max_step_concurrency: Annotated[int, Field(ge=1)] = 1
    schedule: Schedule = "levels"
    async_constructs: list[AsyncConstruct] = []


class _Settings(BaseModel):
    """``[tool.cwc]`` as TOML spells it."""

    model_config = ConfigDict(strict=True, extra="forbid")

    flows: Names = ["flows"]
    out: Name = "generated"
    tools: list[Name] = []
    lane: Lane = "auto"
    max_step_concurrency: Annotated[int, Field(ge=1)] = 1
    schedule: Schedule = "levels"
    strict: bool = False
    strict_types: bool = False
    async_constructs: list[AsyncConstruct] = []
    schema_ref_modules: list[Name] | None = None
    severity: dict[str, Chosen] = {}
    contract: dict[str, object] = {}
    flow: dict[str, _Overrides] = {}


def settings_schema() -> dict[str, object]:
    """The JSON Schema of ``[tool.cwc]``."""
    schema = _Settings.model_json_schema()
    flows = schema["properties"]["flows"]
    schema["properties"]["flows"] = {"default": flows.pop("default"), "anyOf": [flows["items"], flows]}
    return schema


# What a value must be, by Pydantic's kinds of errors; in braces what Pydantic tells of one.
_MUST: Mapping[str, str] = {
    "bool_type": "be true or false",
    "dict_type": "be a table",
    "greater_than_equal": "be at least {ge}",
    "int_type": "be a whole number",
    "list_type": "be a list of strings",
    "literal_error": "be {expected}",
    "string_pattern_mismatch": "be a string of at least one character, without NUL",
    "string_type": "be a string",
}


def _read(path: Path, report: Report) -> _Project | None:
    data = read_bytes(path, report)
    if data is None:
        return None
    shown = display_path(path)
    try:
        source = Source(shown, data.decode(), digest_of(data))
    except UnicodeDecodeError:
        _add(INVALID_TOML, f"{shown!r} is not UTF-8", Label(shown), report)
        return None
    report.add_source(source)
    try:
        return _Project(source, tomllib.loads(source.text))
    except (ValueError, RecursionError) as error:
        why = "it is nested too deeply" if isinstance(error, RecursionError) else str(error)
        _add(INVALID_TOML, f"{shown!r} is not TOML: {why}", Label(shown, _span_of_error(source, why)), report)
        return None


def _span_of_error(source: Source, message: str) -> Span | None:
    """The place at the end of tomllib's messages, which have it nowhere else before Python 3.14."""
    place = re.search(r"at line (\d+), column (\d+)\)$", message)
    if place is None:
        end = len(source.text)
        return Span(end, end) if "end of document" in message else None
    lines = source.text.split("\n")[: int(place[1]) - 1]
    start = sum(len(line) + 1 for line in lines) + int(place[2]) - 1
    return Span(start, start + 1)


def _settings(root: Path, project: _Project, report: Report) -> ProjectConfig | None:
    try:
        settings = _Settings.model_validate(project.tool["cwc"])
    except ValidationError as error:
        for problem in error.errors():
            _report(problem["type"], problem["loc"], problem.get("ctx", {}), problem["input"], project, report)
        return None
    known = names() if settings.severity else set()
    unknown = [name for name in settings.severity if name not in known]
    for name in unknown:
        message = f"tool.cwc.severity.{name} is neither the code nor the slug of a diagnostic"
        _add(UNKNOWN_SETTING, message, project.label(("severity", name)), report, *_close(name, known))
    is_fit = _is_fit(root / path_written(settings.out), root, project.label(("out",)), report)
    if unknown or not is_fit:
        return None
    return replace(_config(root, settings), flow_labels={name: project.label(("flow", name)) for name in settings.flow})


def _is_fit(out: Path, root: Path, label: Label, report: Report) -> bool:
    """Whether a folder can be built to, by its name; whether that is so or not, what there is to say is reported."""
    hidden = hides(out, root)
    if hidden is not None:
        _add(INVALID_SETTING, f"tool.cwc.out must not be {out.name!r}: {hidden}", label, report)
        return False
    reason = unimportable(out, root)
    if reason is not None:
        help = "a FlowRegistry of the folder finds its flows all the same"
        _add(UNIMPORTABLE, f"tool.cwc.out: {reason}", label, report, help)
    return True


def _report(
    kind: str,
    names: tuple[int | str, ...],
    context: Mapping[str, object],
    value: object,
    project: _Project,
    report: Report,
) -> None:
    name = "tool.cwc" + "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in names)
    label = project.label(names)
    if kind == "extra_forbidden":
        message = f"{name} is not a setting"
        known = _Overrides if names[0] == "flow" else _Settings
        _add(UNKNOWN_SETTING, message, label, report, *_close(str(names[-1]), known.model_fields))
    else:
        must = _MUST.get(kind, "be a table").format_map(context)
        _add(INVALID_SETTING, f"{name} must {must}, and is {reprlib.repr(value)}", label, report)


def _config(root: Path, settings: _Settings) -> ProjectConfig:
    references = settings.schema_ref_modules
    return ProjectConfig(
        root=root,
        flows=tuple(root / path_written(flow) for flow in settings.flows),
        out=root / path_written(settings.out),
        tools=tuple(settings.tools),
        lane=settings.lane,
        max_step_concurrency=settings.max_step_concurrency,
        schedule=settings.schedule,
        strict=settings.strict,
        strict_types=settings.strict_types,
        async_constructs=tuple(settings.async_constructs),
        schema_ref_modules=None if references is None else tuple(references),
        severity=settings.severity,
        contract=settings.contract,
        flow_overrides={name: each.model_dump(exclude_unset=True) for name, each in settings.flow.items()},
    )


def _close(name: str, names: Iterable[str]) -> tuple[str, ...]:
    return tuple(f"did you mean {close!r}?" for close in get_close_matches(name, names, n=1))


def _add(definition: Definition, message: str, label: Label, report: Report, *help: str) -> None:
    report.add(Diagnostic(definition=definition, message=message, primary=label, help=help))


def overrides_without(config: ProjectConfig, asked: object) -> dict[str, dict[str, object]]:
    """The settings of single flows, without those that the command line, ``asked``, decides for all."""
    decided = {name for name in ("lane", "schedule", "max_step_concurrency") if getattr(asked, name)}
    return {
        flow: {name: value for name, value in own.items() if name not in decided}
        for flow, own in config.flow_overrides.items()
    }
