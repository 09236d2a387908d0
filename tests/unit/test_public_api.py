"""What people import, and how they call it, is as it was accepted: names and signatures, in tests/public_api.txt.

``pytest --accept`` rewrites the file; a change of it is then reviewed in the diff, and told in the changelog.
"""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Iterator
from enum import Enum
from pathlib import Path
from typing import Any

import pytest

import cwc
import cwc.runtime
from cwc import compile_flow
from tests.example_tools import double
from tests.projects import ROOT

ACCEPTED = ROOT / "tests" / "public_api.txt"
ATTRIBUTES = (
    "name", "version", "description", "source", "source_digest", "tool_schema_hashes", "determinism_level", "status",
    "lanes", "required_inputs", "input_schema", "output_schema", "format_version",
)  # fmt: skip
FUNCTIONS = ("run", "run_async", "stream", "stream_async", "resume", "resume_async")


def signature(value: Any) -> str:
    """The parameters of a callable with their defaults; types are for type checkers, which other tests run."""
    try:
        parameters = inspect.signature(value).parameters.values()
    except (TypeError, ValueError):
        return ""
    bare = [
        each.replace(annotation=inspect.Parameter.empty, default=shown(each.default))
        for each in parameters
        if each.name != "self"
    ]
    return str(inspect.Signature(bare))


def shown(default: Any) -> Any:
    """A default, or an ellipsis for one whose text is not the same everywhere."""
    plain = default is inspect.Parameter.empty or default is None or isinstance(default, bool | int | float | str)
    return default if plain or default == () else ...


def members(kind: type) -> Iterator[str]:
    for name in sorted(set(dir(kind)) - set(dir(Exception)) - set(dir(object))):
        if name.startswith("_"):
            continue
        value = inspect.getattr_static(kind, name)
        if isinstance(value, staticmethod | classmethod):
            value = value.__func__
        yield f"  .{name}{signature(value) if inspect.isfunction(value) else ''}"


def described(name: str, value: Any) -> Iterator[str]:
    if isinstance(value, type) and issubclass(value, Enum):
        yield f"{name}: {', '.join(value.__members__)}"
    elif isinstance(value, type):
        yield f"{name}{'' if issubclass(value, Exception) else signature(value)}"
        yield from () if hasattr(value, "model_fields") or issubclass(value, Exception) else members(value)
    else:
        yield f"{name}{signature(value) if callable(value) else ''}"


def exported(module: str) -> Iterator[str]:
    names = importlib.import_module(module).__all__
    for name in sorted(names):
        value = getattr(importlib.import_module(module), name)
        yield from described(f"{module}.{name}", "text" if isinstance(value, str) else value)


def flow_api() -> Iterator[str]:
    step = {"tool_name": "double", "input_mapping": {"number": "number"}}
    flow = compile_flow({"type": "Flow", "name": "f", "description": "", "steps": [step]}, [double])
    for name in ATTRIBUTES:
        getattr(flow, name)
        yield f"FLOW.{name}"
    yield from (f"FLOW.{name}{signature(getattr(type(flow), name))}" for name in (*FUNCTIONS, "bind"))
    for name in FUNCTIONS:
        assert name in flow.namespace, name


def test_it_is_as_it_was_accepted(request: pytest.FixtureRequest) -> None:
    text = "\n".join([*exported("cwc"), *exported("cwc.runtime"), *flow_api()]) + "\n"
    if request.config.getoption("--accept"):
        ACCEPTED.write_text(text, "utf-8")
    assert text == Path(ACCEPTED).read_text("utf-8")


def test_every_name_that_is_exported_is_there() -> None:
    for module in (cwc, cwc.runtime):
        assert set(module.__all__) <= set(dir(module))
        for name in module.__all__:
            assert getattr(module, name) is not None
