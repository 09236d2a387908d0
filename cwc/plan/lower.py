"""Document → plan: names are bound to tools and classes, the order is fixed, every context key becomes a value.

What is named and does not exist is reported here and leaves a hole; all else is left to the checks.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from cwc.diagnostics.model import Label, Pointer, Report
from cwc.language.document import Document, Step
from cwc.language.pointers import KeyLookup, LiteralValue, PointerLookup, read_mapping_value
from cwc.plan.context import AbstractContext
from cwc.plan.model import Argument, Constant, Fallback, Hole, Lane, Plan, Read, Skip, StepPlan
from cwc.plan.names import Binding, bind_model
from cwc.plan.outputs import output_shape
from cwc.plan.sharing import isolates_all, must_detach
from cwc.plan.supported import report_unsupported
from cwc.plan.tools import ModelSpec, Toolbox, ToolSpec
from cwc.plan.values import Presence, Snapshot, Write

STEPS = Pointer(("steps",))


LANES: Mapping[str, tuple[Lane, ...]] = {"sync": ("sync",), "async": ("async",)}


def lower(document: Document, toolbox: Toolbox, report: Report, *, source: str, lane: str = "auto") -> Plan:
    """The plan of a document. Always returns one; ``holes`` tells whether something was not found.

    ``source`` is the flow file's path as the generated module shows it; ``lane`` is sync, async, both, or auto for
    every lane that the flow can have.
    """
    return _Lowering(document, toolbox, report).plan(source, LANES.get(lane, ("sync", "async")))


class _Lowering:
    """The state of one lowering: the context as it grows, and what was left open on the way."""

    def __init__(self, document: Document, toolbox: Toolbox, report: Report) -> None:
        self.document = document
        self.flow = document.flow
        self.toolbox = toolbox
        self.report = report
        self.holes = False
        self.undeclared: dict[str, Label] = {}

    def plan(self, source: str, lanes: tuple[Lane, ...]) -> Plan:
        flow = self.flow
        self.holes |= report_unsupported(self.document, self.report)
        input_model = self._model("input_schema_ref", flow.input_schema_ref)
        context = self._entry(input_model)
        declared = tuple(key for key, value in context.values.items() if value.presence == "sure")
        steps: list[StepPlan] = []
        for index, step in enumerate(flow.steps):
            plan, context = self._step(index, step, context, open_input=input_model is None)
            if plan is not None:
                steps.append(plan)
        return Plan(
            name=flow.name,
            version=flow.version,
            description=flow.description,
            kind=flow.kind,
            path=self.document.path,
            source=source,
            digest=self.document.digest,
            status=flow.status,
            policy=flow.on_context_collision,
            determinism_level="full" if flow.deterministic else "none",
            dynamic_params=tuple(flow.dynamic_params),
            input_model=input_model,
            output_model=self._model("output_schema_ref", flow.output_schema_ref),
            context_model=self._model("context_schema_ref", flow.context_schema_ref),
            input_ref=flow.input_schema_ref,
            output_ref=flow.output_schema_ref,
            context_ref=flow.context_schema_ref,
            required_inputs=(*declared, *self.undeclared),
            undeclared_inputs=tuple(self.undeclared.items()),
            extras=context_takes_extras(input_model),
            steps=tuple(steps),
            final=context.snapshot(),
            final_context=context,
            lanes=lanes,
            holes=self.holes,
        )

    def _model(self, field: str, ref: str | None) -> ModelSpec | None:
        if ref is None:
            return None
        bound = bind_model(ref, self.document.label(Pointer((field,))), self.toolbox, self.report, self.flow.name)
        self.holes |= bound is None
        return bound

    def _entry(self, model: ModelSpec | None) -> AbstractContext:
        declared: dict[str, tuple[Presence, Label]] = {}
        if model is not None:
            label = self.document.label(Pointer(("input_schema_ref",)))
            for spec in model.fields:
                sure = spec.required and not model.open_input and len(spec.keys) == 1
                for key in spec.keys:
                    declared[key] = ("sure" if sure else "maybe", label)
        for position, key in enumerate(self.flow.dynamic_params):
            declared.setdefault(key, ("maybe", self.document.label(Pointer(("dynamic_params", position)))))
        context = AbstractContext.at_entry(declared, extras=context_takes_extras(model))
        unread = model is None and self.flow.input_schema_ref is not None
        return context.after_hole() if unread else context

    def _step(
        self, index: int, step: Step | None, context: AbstractContext, *, open_input: bool
    ) -> tuple[StepPlan | None, AbstractContext]:
        if step is None or step.tool_name is None:
            self.holes = True
            return None, context.after_hole()
        binding = Binding(self.document, self.toolbox, self.report, index)
        tool, on_error = binding.tool(step.tool_name, "tool_name"), binding.on_error(step.on_error)
        tools = [tool, on_error.tool] if isinstance(on_error, Fallback) else [tool]
        found = [entry for entry in tools if isinstance(entry, ToolSpec)]
        before = context
        arguments: list[Argument] = []
        for target, lookup in step.input_mapping.items():
            argument, context = self._argument(target, lookup, STEPS / index, context, open_input=open_input)
            arguments.append(replace(argument, detach=must_detach(argument, found)))
        at_call = context
        if len(found) == len(tools):
            writes, folded, context = self._outputs(index, step, on_error, found, at_call)
        else:
            writes, folded, context = (), None, at_call.after_hole()
        plan = StepPlan(
            index=index,
            name=f"{index}:{step.tool_name}",
            tool=tool,
            pointer=STEPS / index,
            line=self.document.line(STEPS / index),
            arguments=tuple(arguments) if step.input_mapping else None,
            output_mapping=None if step.output_mapping is None else tuple(step.output_mapping.items()),
            before=before,
            at_call=at_call,
            writes=writes,
            folded=folded,
            detach_whole=not all(isolates_all(entry.input) for entry in found),
            retry=binding.retry(step.retry),
            on_error=on_error,
            input_contract=binding.contract("input_contract", step.input_contract),
            output_contract=binding.contract("output_contract", step.output_contract),
        )
        self.holes |= binding.holes
        return plan, context

    def _argument(
        self, target: str, lookup: object, step: Pointer, context: AbstractContext, *, open_input: bool
    ) -> tuple[Argument, AbstractContext]:
        pointer = step / "input_mapping" / target
        match read_mapping_value(lookup):
            case LiteralValue(value):
                return Argument(target, Constant(value), pointer, lookup), context
            case KeyLookup(key):
                tokens: tuple[str, ...] = ()
            case PointerLookup((key, *rest)):
                tokens = tuple(rest)
        value = context.get(key)
        if value is None and open_input and context.base == 0 and not context.blind:
            self.undeclared.setdefault(key, self.document.label(pointer))
            context = context.assume_input(key, self.document.label(pointer))
            value = context.get(key)
        if value is None and context.base > 0:
            value = context.unknown(key)
        if value is None:
            self.holes = True
            return Argument(target, Read(Hole(key), tokens), pointer, lookup), context
        return Argument(target, Read(value, tokens), pointer, lookup), context.after_reading(value)

    def _outputs(
        self, index: int, step: Step, on_error: Skip | Fallback | None, tools: list[ToolSpec], context: AbstractContext
    ) -> tuple[tuple[Write, ...], Snapshot | None, AbstractContext]:
        pointer = STEPS / index
        shape = output_shape([tool.output for tool in tools], skips=isinstance(on_error, Skip))
        if step.output_mapping is not None:
            self.holes |= any(shape.lacks(key) for key in step.output_mapping.values())
            after, writes = context.after_step(index, shape.mapped(step.output_mapping, pointer), self.document.path)
            return writes, None, after
        if shape.others:
            after, writes = context.after_open_step(index, shape.given(pointer), self.document.path)
            return writes, context.snapshot(), after
        after, writes = context.after_step(index, shape.given(pointer), self.document.path)
        return writes, None, after


def context_takes_extras(model: ModelSpec | None) -> bool:
    """Whether a caller may pass keys that the input schema does not name."""
    return model is None or model.extra != "forbid" or model.open_input
