"""cwc reads the flow files that ChainWeaver loads, into the same values; every exception has a name here."""

from __future__ import annotations

import json
from collections.abc import Callable
from copy import deepcopy
from enum import Enum
from typing import Any

import pytest
import yaml
from chainweaver.exceptions import FlowSerializationError
from chainweaver.serialization import flow_from_json, flow_from_yaml
from hypothesis import assume, event, given
from hypothesis import strategies as st
from pydantic import BaseModel

from cwc.diagnostics.model import Report
from cwc.syntax import decode
from tests.unit.syntax.reading import Reading, read

OURS_ALONE = {
    "duplicate_key": "the reference silently takes the last of two equal keys",
    "empty_name": "the reference loads an empty tool name, and dies of it when the flow runs",
    "invalid_reference": "the reference looks at schema references when it resolves them",
    "invalid_version": "the reference looks at versions when it registers a flow",
    "capability_unsupported": "the reference has a hook that can run capability steps; there is nothing to compile",
    "cyclic_alias": "the reference refuses it too, but for its depth",
}
"""Errors of cwc that do not keep the reference from loading a file, and why cwc has them."""

SHARED = {
    "invalid_reference": "the reference wants a colon in the errors of a retry policy when it loads them",
    "empty_name": "the reference refuses an empty tool name beside a flow name",
}.keys()
"""Those of them that the reference sometimes has too."""

BASE: dict[str, Any] = {
    "type": "Flow",
    "format_version": "1",
    "name": "example",
    "version": "1.2.0",
    "description": "An example.",
    "deterministic": True,
    "status": "active",
    "on_context_collision": "error",
    "input_schema_ref": "my.models:Input",
    "dynamic_params": ["token"],
    "tool_schema_hashes": {"double": "0123"},
    "trigger_conditions": {"topic": ["a", 1]},
    "capability_id": None,
    "governance": {"lifecycle": "draft", "replaces_tools": ["x"], "estimated_token_savings": 3, "owner": "me"},
    "safety": {"side_effects": "write", "stability": "stable", "requires_approval": True, "read_only": False},
    "steps": [
        {
            "tool_name": "double",
            "input_mapping": {"number": "number", "factor": 3, "path": "/a/0"},
            "output_mapping": {"twice": "value"},
            "retry": {"max_retries": 2, "backoff_seconds": 0.5, "retryable_errors": ["builtins:ValueError"]},
            "on_error": "fallback:add_ten",
            "decision_candidates": ["double", "add_ten"],
            "input_contract": "my.models:Input",
        },
        {"flow_name": "other", "on_error": "skip"},
    ],
}
DAG: dict[str, Any] = {
    **BASE,
    "type": "DAGFlow",
    "steps": [
        {
            **BASE["steps"][0],
            "step_id": "a",
            "branches": [{"target_step_id": "b", "predicate": "x"}],
            "default_next": "b",
        },
        {"flow_name": "other", "step_id": "b", "depends_on": ["a"]},
        {"tool_name": "c", "step_id": "c", "step_type": "capability", "capability_id": "math.c"},
    ],
}

FIELDS = (
    "type", "format_version", "name", "version", "description", "deterministic", "status", "on_context_collision",
    "output_schema_ref", "context_schema_ref", "dynamic_params", "tool_schema_hashes", "trigger_conditions",
    "governance", "safety", "steps", "tool_name", "flow_name", "input_mapping", "output_mapping", "retry",
    "on_error", "step_id", "decision_candidates", "output_contract", "depends_on", "step_type", "capability_id",
    "branches", "default_next", "max_retries", "jitter", "backoff_multiplier", "retryable_errors", "lifecycle",
    "read_only", "requires_review", "target_step_id", "predicate", "unknown",
)  # fmt: skip
TEXTS = (
    "1", "2", "yes", "no", "1.0", "x", "Flow", "DAGFlow", "active", "disabled", "warn", "error", "fail", "skip",
    "fallback:", "fallback:x", "builtins:ValueError", "a:b", "ValueError", "double", "none", "read", "write",
    "full", "tool", "capability", "draft",
)  # fmt: skip
VALUES: tuple[Any, ...] = (
    None, True, False, 0, 1, 2, -1, 1.0, 1.5, -0.5, 1e400, 10**30, "", "fallback: ", "\ud800", *TEXTS,
    [], ["double"], ["x", "x"], [1], ["a:b"], [None], [{}], {}, {"a": "b"}, {"a": 1}, {"a": None}, {"max_retries": 1},
    {"side_effects": "read", "read_only": True}, {"requires_review": 1}, {"target_step_id": "b", "predicate": "x"},
    [{"target_step_id": "b", "predicate": "x"}], [{"tool_name": "x"}], [{"tool_name": "x", "step_id": "s"}],
)  # fmt: skip
SURROGATE = "\\uD8"


