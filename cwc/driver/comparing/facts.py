"""What a flow or a step is, as tables of named facts that can be held against those of another version."""

from __future__ import annotations

import reprlib

from cwc.diagnostics.model import Pointer
from cwc.driver.views.marks import facts_of
from cwc.driver.views.writers import writers_of
from cwc.language import Document
from cwc.plan.constructs import described
from cwc.plan.flow_types import type_of, type_of_argument
from cwc.plan.interface import FlowSpec
from cwc.plan.model import Argument, Constant, Hole, Plan, Read, StepPlan
from cwc.plan.tools import ToolSpec
from cwc.plan.types.words import describe
from cwc.plan.values import Value

Table = dict[str, str]


def flow_facts(plan: Plan) -> Table:
    """What the flow says of itself, and what its callers give and get."""
    facts = {
        "name": plan.name,
        "version": plan.version,
        "kind": plan.kind,
        "description": plan.description,
        "status": plan.status,
        "on collision": plan.policy,
        "determinism": plan.determinism_level,
    }
    refs = {"input schema": plan.input_ref, "output schema": plan.output_ref, "context schema": plan.context_ref}
    facts |= {role: ref for role, ref in refs.items() if ref is not None}
    facts |= {f"required input {key}": "required" for key in plan.required_inputs}
    facts |= {f"dynamic param {key}": "declared" for key in plan.dynamic_params}
    facts |= {f"key {key} at the end": _presence(value) for key, value in plan.final_context.values.items()}
    if not plan.extras:
        facts["undeclared inputs"] = "refused"
    return facts


def step_facts(step: StepPlan, plan: Plan) -> Table:
    """What a step runs, and where it stands."""
    facts = {"runs": _runs(step)}
    if plan.is_dag:
        facts["level"] = str(step.level)
    if step.before.is_conditional:
        facts["not in every run"] = "yes"
    return facts


def metadata_of(document: Document) -> Table:
    """What the flow tells people and registries."""
    flow = document.flow
    said = {
        "governance": flow.governance.model_dump(exclude_defaults=True),
        "trigger conditions": flow.trigger_conditions,
        "tool schema hashes": flow.tool_schema_hashes,
        "capability": flow.capability_id,
    }
    return {name: str(value) for name, value in said.items() if value}


def safety_of(document: Document) -> Table:
    """What the flow says of its own effects."""
    safety = document.flow.safety
    return {} if safety is None else {f"safety {name}": str(value) for name, value in safety.model_dump().items()}


def wiring_of(step: StepPlan, plan: Plan) -> Table:
    """Where its inputs come from, which keys it writes, what it waits for, and what it leads to."""
    facts = {f"input {argument.target}": _source(argument, step, plan) for argument in step.arguments or ()}
    if step.arguments is None:
        facts["inputs"] = "the whole context"
    facts |= {f"writes {write.key}": f"output {write.output_key}" for write in step.writes}
    if plan.is_dag:
        facts |= {f"waits for {_title(plan.step(index))}": "yes" for index in step.depends_on}
    if step.choice is not None:
        for number, branch in enumerate(step.choice.branches, 1):
            facts[f"branch {number}"] = f"to {_title(plan.step(branch.target))} if {branch.predicate.text}"
        if step.choice.default is not None:
            facts["else"] = f"to {_title(plan.step(step.choice.default))}"
    return facts


def types_of(step: StepPlan, plan: Plan) -> Table:
    """The types of what it is passed and of what it writes."""
    facts = {
        f"input {argument.target}": describe(type_of_argument(plan, argument))
        for argument in step.arguments or ()
        if isinstance(argument.source, Read) and isinstance(argument.source.value, Value)
    }
    return facts | {f"writes {write.key}": describe(type_of(plan, write.value)[0]) for write in step.writes}


def final_types(plan: Plan) -> Table:
    values = plan.final_context.values
    return {f"key {key} at the end": describe(type_of(plan, value)[0]) for key, value in values.items()}


def lanes_of(plan: Plan) -> Table:
    facts = {f"{lane} lane": "built" for lane in plan.lanes}
    for found in plan.refused:
        (told,) = described([found], plan.name)
        facts[f"kept out of the async lane: {told}"] = "yes"
    if plan.is_dag:
        facts["schedule"] = f"{plan.schedule}, {plan.max_step_concurrency} at once"
    return facts


def handling_of(step: StepPlan) -> Table:
    """What happens around its call."""
    facts = dict.fromkeys((fact for fact in facts_of(step) if fact != "takes the whole context"), "yes")
    if step.retry is not None and step.retry.max_retries:
        retry = step.retry
        wait = f"{retry.backoff:g} s, times {retry.multiplier:g}{', with jitter' if retry.jitter else ''}"
        facts |= {"waits between tries": wait, "tries again after": ", ".join(retry.errors)}
    return facts


def effects_of(plan: Plan) -> Table:
    """The tools that a run can call, with what they say of their effects; and the flows that it runs."""
    tools = {f"calls tool {tool.name}": _safety(tool) for tool in plan.tools}
    return tools | {f"runs flow {flow.name}": flow.version for flow in plan.flows}


def _runs(step: StepPlan) -> str:
    match step.tool:
        case Hole(name):
            return f"{name}, which cannot be run"
        case FlowSpec():
            return f"flow {step.tool.name}"
        case _:
            return f"tool {step.tool.name}"


def _safety(tool: ToolSpec) -> str:
    declared = {"read-only": tool.read_only, "idempotent": tool.idempotent, "safe to retry": tool.safe_to_retry}
    said = [word if value else f"not {word}" for word, value in declared.items() if value is not None]
    return ", ".join(said) or "effects not declared"


def _presence(value: Value) -> str:
    return "always there" if value.presence == "sure" else "may be missing"


def _source(argument: Argument, step: StepPlan, plan: Plan) -> str:
    match argument.source:
        case Constant(value):
            return f"constant {reprlib.repr(value)}"
        case Read(Hole(key)):
            return f"{key}, which is never there"
        case Read(Value() as value, tokens):
            return f"{value.key}{Pointer(tokens)} of {_writers(value, step, plan)}"
        case _:
            raise AssertionError(argument)


def _writers(value: Value, step: StepPlan, plan: Plan) -> str:
    """Who can have written it, whatever the order of the steps in the file."""
    found = writers_of(plan, value, step)
    return " or ".join(sorted("the input" if writer is None else _title(writer) for writer in found))


def _title(step: StepPlan) -> str:
    """A step as both versions call it, if it is the same: linear steps change their numbers when others come in."""
    return step.id if step.id is not None else step.label_name
