"""Document → plan: names are bound to tools and classes, the order is fixed, every context key becomes a value.

What is named and does not exist is reported here and leaves a hole; all else is left to the checks.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from cwc.diagnostics.model import Label, Pointer, Report
from cwc.language.document import Document
from cwc.plan.context import AbstractContext
from cwc.plan.lanes import all_constructs, lanes_of, refused_of
from cwc.plan.level import LevelLowering
from cwc.plan.model import Level, Plan, Schedule
from cwc.plan.names import bind_model
from cwc.plan.order import Order, order_of
from cwc.plan.sharing import without_needless_copies
from cwc.plan.tools import ModelSpec, Toolbox
from cwc.plan.values import Presence
from cwc.plan.writable import writable_keys


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """How flows are lowered, as the project has it; SEMANTICS A 3 and A 4 say what each setting means."""

    lane: Literal["auto", "sync", "async", "both"] = "auto"
    schedule: Schedule = "levels"
    max_step_concurrency: int = 1
    async_constructs: tuple[str, ...] = ()


def lower(document: Document, toolbox: Toolbox, report: Report, *, source: str, settings: Settings) -> Plan:
    """The plan of a document. Always returns one; ``holes`` tells whether something was not found.

    ``source`` is the flow file's path as the generated module shows it.
    """
    return _Lowering(document, toolbox, report).plan(source, settings)


class _Lowering:
    """The state of one lowering: what was left open on the way."""

    def __init__(self, document: Document, toolbox: Toolbox, report: Report) -> None:
        self.document = document
        self.flow = document.flow
        self.toolbox = toolbox
        self.report = report
        self.holes = False

    def plan(self, source: str, settings: Settings) -> Plan:
        flow = self.flow
        order = order_of(self.document, self.report)
        input_model = self._model("input_schema_ref", flow.input_schema_ref)
        entry = self._entry(input_model, order)
        declared = tuple(key for key, value in entry.values.items() if value.presence == "sure")
        lowering = LevelLowering(self.document, self.toolbox, self.report, open_input=input_model is None)
        context, levels = entry, []
        for number, placed in enumerate(order.levels):
            level, context = lowering.level(number, placed, context)
            levels.append(level)
        self.holes |= lowering.holes or not order.sound
        constructs = all_constructs(self.document, levels)
        refused = refused_of(self.document, constructs, levels, settings.async_constructs)
        plan = Plan(
            name=flow.name,
            version=flow.version,
            description=flow.description,
            kind=flow.kind,
            path=self.document.path,
            source=source,
            digest=self.document.digest,
            status=flow.status,
            policy=flow.on_context_collision,
            determinism_level=_determinism(flow.deterministic, levels),
            dynamic_params=tuple(flow.dynamic_params),
            tool_schema_hashes=flow.tool_schema_hashes or {},
            input_model=input_model,
            output_model=self._model("output_schema_ref", flow.output_schema_ref),
            context_model=self._model("context_schema_ref", flow.context_schema_ref),
            input_ref=flow.input_schema_ref,
            output_ref=flow.output_schema_ref,
            context_ref=flow.context_schema_ref,
            required_inputs=(*declared, *lowering.undeclared),
            undeclared_inputs=tuple(lowering.undeclared.items()),
            extras=context_takes_extras(input_model),
            levels=tuple(levels),
            final=context.snapshot(),
            final_context=context,
            lanes=lanes_of(self.document, refused, levels, settings.lane, self.report),
            constructs=constructs,
            refused=refused,
            schedule=settings.schedule,
            max_step_concurrency=settings.max_step_concurrency,
            holes=self.holes,
            sound=order.sound,
        )
        return without_needless_copies(plan)

    def _model(self, field: str, ref: str | None) -> ModelSpec | None:
        if ref is None:
            return None
        bound = bind_model(ref, self.document.label(Pointer((field,))), self.toolbox, self.report, self.flow.name)
        self.holes |= bound is None
        return bound

    def _entry(self, model: ModelSpec | None, order: Order) -> AbstractContext:
        declared: dict[str, tuple[Presence, Label]] = {}
        if model is not None:
            label = self.document.label(Pointer(("input_schema_ref",)))
            for spec in model.fields:
                sure = spec.required and not model.open_input and len(spec.keys) == 1
                for key in spec.keys:
                    declared[key] = ("sure" if sure else "maybe", label)
        for position, key in enumerate(self.flow.dynamic_params):
            declared.setdefault(key, ("maybe", self.document.label(Pointer(("dynamic_params", position)))))
        context = AbstractContext.at_entry(declared, extras=context_takes_extras(model), scenarios=order.scenarios)
        unread = any(self.document.lost_in(Pointer((field,))) for field in ("input_schema_ref", "dynamic_params"))
        if unread or (model is None and self.flow.input_schema_ref is not None):
            return context.after_hole()
        return context if order.sound else context.hiding(writable_keys(self.document, self.toolbox))


def context_takes_extras(model: ModelSpec | None) -> bool:
    """Whether a caller may pass keys that the input schema does not name."""
    return model is None or model.extra != "forbid" or model.open_input


def _determinism(deterministic: bool, levels: list[Level]) -> str:
    """SEMANTICS B 20.1."""
    if not deterministic:
        return "none"
    decides = any(step.candidates or step.choice for level in levels for step in level.steps)
    return "partial" if decides else "full"