@st.composite
def mutated_flows(draw: st.DrawFn) -> dict[str, Any]:
    """A valid flow with up to three fields anywhere removed, added, or given another value."""
    flow: dict[str, Any] = deepcopy(draw(st.sampled_from((BASE, DAG))))
    for _ in range(draw(st.integers(0, 3))):
        mappings = list(_mappings(flow))
        mapping = draw(st.sampled_from(mappings))
        field = draw(st.sampled_from((*mapping, *FIELDS)))
        if draw(st.integers(0, 3)) == 0:
            mapping.pop(field, None)
        else:
            mapping[field] = deepcopy(draw(st.sampled_from(VALUES)))
    return flow


def _mappings(value: Any) -> list[dict[str, Any]]:
    match value:
        case dict():
            return [value, *(found for inner in value.values() for found in _mappings(inner))]
        case list():
            return [found for inner in value for found in _mappings(inner)]
        case _:
            return []


def reference(text: str, extension: str) -> BaseModel | None:
    """What the reference loads, or None where it refuses the file, in whatever way."""
    try:
        return (flow_from_json if extension == "json" else flow_from_yaml)(text)
    except (FlowSerializationError, RecursionError, ValueError):
        return None


def plain(value: Any) -> Any:
    """A dump in which tuples are lists, and enumerations their values."""
    match value:
        case Enum():
            return value.value
        case dict():
            return {key: plain(inner) for key, inner in value.items()}
        case list() | tuple():
            return [plain(inner) for inner in value]
        case _:
            return value


def compare(text: str, extension: str) -> Reading:
    """Read a text both ways: the same verdict, and the same values of what both accept."""
    ours, theirs = read(text, extension), reference(text, extension)
    serious = set(ours.errors) - OURS_ALONE.keys()
    if theirs is None:
        assert serious or SHARED & set(ours.errors), text
        return ours
    assert not serious, (text, list(ours.report))
    if not ours.errors:
        assert ours.document is not None
        assert repr(plain(ours.document.flow.model_dump())) == repr(plain(_ordered(theirs, ours.document.flow)))
    return ours


def _ordered(theirs: BaseModel, ours: BaseModel) -> Any:
    """The reference's dump with its fields in our order."""
    return _like(theirs.model_dump(), ours.model_dump())


def _like(theirs: Any, ours: Any) -> Any:
    match theirs, ours:
        case dict(), dict() if theirs.keys() == ours.keys():
            return {key: _like(theirs[key], ours[key]) for key in ours}
        case list() | tuple(), list() | tuple() if len(theirs) == len(ours):
            return [_like(one, other) for one, other in zip(theirs, ours, strict=True)]
        case _:
            return theirs


@given(mutated_flows())
def test_json_files_are_loaded_alike(flow: dict[str, Any]) -> None:
    event("refused" if compare(json.dumps(flow), "json").errors else "read")


@given(mutated_flows())
def test_yaml_files_are_loaded_alike(flow: dict[str, Any]) -> None:
    text = yaml.safe_dump(flow)
    assume(SURROGATE not in text)
    event("refused" if compare(text, "yaml").errors else "read")


def test_the_unchanged_flows_are_valid() -> None:
    assert not compare(json.dumps(BASE), "json").slugs
    assert compare(json.dumps(DAG), "json").slugs == ["capability_unsupported"]


FLOW = "type: Flow\nname: a\ndescription: b\n"
INVALID = {
    "top_level_list.json": ("[]", "not_a_mapping"),
    "top_level_string.json": ('"flow"', "not_a_mapping"),
    "top_level_number.json": ("42", "not_a_mapping"),
    "top_level_null.json": ("null", "not_a_mapping"),
    "top_level_list.yaml": ("- a\n- b\n", "not_a_mapping"),
    "top_level_scalar.yaml": ("just text\n", "not_a_mapping"),
    "trailing_comma.json": ('{"type": "Flow",}', "invalid_json"),
    "truncated.json": ('{"type": "Flow", "name": "a"', "invalid_json"),
    "bom_prefixed.json": ('\ufeff{"type": "Flow"}', "byte_order_mark"),
    "unclosed_sequence.yaml": ("steps: [1, 2\n", "invalid_yaml"),
    "tab_indentation.yaml": ("steps:\n\t- tool_name: a\n", "invalid_yaml"),
    "unsafe_python_tag.yaml": ("name: !!python/object/apply:os.getcwd []\n", "unknown_tag"),
    "empty.yaml": ("", "empty_document"),
    "comment_only.yaml": ("# nothing\n", "empty_document"),
    "missing_type.json": ('{"name": "a", "description": "b", "steps": []}', "unknown_flow_type"),
    "missing_type.yaml": ("name: a\ndescription: b\nsteps: []\n", "unknown_flow_type"),
    "unknown_type.json": ('{"type": "Workflow", "name": "a", "description": "b", "steps": []}', "unknown_flow_type"),
    "future_format_version.yaml": (FLOW + "format_version: '2'\nsteps: []\n", "unsupported_format_version"),
    "missing_required_fields.json": ('{"type": "Flow", "steps": []}', "missing_field"),
    "missing_required_fields.yaml": ("type: Flow\nsteps: []\n", "missing_field"),
    "steps_not_a_list.yaml": (FLOW + "steps: {a: b}\n", "wrong_type"),
    "steps_null.yaml": (FLOW + "steps:\n", "wrong_type"),
    "steps_scalar.yaml": (FLOW + "steps: 3\n", "wrong_type"),
    "name_wrong_type.yaml": ("type: Flow\nname: [a]\ndescription: b\nsteps: []\n", "wrong_type"),
    "version_wrong_type.yaml": (FLOW + "version: 1.0\nsteps: []\n", "wrong_type"),
    "step_missing_tool_name.yaml": (FLOW + "steps:\n- input_mapping: {}\n", "tool_or_flow"),
    "step_not_an_object.yaml": (FLOW + "steps:\n- double\n", "wrong_type"),
    "step_input_mapping_scalar.yaml": (FLOW + "steps:\n- {tool_name: a, input_mapping: 3}\n", "wrong_type"),
    "dag_missing_version.yaml": ("type: DAGFlow\nname: a\ndescription: b\nsteps: []\n", "missing_field"),
    "dag_step_missing_id.yaml": (
        FLOW.replace("Flow", "DAGFlow") + "version: '1'\nsteps:\n- tool_name: a\n",
        "missing_field",
    ),
}


