"""Verdicts on types against ChainWeaver's check, whose rule (SEMANTICS B 3.5) is another than cwc's (SEMANTICS A 5)."""

from __future__ import annotations

import types
import typing
from collections.abc import Iterator
from typing import Any, Literal, Never, Union

from chainweaver.compiler import compile_flow as reference_check
from chainweaver.serialization import flow_from_dict
from hypothesis import event, given
from pydantic import BaseModel, TypeAdapter, ValidationError

from tests.dag_strategies import dag_flows
from tests.differential.reference import reported, schemas_of, tools_of
from tests.strategies import TYPES, FlowCase, _value, linear_flows

SLUGS = {"type_mismatch", "fallback_type_mismatch", "fallback_output_type_mismatch", "output_type_mismatch"}
WEAKER = ("type_narrowing", "implicit_coercion")
Place = tuple[int, str]


@given(linear_flows(closed=True, typed=True))
def test_the_same_mismatches(case: FlowCase) -> None:
    _expect_the_same(case)


@given(dag_flows(closed=True, typed=True, composed=False))
def test_the_same_mismatches_in_dag_flows(case: FlowCase) -> None:
    _expect_the_same(case)


def _expect_the_same(case: FlowCase) -> None:
    with schemas_of(case) as flow:
        ours = _ours(case, flow)
        theirs = {(place, slug) for place, slug in _theirs(case, flow) if slug in SLUGS}
        mismatches = {finding for finding in ours if finding[1] in SLUGS}
        for place, slug in theirs - mismatches:
            name = _only_theirs(place, slug, ours, case, flow)
            assert name, (place, slug, "only theirs", ours)
            event(name)
        for place, slug in mismatches - theirs:
            name = _only_ours(place, slug, case, flow)
            assert name, (place, slug, "only ours", theirs)
            event(name)
        for _, slug in mismatches & theirs:
            event(f"both: {slug}")


def _ours(case: FlowCase, flow: dict[str, Any]) -> set[tuple[Place, str]]:
    end = len(flow["steps"])
    return {
        ((end if found.step_index is None else found.step_index, str(found.field)), found.slug)
        for found in reported(case, flow)
        if found.slug in (*SLUGS, *WEAKER)
    }


def _theirs(case: FlowCase, flow: dict[str, Any]) -> Iterator[tuple[Place, str]]:
    result = reference_check(flow_from_dict(flow), {tool.name: tool for tool in tools_of(case)})  # type: ignore[misc]
    issues: list[Any] = [*result.errors, *result.warnings]
    return (((issue.step_index, issue.field_name), issue.issue_type) for issue in issues)


def _only_theirs(
    place: Place, slug: str, ours: set[tuple[Place, str]], case: FlowCase, flow: dict[str, Any]
) -> str | None:
    for weaker in WEAKER:
        if (place, weaker) in ours:
            return f"a mismatch there, {weaker} here"
    given, taken = _meeting(place, slug, case, flow)
    if given is Any:
        return "what comes of an output that does not exist: a mismatch there, nothing here"
    accepted = {_accepts(taken, value) for value in _samples(given)}
    if accepted == {True}:
        return "a mismatch there, taken by Pydantic"
    found = _found(place, case, flow)
    return "another step has written it: a mismatch there, nothing here" if found and given not in found else None


def _only_ours(place: Place, slug: str, case: FlowCase, flow: dict[str, Any]) -> str | None:
    step, field = place
    if slug == "output_type_mismatch" and field in _annotations(case.schemas.get("context_schema_ref", BaseModel)):
        return "the context schema is checked too"
    if slug in ("type_mismatch", "fallback_type_mismatch"):
        mapping = flow["steps"][step].get("input_mapping")
        if not mapping:
            return "types of a whole context are checked too"
        if str(mapping[field]).startswith("/"):
            return "types along pointers are checked too"
    given, taken = _meeting(place, slug, case, flow)
    if all(_accepts(taken, value) for value in _samples(given)):
        others = [value for other in _found(place, case, flow) if other != given for value in _samples(other)]
        refused = not all(_accepts(taken, value) for value in others)
        return "what steps have written that are no ancestors is compared too" if refused else None
    if _is_union(given) or _is_union(taken) or Literal in (typing.get_origin(given), typing.get_origin(taken)):
        return "unions and Literals are unknown there"
    if typing.get_origin(given) is not None and typing.get_origin(given) is typing.get_origin(taken):
        return "the items of containers are compared too"
    return None


