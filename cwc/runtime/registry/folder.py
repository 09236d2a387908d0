"""An output folder as a source of flows: what its manifest tells of them, and their modules, imported on first use."""

from __future__ import annotations

import hashlib
import importlib
import importlib.util
import json
import os
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

from cwc.runtime.errors import FlowSerializationError
from cwc.runtime.flow import Flow
from cwc.runtime.registry.drift import ToolSchemas, read_schemas
from cwc.runtime.registry.state import check_status

MANIFEST = "cwc-manifest.json"
_ANEW = "delete it and run `cwc build --force`"
"""What helps where a manifest is damaged: no build goes on from one, and without one no file is known as cwc's."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A flow that a manifest lists: its module, without ``.py``, and what was known of it when it was built."""

    name: str
    version: str
    module: str
    source: str = ""
    status: str = "active"
    determinism_level: str = "full"
    lanes: tuple[str, ...] = ()
    required_inputs: tuple[str, ...] = ()
    tool_schema_hashes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Folder:
    """The flows of an output folder, in the order in which they count as registered; tools' schemas by their hash."""

    path: Path
    flows: tuple[Listed, ...]
    tools: Mapping[str, ToolSchemas]

    def load(self, listed: Listed) -> Flow[Any]:
        """The flow of a module. Raises what importing it raises, and FlowSerializationError for a stranger's module."""
        module = _import(self.path, listed.module)
        flow = getattr(module, "FLOW", None)
        if not isinstance(flow, Flow) or (flow.name, flow.version) != (listed.name, listed.version):
            path = (self.path / f"{listed.module}.py").as_posix()
            raise FlowSerializationError(
                f"it is not flow {listed.name!r} {listed.version}; run `cwc build`", source=path
            )
        return flow


def read_folder(path: Path) -> Folder:
    """The flows that the manifest of a folder lists.

    Raises FlowSerializationError if there is no manifest, or none that can be used.
    """
    manifest = path / MANIFEST
    try:
        data = json.loads(manifest.read_bytes())
    except FileNotFoundError:
        raise FlowSerializationError("there is no manifest; run `cwc build`", source=manifest.as_posix()) from None
    except OSError as error:
        detail = (error.strerror or type(error).__name__).lower()
        raise FlowSerializationError(detail, source=manifest.as_posix()) from None
    except (ValueError, RecursionError) as error:
        detail = f"it is no manifest that can be used ({type(error).__name__}); {_ANEW}"
        raise FlowSerializationError(detail, source=manifest.as_posix()) from None
    match data:
        case {"format": 1, "files": [*files]}:
            flows = _flows(files, manifest)
        case {"format": int(number)} if number > 1:
            detail = f"a newer version of cwc wrote it; install that, or {_ANEW}"
            raise FlowSerializationError(detail, source=manifest.as_posix())
        case _:
            raise FlowSerializationError(f"it is not a manifest of cwc; {_ANEW}", source=manifest.as_posix())
    # Of equal versions that are spelt differently the build gave the latest the shorter file name.
    flows.sort(key=lambda flow: (flow.name, -len(flow.module), flow.module))
    return Folder(path, tuple(flows), read_schemas(data.get("tools")))


def _flows(files: list[object], manifest: Path) -> list[Listed]:
    """The flows among the entries of a manifest. Raises FlowSerializationError for a status that is none."""
    try:
        return [found for file in files if (found := _listed(file)) is not None]
    except ValueError as error:
        raise FlowSerializationError(f"{error}; {_ANEW}", source=manifest.as_posix()) from None


def _listed(file: object) -> Listed | None:
    match file:
        case {"path": str(path), "flow": {"name": str(name), "version": str(version), **flow}} if (
            path.endswith(".py") and path.removesuffix(".py").isidentifier()
        ):
            pass
        case _:
            return None
    facts = flow.get("facts")
    facts = facts if isinstance(facts, dict) else {}
    hashes = facts.get("tool_schema_hashes")
    return Listed(
        name=name,
        version=version,
        module=path.removesuffix(".py"),
        source=str(flow.get("source", "")),
        status=check_status(facts.get("status", "active")),
        determinism_level=str(facts.get("determinism_level", "full")),
        lanes=_texts(facts.get("lanes")),
        required_inputs=_texts(facts.get("required_inputs")),
        tool_schema_hashes=hashes if isinstance(hashes, dict) else {},
    )


def _texts(value: object) -> tuple[str, ...]:
    return tuple(map(str, value)) if isinstance(value, list) else ()


def _import(folder: Path, name: str) -> ModuleType:
    """Import a module of the folder, which is a package wherever it stands, under its own name if that leads to it.

    Modules of tools that stand beside the folder are found, after all others.
    """
    beside = str(folder.parent)
    importlib.invalidate_caches()
    sys.path.append(beside)
    try:
        return importlib.import_module(f"{_package(folder)}.{name}")
    finally:
        with suppress(ValueError):
            # The last one is its own: another may have stood there before.
            del sys.path[len(sys.path) - 1 - sys.path[::-1].index(beside)]


def _package(folder: Path) -> str:
    name = folder.name
    if name.isidentifier() and _leads_to(name, folder):
        return name
    name = f"cwc_flows_{hashlib.sha256(str(folder).encode()).hexdigest()[:16]}"
    if name not in sys.modules:
        file = folder / "__init__.py"
        spec = importlib.util.spec_from_file_location(name, file, submodule_search_locations=[str(folder)])
        if spec is None or spec.loader is None:
            raise ImportError(f"cannot import {file}")
        package = sys.modules[name] = importlib.util.module_from_spec(spec)
        try:
            spec.loader.exec_module(package)
        except BaseException:
            del sys.modules[name]
            raise
    return name


def _leads_to(name: str, folder: Path) -> bool:
    """Whether importing ``name`` gives the package in ``folder``."""
    try:
        spec = importlib.util.find_spec(name)
    except (ImportError, ValueError):
        return False
    places = (spec.submodule_search_locations or ()) if spec is not None else ()
    return any(Path(os.path.realpath(place)) == folder for place in places)
