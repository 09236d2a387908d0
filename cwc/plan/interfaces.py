"""Plan → interface: what the flows that run a flow need to know of it."""

from __future__ import annotations

from cwc.plan.flow_types import pieces_of
from cwc.plan.interface import FlowSpec
from cwc.plan.model import Plan
from cwc.plan.types.model import Type, union_of
from cwc.plan.values import InBase, Presence


def interface_of(plan: Plan, module: str) -> FlowSpec:
    """The interface of a flow whose generated module is named ``module``."""
    given: dict[str, Presence] = {
        key: value.presence
        for key, value in plan.final_context.values.items()
        if value.presence == "sure" or value.origin != InBase(0)
    }
    gives, kept = _types(plan)
    fields = plan.input_model.fields if plan.input_model else ()
    return FlowSpec(
        name=plan.name,
        version=plan.version,
        module=module,
        path=plan.path,
        given=given,
        others=plan.final_context.unknown_keys == "maybe",
        required=plan.required_inputs,
        inputs=tuple(key for spec in fields for key in spec.keys),
        refuses_extras=not plan.extras,
        constructs=plan.constructs,
        refused=plan.refused,
        lanes=plan.lanes,
        gives=gives,
        kept=kept,
        dynamic_params=plan.dynamic_params,
        input_model=plan.input_model,
    )


def _types(plan: Plan) -> tuple[dict[str, Type], frozenset[str]]:
    """What the steps of a flow leave under each key, and the keys under which what the caller passed may be left."""
    gives: dict[str, Type] = {}
    kept: set[str] = set()
    for key, value in plan.final_context.values.items():
        pieces = list(pieces_of(plan, value))
        written = [piece.type for piece in pieces if not piece.passed]
        if written:
            gives[key] = union_of(written)
        if len(written) < len(pieces):
            kept.add(key)
    return gives, frozenset(kept)
