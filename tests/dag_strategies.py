"""Hypothesis strategies for DAG flows, with branches, decisions, and flows that steps run."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from pydantic import BaseModel

from tests.strategies import (
    KEYS,
    SCHEMAS,
    Decides,
    FlowCase,
    ToolCase,
    _accepted,
    _handling,
    _steps,
    _value,
    contexts,
    fields,
    known_at_entry,
    mapping_sources,
    model,
    toolboxes,
    typed_fields,
    written,
)

Fields = dict[str, tuple[str, bool]]
"""Keys, the kinds of what they hold, and whether they must be there."""


@st.composite
def dag_flows(
    draw: st.DrawFn,
    *,
    max_steps: int = 6,
    closed: bool = False,
    reliable: bool = False,
    composed: bool = True,
    typed: bool = False,
    careful: bool = False,
) -> FlowCase:
    """DAG flows that are mostly wired well.

    Within a level the steps stand in an order that ChainWeaver runs them in as well. ``closed``, ``reliable``,
    ``typed`` and ``careful`` as for linear flows; ``composed``: steps may run other flows, and tools be decided on.
    """
    tools = draw(toolboxes(reliable=reliable, typed=typed))
    schema = draw((typed_fields if typed else fields) if closed else st.none() | fields)
    schemas: dict[str, type[BaseModel]] = {}
    known = known_at_entry(schema, draw(st.sets(st.sampled_from(KEYS), min_size=1)))
    passed: dict[str, tuple[dict[str, Any], ...]] = {}
    others, asked = draw(_children(tools, schemas, passed, typed=typed, careful=careful)) if composed else ((), {})
    levels: list[list[dict[str, Any]]] = []
    left = draw(st.integers(1, max_steps))
    while left:
        width = min(left, draw(st.integers(1, 3)))
        level = [draw(_dag_step(tools, others, asked, levels, known, schemas, careful=careful)) for _ in range(width)]
        level.sort(key=lambda step: _order(step, levels))
        for number, step in enumerate(level):
            step["step_id"] = f"s{len(levels)}_{number}"
        for step in level:
            known |= written(step, tools)
        levels.append(level)
        left -= width
    steps = [step for level in levels for step in level]
    for step in steps:
        draw(_branches(step, steps, known))
    flow: dict[str, Any] = {"type": "DAGFlow", "name": "flow", "version": "1.0", "description": "", "steps": steps}
    policy = draw(st.sampled_from((None, "overwrite", "warn", *(() if careful else ("error",)))))
    if policy is not None:
        flow["on_context_collision"] = policy
    if schema is not None:
        schemas["input_schema_ref"] = model("InputSchemaRef", schema, "forbid" if closed else "ignore")
    answers: tuple[Decides | None, ...] = (None, "chooses", "chooses", "chooses", "raises", "nonsense")
    decides = draw(st.sampled_from(answers)) if composed else None
    if closed:
        assert schema is not None
        return FlowCase(flow, tools, draw(_accepted(schema)), schemas, None, others, decides, passed)
    inputs = tuple(draw(st.lists(contexts, min_size=1, max_size=3)))
    inputs = (
        *inputs,
        {key: _value(schema[key][0] if schema else "int", 7) for key in list(known)[: len(schema or KEYS)]},
    )
    return FlowCase(flow, tools, inputs, schemas, draw(st.none() | st.none() | contexts), others, decides)


def _order(step: dict[str, Any], levels: list[list[dict[str, Any]]]) -> int:
    """Where ChainWeaver places a step within its level."""
    if not levels:
        return 0
    return max(number for number, other in enumerate(levels[-1]) if other["step_id"] in step["depends_on"])


@st.composite
def _dag_step(
    draw: st.DrawFn,
    tools: tuple[ToolCase, ...],
    others: tuple[dict[str, Any], ...],
    asked: Fields,
    levels: list[list[dict[str, Any]]],
    known: dict[str, str],
    schemas: dict[str, type[BaseModel]],
    *,
    careful: bool,
) -> dict[str, Any]:
    if others and draw(st.integers(0, 3)) == 0:
        step: dict[str, Any] = {"flow_name": "child"}
        if draw(st.integers(0, 3)):
            step["input_mapping"] = draw(_passed(known, asked, careful=careful))
        given = tuple(step.get("input_mapping", ())) if careful else KEYS
        if given and (careful or draw(st.booleans())):
            step["output_mapping"] = {f"n{len(known)}_{draw(st.integers(0, 99))}": draw(st.sampled_from(given))}
    else:
        tool = draw(st.sampled_from(tools))
        step = draw(_steps(tool, known, careful=careful))
        step |= draw(_handling((tool,) if careful else tools, schemas, tool, step, careful=careful))
        if careful or draw(st.integers(0, 3)):
            # Most steps write keys of their own, so that siblings rarely meet.
            renamed = {f"n{len(known)}_{draw(st.integers(0, 99))}_{key}": key for key in tool.outputs}
            step["output_mapping"] = renamed
        if others and draw(st.integers(0, 14 if careful else 4)) == 0:
            step["decision_candidates"] = [tool.name, *(each.name for each in tools if each is not tool)]
    step["depends_on"] = []
    if levels:
        last = draw(st.sets(st.sampled_from([each["step_id"] for each in levels[-1]]), min_size=1))
        rest = [each["step_id"] for level in levels[:-1] for each in level]
        before = draw(st.sets(st.sampled_from(rest), max_size=2)) if rest else set()
        step["depends_on"] = sorted(last | before)
    return step


@st.composite
def _branches(draw: st.DrawFn, step: dict[str, Any], steps: list[dict[str, Any]], known: dict[str, str]) -> None:
    """Give a step branches, now and then."""
    waiting = [other["step_id"] for other in steps if step["step_id"] in other["depends_on"]]
    if not waiting or draw(st.integers(0, 2)):
        return
    step["branches"] = [
        {"target_step_id": draw(st.sampled_from(waiting)), "predicate": draw(_predicates(tuple(known)))}
        for _ in range(draw(st.integers(1, 2)))
    ]
    if draw(st.booleans()):
        step["default_next"] = draw(st.sampled_from(waiting))


@st.composite
def _predicates(draw: st.DrawFn, known: tuple[str, ...]) -> str:
    key = draw(st.sampled_from(known))
    return draw(
        st.sampled_from(
            (
                f"{key} == 7", f"{key} != 7", f"{key}", f"not {key}", f"{key} > 3", f"{key} in (1, 7)", "True", "False",
                f"{key} == 's7' or {key} == 7", f"True or {key}", f"{key} and {key}[0] == 7", f"-1 < {key} <= 50",
            )
        )
    )  # fmt: skip


@st.composite
def _passed(draw: st.DrawFn, known: dict[str, str], asked: Fields, *, careful: bool) -> dict[str, Any]:
    """What a step passes to a flow: mostly what it asks for, and other keys if it asks for nothing."""
    if not asked:
        return {key: draw(st.sampled_from(tuple(known))) for key in draw(st.sets(st.sampled_from(KEYS)))}
    extra = {"extra": draw(st.sampled_from(tuple(known)))} if not careful and draw(st.integers(0, 9)) == 0 else {}
    taken = {key: kind for key, (kind, required) in asked.items() if required or draw(st.booleans())}
    return {key: draw(mapping_sources(known, kind, careful=careful)) for key, kind in taken.items()} | extra


@st.composite
def _children(
    draw: st.DrawFn,
    tools: tuple[ToolCase, ...],
    schemas: dict[str, type[BaseModel]],
    passed: dict[str, tuple[dict[str, Any], ...]],
    *,
    typed: bool,
    careful: bool,
) -> tuple[tuple[dict[str, Any], ...], Fields]:
    """No other flows, or a linear flow that steps run, which may run another one; and what the first one asks for."""
    if draw(st.booleans()):
        return (), {}
    flows: list[dict[str, Any]] = []
    inner: tuple[str, Fields] | None = None
    for name in ("grandchild", "child") if draw(st.booleans()) else ("child",):
        asked = draw(st.just({}) | (typed_fields if typed else fields))
        flow = draw(_child(tools, name, asked, inner, careful=careful))
        passed[name] = draw(_accepted(asked)) if asked else (dict.fromkeys(KEYS, _value("any", 7)),)
        if asked:
            schemas[name] = model(f"{name.title()}Input", asked, draw(st.sampled_from(("ignore", "forbid"))))
            flow["input_schema_ref"] = f"{SCHEMAS}:{name.title()}Input"
        flows.insert(0, flow)
        inner = (name, asked)
    assert inner is not None
    return tuple(flows), inner[1]


@st.composite
def _child(
    draw: st.DrawFn,
    tools: tuple[ToolCase, ...],
    name: str,
    asked: Fields,
    runs: tuple[str, Fields] | None,
    *,
    careful: bool,
) -> dict[str, Any]:
    """A linear flow; ``runs`` is the flow that its last step runs, and what that asks for."""
    steps: list[dict[str, Any]] = []
    known = known_at_entry(asked, set(KEYS))
    for number in range(draw(st.integers(0, 2))):
        tool = draw(st.sampled_from(tools))
        step = draw(_steps(tool, known, careful=careful))
        if careful or draw(st.booleans()):
            step["output_mapping"] = {f"c{number}_{key}": key for key in tool.outputs}
        steps.append(step | {"on_error": draw(st.sampled_from(("fail", "skip")))})
        known |= written(steps[-1], tools)
    if runs is not None:
        steps.append({"flow_name": runs[0], "input_mapping": draw(_passed(known, runs[1], careful=careful))})
    return {
        "type": "Flow",
        "name": name,
        "version": "1.0",
        "description": "",
        "on_context_collision": draw(st.sampled_from(("overwrite", "warn", *(() if careful else ("error",))))),
        "steps": steps,
    }
