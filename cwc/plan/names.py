"""Names in a flow file → the tools and classes they mean, or a report of what is not there."""

from __future__ import annotations

from difflib import get_close_matches

from cwc.diagnostics.model import Definition, Diagnostic, Edit, Label, Pointer, Report, define
from cwc.language.document import Document, Step
from cwc.language.document import Retry as RetryDocument
from cwc.language.steps import FALLBACK
from cwc.plan.interface import FlowSpec
from cwc.plan.model import Contract, Fallback, Hole, Retry, Skip
from cwc.plan.tools import ModelSpec, Toolbox, ToolSpec, Unresolved
from cwc.syntax.correcting import corrected, respelled, surely_meant

MISSING_TOOL = define("CWC220", "missing_tool", "error", "A step names a tool that is not there")
MISSING_FALLBACK = define("CWC221", "missing_fallback_tool", "error", "A fallback names a tool that is not there")
MISSING_CANDIDATE = define("CWC223", "missing_candidate_tool", "error", "A decision candidate is no tool that is there")
UNUSABLE_FLOW = define("CWC308", "unusable_flow", "error", "A step runs a flow that has errors")
UNRESOLVED_REFERENCE = define("CWC222", "unresolved_reference", "error", "A reference leads to no class")


class Binding:
    """The names of one step, bound. ``holes`` tells whether something was not found; it has been reported."""

    def __init__(self, document: Document, toolbox: Toolbox, report: Report, position: int) -> None:
        self._document, self._toolbox, self._report, self._position = document, toolbox, report, position
        self.holes = False

    def target(self, step: Step) -> ToolSpec | FlowSpec | Hole:
        """What the step runs: its tool, or the latest version of its flow."""
        if step.flow_name is None and step.tool_name is not None:
            return self.tool(step.tool_name, "tool_name")
        found = self._toolbox.flows.get(step.flow_name or "")
        if isinstance(found, FlowSpec) and not found.broken:
            return found
        self.holes = True
        if found is not None and step.flow_name is not None and not self._toolbox.incomplete:
            why = Unresolved(found.broken) if isinstance(found, FlowSpec) else found
            report_unusable(self._document, self._position, step.flow_name, why, self._report)
        # A flow that is not there, or that takes part in a circle, was reported with the composition of the build set,
        # and a step that names nothing with the document.
        return found if isinstance(found, FlowSpec) else Hole(step.flow_name or "")

    def candidates(self, step: Step) -> tuple[ToolSpec | Hole, ...]:
        """The tools that a decision chooses among, in the order of the file; empty for a step without a decision."""
        return tuple(
            self._known(name) or Hole(name)
            if name == step.tool_name
            else self.tool(name, "decision_candidates", MISSING_CANDIDATE, at=number)
            for number, name in enumerate(step.decision_candidates or ())
        )

    def tool(
        self, name: str, field: str, definition: Definition = MISSING_TOOL, *, at: int | None = None
    ) -> ToolSpec | Hole:
        """The tool of that name, or a hole; ``at`` is its place in the list that the field holds."""
        found = self._known(name)
        if found is not None:
            return found
        self.holes = True
        if self._toolbox.incomplete or name in self._toolbox.ambiguous:
            # It may be in a module that could not be loaded, or be one of two: that is an error already.
            return Hole(name)
        label = self._label(field) if at is None else self._label(field, at)
        frame = f"{FALLBACK}{{}}" if definition is MISSING_FALLBACK else "{}"
        own = name.replace(":", ".").rpartition(".")[2]
        close = [own] if own in self._toolbox.tools else get_close_matches(name, self._toolbox.tools, n=1)
        unlisted = (self._toolbox.unlisted[name],) if name in self._toolbox.unlisted else ()
        self._report.add(
            Diagnostic(
                definition=definition,
                message=f"there is no tool {name!r}",
                primary=label,
                help=(*(f"did you mean {each!r}?" for each in close), *unlisted),
                general=() if close else _known_tools(self._toolbox, seen=bool(unlisted)),
                fix=corrected(self._report, label, name, self._toolbox.tools, frame),
                flow=self._document.flow.name,
                step_index=self._position,
                tool=name,
            )
        )
        return Hole(name)

    def _known(self, name: str) -> ToolSpec | None:
        return None if name in self._toolbox.ambiguous else self._toolbox.tools.get(name)

    def on_error(self, setting: str) -> Skip | Fallback | None:
        """What happens when the step's call fails; None: the flow fails."""
        if setting == "skip":
            return Skip()
        if setting.startswith(FALLBACK):
            return Fallback(self.tool(setting.removeprefix(FALLBACK), "on_error", MISSING_FALLBACK))
        return None

    def contract(self, field: str, ref: str | None) -> Contract | None:
        if ref is None:
            return None
        model = bind_model(ref, self._label(field), self._toolbox, self._report, self._document.flow.name)
        self.holes |= model is None
        return None if model is None else Contract(model, ref)

    def retry(self, policy: RetryDocument | None) -> Retry | None:
        if policy is None:
            return None
        for position, ref in enumerate(policy.retryable_errors):
            found = self._toolbox.errors.get(ref, Unresolved("it was not looked up"))
            if isinstance(found, Unresolved):
                self.holes = True
                label = self._label("retry", "retryable_errors", position)
                _report_unresolved(ref, found, label, self._toolbox, self._report, self._document.flow.name)
        return Retry(
            max_retries=policy.max_retries,
            backoff=policy.backoff_seconds,
            multiplier=policy.backoff_multiplier,
            jitter=policy.jitter,
            errors=tuple(policy.retryable_errors),
        )

    def _label(self, *tokens: str | int) -> Label:
        return self._document.label(Pointer(("steps", self._position, *tokens)))