@pytest.mark.parametrize("name", INVALID)
def test_what_the_reference_refuses_is_an_error_of_its_kind(name: str) -> None:
    text, slug = INVALID[name]
    extension = name.rpartition(".")[2]
    assert reference(text, extension) is None
    assert compare(text, extension).errors[0] == slug


EMPTY: dict[str, Any] = {"type": "Flow", "name": "a", "description": "b", "steps": []}


def nested(depth: int) -> list[Any]:
    inner: list[Any] = []
    for _ in range(depth - 1):
        inner = [inner]
    return inner


AT_LIMIT: dict[str, Callable[[int], dict[str, Any]]] = {
    "nested_too_deep": lambda over: {**EMPTY, "a": nested(63 + over)},
    "string_too_long": lambda over: {**EMPTY, "x" * (100_000 + over): "x" * (100_000 + over)},
    "too_many_nodes": lambda over: {**EMPTY, "a": [0] * (99_994 + over)},
    "too_many_steps": lambda over: {**EMPTY, "steps": [{"tool_name": "a"}] * (1000 + over)},
}


@pytest.mark.parametrize("slug", AT_LIMIT)
def test_the_limits_are_the_same(slug: str) -> None:
    check_limit(slug, *(json.dumps(AT_LIMIT[slug](over)) for over in (0, 1)))


def test_integers_may_be_of_the_same_length() -> None:
    text = json.dumps(EMPTY)[:-1]
    check_limit("integer_too_long", f'{text}, "a": {"9" * 4300}}}', f'{text}, "a": {"9" * 4301}}}')


def check_limit(slug: str, fits: str, breaks: str) -> None:
    assert reference(fits, "json") is not None
    assert not compare(fits, "json").errors
    assert reference(breaks, "json") is None
    assert set(compare(breaks, "json").errors) == {slug}


def test_aliases_count_the_same() -> None:
    def text(more: int) -> str:
        return f"{FLOW}steps: []\na: &a [{'0, ' * 999}]\nb: [{'*a, ' * 98}]\nc: [{'0, ' * (993 + more)}]\n"

    assert reference(text(0), "yaml") is not None
    assert not compare(text(0), "yaml").errors
    assert reference(text(1), "yaml") is None
    assert compare(text(1), "yaml").errors == ["too_many_nodes"]


def test_files_may_be_of_the_same_size() -> None:
    text = json.dumps(EMPTY)
    largest = text + " " * (5 * 1024 * 1024 - len(text))
    for whole in (largest, largest + " "):
        decoded = decode("a.flow.json", whole.encode(), Report())
        assert (reference(whole, "json") is None) == (decoded is None)


EXCEPTIONS = [
    ("duplicate_key", FLOW + "name: c\nsteps: []\n"),
    ("empty_name", FLOW + "steps: [{tool_name: ''}]\n"),
    ("invalid_reference", FLOW + "input_schema_ref: nothing\nsteps: []\n"),
    ("invalid_version", FLOW + "version: latest\nsteps: []\n"),
    ("capability_unsupported", json.dumps(DAG)),
]


@pytest.mark.parametrize(("slug", "text"), EXCEPTIONS)
def test_each_exception_is_one(slug: str, text: str) -> None:
    assert reference(text, "yaml") is not None
    assert read(text).errors == [slug]


@pytest.mark.skipif(not yaml.__with_libyaml__, reason="PyYAML was built without libyaml")
def test_libyaml_takes_tabs_between_values_and_the_parser_of_the_reference_does_not() -> None:
    text = FLOW + "version:\t'1.0'\nsteps: []\n"
    assert reference(text, "yaml") is None
    assert not read(text).errors


@pytest.mark.skipif(not yaml.__with_libyaml__, reason="PyYAML was built without libyaml")
def test_libyaml_refuses_half_a_character_and_the_parser_of_the_reference_does_not() -> None:
    text = FLOW + f'capability_id: "{SURROGATE}00"\nsteps: []\n'
    assert reference(text, "yaml") is not None
    assert read(text).errors == ["invalid_yaml"]
