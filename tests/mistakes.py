"""Hypothesis strategies for flows that build, and for mistakes planted into them, each in a part of its own."""

from __future__ import annotations

import copy
import json
from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Literal

from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict

import cwc

Mapping = dict[str, Any]
Found = tuple[str, int | None]
"""A slug, and the position of the step that it is about."""


class Spot(BaseModel):
    model_config = ConfigDict(extra="forbid")
    x: int
    tags: list[str] = []


class Taken(BaseModel):
    model_config = ConfigDict(extra="forbid")
    number: int
    word: str
    spot: Spot


class Made(BaseModel):
    number: int
    word: Literal["one", "two"]
    spot: Spot


class Little(BaseModel):
    little: str


class Odd(BaseModel):
    number: list[int]
    word: str
    spot: Spot
    more: int


class Asked(BaseModel):
    nowhere: int


class Ended(BaseModel):
    number: list[int]


def _never(inputs: BaseModel) -> Any:
    raise NotImplementedError


def _tool(name: str, takes: type[BaseModel], gives: type[BaseModel], *, safe: bool = True) -> cwc.Tool:
    return cwc.Tool(
        name=name, description="", input_schema=takes, output_schema=gives, fn=_never, safe_to_retry=safe or None
    )


TOOLS = (
    _tool("first", Taken, Made),
    _tool("second", Taken, Made),
    _tool("little", Taken, Little),
    _tool("odd", Odd, Made),
)
FLOW: Mapping = {
    "type": "Flow", "name": "flow", "version": "1.0", "description": "", "on_context_collision": "error",
    "input_schema_ref": f"{__name__}:Taken",
}  # fmt: skip
WIRED = {name: name for name in ("number", "word", "spot")}
CHILD: Mapping = {
    **FLOW, "name": "child",
    "steps": [
        {"tool_name": "first", "input_mapping": WIRED, "output_mapping": {f"c_{name}": name for name in WIRED}},
    ],
}  # fmt: skip


DROP = object()


@dataclass(frozen=True)
class Mistake:
    """What the build must say of a step, and how the mistake is made; see the table for each field."""

    slug: str
    parts: str
    path: str
    value: Any
    of: str = "any"
    needs: str = ""

    def plant(self, step: Mapping, words: dict[str, str]) -> None:
        *way, last = _worded(self.path, words).split(".")
        inner = step
        for key in way:
            inner = inner.setdefault(key, {})
        if self.value is DROP:
            del inner[last]
        else:
            inner[last] = _worded(self.value, words)


def _worded(value: Any, words: dict[str, str]) -> Any:
    """A copy in which words stand for their names."""
    match value:
        case str():
            for name, word in words.items():
                value = value.replace(name, word)
            return value
        case list():
            return [_worded(each, words) for each in value]
        case dict():
            return {key: _worded(each, words) for key, each in value.items()}
        case _:
            return value


def _branch(target: str, predicate: str) -> Mapping:
    return {"target_step_id": target, "predicate": predicate}