def report_unusable(document: Document, position: int, name: str, reason: Unresolved, report: Report) -> None:
    """Report that a step cannot run the flow that it names."""
    report.add(
        Diagnostic(
            definition=UNUSABLE_FLOW,
            message=f"flow {name!r} cannot be run by this one: {reason.reason}",
            primary=document.label(Pointer(("steps", position, "flow_name"))),
            flow=document.flow.name,
            step_index=position,
            field="flow_name",
        )
    )


def bind_model(ref: str, label: Label, toolbox: Toolbox, report: Report, flow: str) -> ModelSpec | None:
    """The model that a reference names; reports `unresolved_reference` and returns None where there is none."""
    found = toolbox.models.get(ref, Unresolved("it was not looked up"))
    if isinstance(found, ModelSpec):
        return found
    _report_unresolved(ref, found, label, toolbox, report, flow)
    return None


def _report_unresolved(ref: str, found: Unresolved, label: Label, toolbox: Toolbox, report: Report, flow: str) -> None:
    report.add(
        Diagnostic(
            definition=UNRESOLVED_REFERENCE,
            message=f"cannot resolve {ref!r}: {found.reason}",
            primary=label,
            general=(toolbox.no_project,) if toolbox.no_project and found.by_settings else (),
            fix=_respelled_class(ref, found, label, report),
            flow=flow,
            step_index=_step_of(label),
        )
    )


def _step_of(label: Label) -> int | None:
    match label.at:
        case Pointer(("steps", int(position), *_)):
            return position
        case _:
            return None


def _respelled_class(ref: str, found: Unresolved, label: Label, report: Report) -> tuple[Edit, ...]:
    scope, dot_or_colon, name = _last_name(ref)
    meant = None if found.instead is None else surely_meant(name, [found.instead])
    return () if meant is None else respelled(report, label, ref, f"{scope}{dot_or_colon}{meant}")


def _last_name(ref: str) -> tuple[str, str, str]:
    return ref.rpartition("." if "." in ref.partition(":")[2] else ":")


def _known_tools(toolbox: Toolbox, *, seen: bool) -> tuple[str, ...]:
    """What there is instead of a tool; ``seen``: its help tells where that is."""
    if seen:
        return tuple(filter(None, (toolbox.no_project,)))
    if not toolbox.tools:
        where = (toolbox.no_project,) if toolbox.no_project else ()
        return (*where, "no tools were loaded: name their modules with --tools or in [tool.cwc] tools")
    return (f"the tools that were found: {', '.join(map(repr, sorted(toolbox.tools)[:10]))}",)
