"""``[tool.cwc.contract]``: what a project says of the contract, read without Pydantic, so that the verb starts fast."""

from __future__ import annotations

import os
import reprlib
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Literal

from cwc.contract.configuration import PURE, CarveOut, ContractConfig, Profile
from cwc.contract.rules.table import table
from cwc.diagnostics.model import SEVERITIES, Definition, Diagnostic, Label, Report, SeveritySettings, define
from cwc.driver.files import display_path, path_written, read_bytes
from cwc.driver.toml_places import span_of_key
from cwc.source import Source, digest_of

Chosen = Literal["error", "warning", "note", "off"]

SETTINGS = (
    "flows", "out", "tools", "lane", "max_step_concurrency", "schedule", "strict", "strict_types", "async_constructs",
    "schema_ref_modules", "severity", "contract", "flow",
)  # fmt: skip
"""The settings of [tool.cwc], as `cwc.driver.config` has them."""
_CONTRACT = (
    "tools", "third_party", "sources", "exclude", "allow_seeded_random", "baseline", "carve_out", "profile",
)  # fmt: skip
_CARVE_OUT = ("from", "to", "reason")
_PROFILE = ("paths", "allow", "severity", "reason")

INVALID_TOML = define(
    "CWC806", "invalid_contract_settings", "error", "The settings of the contract cannot be used", project=True
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ContractSettings:
    """``root`` is the project's folder. ``sources`` are further import roots,
    ``baseline`` the file of known findings."""

    root: Path
    contract: ContractConfig = field(default_factory=ContractConfig)
    sources: tuple[Path, ...] = ()
    exclude: tuple[str, ...] = ()
    baseline: Path | None = None
    severities: SeveritySettings = field(default_factory=SeveritySettings)
    out: Path | None = None
    references: tuple[str, ...] | None = None


class Wrong(Exception):
    """A setting that cannot be: where, as the names of the keys, and what it must be."""

    def __init__(self, where: tuple[str, ...], message: str) -> None:
        super().__init__(message)
        self.where = where


def load_settings(start: Path, report: Report, *, file: Path | None = None) -> ContractSettings | None:
    """The settings of the project that ``start`` is in, or those in ``file``; None, and diagnostics, if wrong.

    The project root is found as by `cwc.driver.config.load_config`.
    """
    start = start.absolute()
    root, found = _project(start, report)
    if root is None:
        return None
    if file is not None:
        found = _read(file.absolute(), report)
        if found is None:
            return None
    if found is None:
        return ContractSettings(root=root)
    try:
        return _settings(root, found.table)
    except Wrong as wrong:
        label = Label(found.source.path, span_of_key(found.source.text, ("tool", "cwc", *wrong.where)))
        _add(INVALID_TOML, str(wrong), label, report)
        return None


@dataclass(frozen=True, slots=True)
class _Toml:
    source: Source
    table: Mapping[str, object] | None


def _project(start: Path, report: Report) -> tuple[Path | None, _Toml | None]:
    for folder in (start, *start.parents):
        path = folder / "pyproject.toml"
        if os.path.isfile(path):
            found = _read(path, report)
            if found is None:
                return None, None
            if found.table is not None:
                return folder, found
    return start, None


def _read(path: Path, report: Report) -> _Toml | None:
    data = read_bytes(path, report)
    if data is None:
        return None
    shown = display_path(path)
    try:
        source = Source(shown, data.decode(), digest_of(data))
        report.add_source(source)
        tool = tomllib.loads(source.text).get("tool", {})
    except (ValueError, RecursionError) as error:
        why = "it is nested too deeply" if isinstance(error, RecursionError) else str(error)
        _add(INVALID_TOML, f"{shown!r} is not TOML: {why}", Label(shown), report)
        return None
    table = tool.get("cwc") if isinstance(tool, dict) else None
    return _Toml(source, table if isinstance(table, dict) else None)


def _settings(root: Path, whole: Mapping[str, object] | None) -> ContractSettings:
    whole = whole or {}
    inner = {key.replace("-", "_"): value for key, value in _table(whole, "contract").items()}
    outer, reader = _reader((), whole, SETTINGS), _reader(("contract",), inner, _CONTRACT)
    severities = outer.severities("severity")
    # Those of DET7 are the generated modules', and what is no code at all is known by its slug.
    outer.expect_codes("severity", (code for code in severities if code.startswith("DET") and code[3:4] != "7"))
    references = outer.strings("schema_ref_modules") if "schema_ref_modules" in whole else None
    return ContractSettings(
        root=root,
        contract=ContractConfig(
            tools=frozenset((*outer.strings("tools"), *reader.strings("tools"))),
            third_party=PURE | frozenset(reader.strings("third_party")),
            allow_seeded_random=reader.flag("allow_seeded_random"),
            carve_outs=tuple(map(_carve_out, reader.tables("carve_out", _CARVE_OUT))),
            profiles=tuple(map(_profile, reader.tables("profile", _PROFILE))),
        ),
        sources=tuple(root / path_written(name) for name in reader.strings("sources")),
        exclude=reader.strings("exclude"),
        baseline=root / path_written(reader.string("baseline")) if "baseline" in reader.table else None,
        severities=SeveritySettings(severities, outer.flag("strict")),
        out=root / path_written(outer.string("out", "generated")),
        references=references,
    )


def _carve_out(reader: _Reader) -> CarveOut:
    return CarveOut(reader.string("from"), reader.string("to"), reader.string("reason"))


def _profile(reader: _Reader) -> Profile:
    severity = reader.severities("severity")
    allow = reader.strings("allow")
    reader.expect_codes("allow", allow)
    reader.expect_codes("severity", severity)
    return Profile(
        paths=reader.strings("paths", required=True),
        allow=frozenset(allow),
        severity=tuple(sorted(severity.items())),
        reason=reader.string("reason"),
    )


def _reader(where: tuple[str, ...], table: Mapping[str, object], names: Sequence[str]) -> _Reader:
    """One table, of which nothing is unknown."""
    reader = _Reader(where, table)
    for name in table:
        if name not in names:
            raise Wrong((*where, name), f"{reader.shown(name)} is not a setting{_meant(name, names)}")
    return reader


def _meant(name: str, names: Iterable[str]) -> str:
    close = get_close_matches(name, names, n=1)
    return f"; did you mean {close[0]!r}?" if close else ""


@dataclass(slots=True)
class _Reader:
    """The settings of one table, each read as what it must be."""

    where: tuple[str, ...]
    table: Mapping[str, object]

    def strings(self, name: str, *, required: bool = False) -> tuple[str, ...]:
        value = self._value(name, [] if not required else None)
        items = [value] if isinstance(value, str) else value
        if (
            not isinstance(items, list)
            or not all(isinstance(item, str) and item for item in items)
            or (required and not items)
        ):
            raise self._wrong(name, "a list of strings", value)
        return tuple(items)

    def string(self, name: str, default: str | None = None) -> str:
        value = self._value(name, default)
        if not isinstance(value, str) or not value.strip() or "\0" in value:
            raise self._wrong(name, "a string that is not empty", value)
        return value

    def flag(self, name: str) -> bool:
        value = self._value(name, False)
        if not isinstance(value, bool):
            raise self._wrong(name, "true or false", value)
        return value

    def tables(self, name: str, names: Sequence[str]) -> list[_Reader]:
        value = self._value(name, [])
        if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
            raise self._wrong(name, "a list of tables", value)
        return [_reader((*self.where, name), item, names) for item in value]

    def severities(self, name: str) -> dict[str, Chosen]:
        value = self._value(name, {})
        if not isinstance(value, dict) or any(item not in (*SEVERITIES, "off") for item in value.values()):
            raise self._wrong(name, "a table of codes, each error, warning, note or off", value)
        return value

    def expect_codes(self, name: str, codes: Iterable[str]) -> None:
        """A code that no rule has would allow nothing, and nobody would know."""
        for code in codes:
            if code not in table().rules:
                message = f"{self.shown(name)}: there is no rule {code!r}{_meant(code, table().rules)}"
                raise Wrong((*self.where, name), message)

    def _value(self, name: str, default: object) -> object:
        return self.table.get(name, default)

    def _wrong(self, name: str, must: str, value: object) -> Wrong:
        what = "it is missing" if value is None else f"it is {reprlib.repr(value)}"
        return Wrong((*self.where, name), f"{self.shown(name)} must be {must}, and {what}")

    def shown(self, name: str) -> str:
        return ".".join(("tool", "cwc", *self.where, name))


def _table(table: Mapping[str, object], name: str) -> Mapping[str, object]:
    value = table.get(name, {})
    if not isinstance(value, dict):
        raise Wrong((name,), f"tool.cwc.{name} must be a table, and it is {reprlib.repr(value)}")
    return value


def _add(definition: Definition, message: str, label: Label, report: Report) -> None:
    report.add(Diagnostic(definition=definition, message=message, primary=label))