IN, OUT = "input_mapping", "output_mapping"
# The slug; the parts of the step that no other mistake may then touch; what stands where, * being the step's own word.
# Then the steps that can have it: any, those of tools or flows, of DAGs, or that others wait for; and the parts that
# must be right for it. DROP leaves out; $spot is what the step takes its spot from.
STEP_MISTAKES = (
    Mistake("missing_tool", "name", "tool_name", "nowhere_*", "tool"),
    Mistake("empty_name", "name", "tool_name", "", "tool"),
    Mistake("wrong_type", "name", "tool_name", [5], "tool"),
    Mistake("tool_or_flow", "name", "tool_name", DROP, "tool"),
    Mistake("tool_or_flow", "name", "flow_name", "child", "tool"),
    Mistake("unknown_flow", "name", "flow_name", "nowhere_*", "flow"),
    Mistake("missing_mapping_key", "number", f"{IN}.number", "no_*"),
    Mistake("missing_mapping_key", "word", f"{IN}.word", "/no_*/x"),
    Mistake("missing_mapping_key", "more", f"{IN}.more", "never_*"),
    Mistake("dead_pointer", "spot", f"{IN}.spot", "/$spot/nowhere"),
    Mistake("type_mismatch", "number", f"{IN}.number", "$spot", needs="name spot"),
    Mistake("type_mismatch", "word", f"{IN}.word", "/$spot/x", needs="name spot"),
    Mistake("invalid_literal", "number", f"{IN}.number", [1], needs="name"),
    Mistake("invalid_literal", "spot", f"{IN}.spot", {"x": None}, needs="name"),
    Mistake("missing_required_input", "number", f"{IN}.number", DROP, "tool", "name"),
    Mistake("subflow_missing_input", "number", f"{IN}.number", DROP, "flow", "name"),
    Mistake("unknown_target_key", "more", f"{IN}.more", "number", "tool", "name"),
    Mistake("subflow_unknown_input", "more", f"{IN}.more", "number", "flow", "name"),
    Mistake("unknown_output_key", "output", f"{OUT}.*_x", "nowhere", "tool", "name"),
    Mistake("subflow_unknown_output", "output", f"{OUT}.*_x", "nowhere", "flow", "name"),
    Mistake("wrong_type", "output", f"{OUT}.*_x", 5),
    Mistake("missing_fallback_tool", "on_error", "on_error", "fallback:no_*", "tool"),
    Mistake("invalid_on_error", "on_error", "on_error", "later", "tool"),
    Mistake("fallback_output_missing_mapped_key", "on_error", "on_error", "fallback:little", "tool"),
    Mistake("fallback_missing_required_input", "on_error more", "on_error", "fallback:odd", "tool"),
    Mistake("fallback_type_mismatch", "on_error number", "on_error", "fallback:odd", "tool"),
    Mistake("out_of_range", "retry", "retry.max_retries", -1, "tool"),
    Mistake("wrong_type", "retry errors", "retry", "often", "tool"),
    Mistake("unresolved_reference", "errors", "retry.retryable_errors", ["builtins:No"], "tool"),
    Mistake("ignored_on_subflow", "retry errors", "retry", {"max_retries": 1}, "flow", "name"),
    Mistake("unknown_field", "field", "input_maping", {}),
    Mistake("unresolved_reference", "in", "input_contract", f"{__name__}:No", "tool"),
    Mistake("contract_mismatch", "in", "input_contract", f"{__name__}:Asked", "tool"),
    Mistake("unresolved_reference", "out", "output_contract", f"{__name__}:No", "tool"),
    Mistake("contract_mismatch", "out", "output_contract", f"{__name__}:Asked", "tool", "name"),
    Mistake("missing_candidate_tool", "decision", "decision_candidates", ["first", "second", "no"], "tool", "name"),
    Mistake("invalid_decision_candidates", "decision", "decision_candidates", ["little"], "tool", "name"),
    Mistake("invalid_decision_candidates", "decision", "decision_candidates", ["first"], "flow", "name"),
    Mistake("unknown_dependency", "depends_on", "depends_on", ["no_*"], "dag"),
    Mistake("wrong_type", "depends_on", "depends_on", {"a": 1}, "dag"),
    Mistake("cycle", "depends_on", "depends_on", ["*"], "dag", "step_id"),
    Mistake("missing_field", "step_id", "step_id", DROP, "dag"),
    Mistake("invalid_choice", "step_type", "step_type", "tol", "dag"),
    Mistake("misplaced_field", "step_type", "capability_id", "x", "dag"),
    Mistake("invalid_predicate", "branches", "branches", [_branch("$next", "1 +")], "next"),
    Mistake("unknown_predicate_name", "branches", "branches", [_branch("$next", "nowhere > 1")], "next"),
    Mistake("unknown_predicate_name", "branches", "branches", [_branch("nobody", "nowhere > 1")], "dag"),
    Mistake("unknown_branch_target", "branches", "branches", [_branch("nobody", "number == 1")], "dag"),
    Mistake("predicate_type_error", "branches", "branches", [_branch("$next", "*_spot < 1")], "next", "name"),
    Mistake("misplaced_field", "branches", "default_next", "nobody", "dag"),
)