def _meeting(place: Place, slug: str, case: FlowCase, flow: dict[str, Any]) -> tuple[Any, Any]:
    """The type that is given and the one that takes it, in the context as the reference models it."""
    step_index, field = place
    tools = {tool.name: tool for tool in case.tools}
    context = _modelled(step_index, case, flow)
    if slug == "output_type_mismatch":
        return context[field], _annotations(case.schemas["output_schema_ref"])[field]
    step = flow["steps"][step_index]
    tool, fallback = tools[step["tool_name"]], tools.get(step["on_error"].partition(":")[2])
    if slug == "fallback_output_type_mismatch":
        assert fallback is not None
        return _annotations(fallback.output_model)[field], _annotations(tool.output_model)[field]
    taker = fallback if slug == "fallback_type_mismatch" else tool
    assert taker is not None
    # A key that no ancestor writes is unknown to the reference.
    return context.get(step["input_mapping"][field], Never), _annotations(taker.input_model)[field]


def _modelled(step_index: int, case: FlowCase, flow: dict[str, Any]) -> dict[str, Any]:
    """The types in the context before a step, as the reference has them: in a DAG flow, what its ancestors write."""
    context = _annotations(case.schemas["input_schema_ref"])
    steps = flow["steps"]
    if flow["type"] == "Flow":
        for step in steps[:step_index]:
            context |= _written(step, case)
        return context
    numbers = {step["step_id"]: number for number, step in enumerate(steps)}
    for name in steps[step_index]["depends_on"] if step_index < len(steps) else ():
        context |= _modelled(numbers[name], case, flow) | _written(steps[numbers[name]], case)
    return context


def _found(place: Place, case: FlowCase, flow: dict[str, Any]) -> list[Any]:
    """The types of what may be under the key that an input of a DAG flow's step reads, whoever has written it."""
    step_index, field = place
    if flow["type"] == "Flow" or step_index >= len(flow["steps"]):
        return []
    step = flow["steps"][step_index]
    key = step.get("input_mapping", {}).get(field)
    level = _level(step, flow)
    found = [_annotations(case.schemas["input_schema_ref"]).get(key)]
    found += [_written(other, case).get(key) for other in flow["steps"] if _level(other, flow) < level]
    return [each for each in found if each is not None]


def _level(step: dict[str, Any], flow: dict[str, Any]) -> int:
    before = [other for other in flow["steps"] if other["step_id"] in step["depends_on"]]
    return max((_level(other, flow) + 1 for other in before), default=0)


def _written(step: dict[str, Any], case: FlowCase) -> dict[str, Any]:
    """The types of the keys that a step writes."""
    tool = next(tool for tool in case.tools if tool.name == step["tool_name"])
    outputs, mapping = _annotations(tool.output_model), step.get("output_mapping")
    return outputs if mapping is None else {key: outputs.get(name, Any) for key, name in mapping.items()}


def _annotations(model: type[BaseModel]) -> dict[str, Any]:
    return {name: info.annotation for name, info in model.model_fields.items()}


def _is_union(annotation: Any) -> bool:
    return typing.get_origin(annotation) in (Union, types.UnionType)


def _accepts(annotation: Any, value: Any) -> bool:
    try:
        TypeAdapter(annotation).validate_python(value)
    except ValidationError:
        return False
    return True


def _samples(annotation: Any) -> list[Any]:
    """Values of a type as they are dumped."""
    if _is_union(annotation):
        return [value for member in typing.get_args(annotation) for value in _samples(member)]
    if annotation is type(None):
        return [None]
    if annotation is Never:
        return []
    kinds = [kind for kind, known in TYPES.items() if known == annotation]
    return [_value(kind, weight) for kind in kinds for weight in range(4)]