FLOW_MISTAKES: dict[str, tuple[str, Any, str]] = {
    "version": ("version", "latest", "invalid_version"),
    "description": ("description", [5], "wrong_type"),
    "context": ("context_schema_ref", f"{__name__}:No", "unresolved_reference"),
    "gap": ("output_schema_ref", f"{__name__}:Asked", "output_schema_gap"),
    "ending": ("output_schema_ref", f"{__name__}:Ended", "output_type_mismatch"),
    "field": ("on_context_colision", "warn", "unknown_field"),
    "policy": ("deterministic", "perhaps", "wrong_type"),
    "type": ("type", "flow", "unknown_flow_type"),
}


@dataclass(frozen=True)
class Planted:
    """A flow with mistakes, and what the build must say of them, each as often as it was planted."""

    flow: Mapping
    expected: Counter[Found] = field(default_factory=Counter)

    def __repr__(self) -> str:
        return f"Planted({json.dumps(self.flow)}, {dict(self.expected)})"


@st.composite
def right_flows(draw: st.DrawFn) -> Mapping:
    """Flows of which the build says nothing: linear ones and DAGs, of steps that run tools and flows."""
    is_dag = draw(st.booleans())
    steps: list[Mapping] = []
    behind: list[set[int]] = []
    for number in range(draw(st.integers(1, 6))):
        direct = draw(st.sets(st.sampled_from(range(number)), max_size=2)) if number and is_dag else set(range(number))
        behind.append(direct.union(*(behind[each] for each in direct)))
        runs = (
            {"flow_name": "child"}
            if draw(st.integers(0, 3)) == 0
            else {"tool_name": draw(st.sampled_from(("first", "second")))}
        )
        prefix = "c_" if "flow_name" in runs else ""
        outputs = {f"s{number}_{name}": f"{prefix}{name}" for name in WIRED}
        step: Mapping = {
            **runs,
            "input_mapping": {
                name: draw(st.sampled_from((name, *(f"s{each}_{name}" for each in sorted(behind[-1])))))
                for name in WIRED
            },
            "output_mapping": outputs,
        }
        if is_dag:
            step |= {"step_id": f"s{number}", "depends_on": [f"s{each}" for each in sorted(direct)]}
        steps.append(step)
    return {**FLOW, "type": "DAGFlow" if is_dag else "Flow", "steps": steps}


@st.composite
def planted_flows(draw: st.DrawFn) -> Planted:
    """Flows with one mistake or more."""
    flow = copy.deepcopy(draw(right_flows()))
    is_dag = flow["type"] == "DAGFlow"
    expected: Counter[Found] = Counter()
    waited = {name: step["step_id"] for step in flow["steps"] for name in step.get("depends_on", ())}
    lost: set[int] = set()
    for number, step in enumerate(flow["steps"]):
        words = {"*": f"s{number}", "$spot": step["input_mapping"]["spot"], "$next": waited.get(f"s{number}", "")}
        kinds = (
            {"any", "flow" if "flow_name" in step else "tool"}
            | ({"dag"} if is_dag else set())
            | ({"next"} if words["$next"] else set())
        )
        possible = [each for each in STEP_MISTAKES if each.of in kinds]
        touched, right = set[str](), set[str]()
        if any(source.startswith(f"s{each}_") for source in step["input_mapping"].values() for each in lost):
            # Of what comes from a step without a tool nothing is known but the key.
            touched |= {"spot", "number"}
        for mistake in draw(st.lists(st.sampled_from(possible), max_size=4)):
            parts, needs = set(mistake.parts.split()), set(mistake.needs.split())
            if touched.isdisjoint(parts | needs) and right.isdisjoint(parts):
                touched |= parts
                right |= needs
                mistake.plant(step, words)
                expected[mistake.slug, number] += 1
        if "name" in touched:
            lost.add(number)
    changed: set[str] = set()
    for name in draw(st.sets(st.sampled_from(sorted(FLOW_MISTAKES)), max_size=3)):
        key, value, slug = FLOW_MISTAKES[name]
        if key not in changed:
            changed.add(key)
            flow[key] = value
            expected[slug, None] += 1
    return Planted(flow, expected)
