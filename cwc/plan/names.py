"""Names in a flow file → the tools and classes they mean, or a report of what is not there."""

from __future__ import annotations

from difflib import get_close_matches

from cwc.diagnostics.model import Definition, Diagnostic, Label, Pointer, Report, define
from cwc.language.document import Document
from cwc.language.document import Retry as RetryDocument
from cwc.plan.model import Contract, Fallback, Hole, Retry, Skip
from cwc.plan.tools import ModelSpec, Toolbox, ToolSpec, Unresolved

MISSING_TOOL = define("CWC220", "missing_tool", "error", "A step names a tool that is not there")
MISSING_FALLBACK = define("CWC221", "missing_fallback_tool", "error", "A fallback names a tool that is not there")
UNRESOLVED_REFERENCE = define("CWC222", "unresolved_reference", "error", "A reference leads to no class")


class Binding:
    """The names of one step, bound. ``holes`` tells whether something was not found; it has been reported."""

    def __init__(self, document: Document, toolbox: Toolbox, report: Report, index: int) -> None:
        self._document, self._toolbox, self._report, self._index = document, toolbox, report, index
        self.holes = False

    def tool(self, name: str, field: str, definition: Definition = MISSING_TOOL) -> ToolSpec | Hole:
        """The tool of that name, or a hole."""
        found = self._toolbox.tools.get(name)
        if found is not None:
            return found
        self.holes = True
        self._report.add(
            Diagnostic(
                definition=definition,
                message=f"there is no tool {name!r}",
                primary=self._label(field),
                help=_known_tools(name, self._toolbox),
                flow=self._document.flow.name,
                step_index=self._index,
                tool=name,
                field=name,
            )
        )
        return Hole(name)

    def on_error(self, setting: str) -> Skip | Fallback | None:
        """What happens when the step's call fails; None: the flow fails."""
        if setting == "skip":
            return Skip()
        if setting.startswith("fallback:"):
            return Fallback(self.tool(setting.removeprefix("fallback:"), "on_error", MISSING_FALLBACK))
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
                _report_unresolved(ref, found, label, self._report, self._document.flow.name)
        return Retry(
            max_retries=policy.max_retries,
            backoff=policy.backoff_seconds,
            multiplier=policy.backoff_multiplier,
            jitter=policy.jitter,
            errors=tuple(policy.retryable_errors),
        )

    def _label(self, *tokens: str | int) -> Label:
        return self._document.label(Pointer(("steps", self._index, *tokens)))


def bind_model(ref: str, label: Label, toolbox: Toolbox, report: Report, flow: str) -> ModelSpec | None:
    """The model that a reference names; reports `unresolved_reference` and returns None where there is none."""
    found = toolbox.models.get(ref, Unresolved("it was not looked up"))
    if isinstance(found, ModelSpec):
        return found
    _report_unresolved(ref, found, label, report, flow)
    return None


def _report_unresolved(ref: str, found: Unresolved, label: Label, report: Report, flow: str) -> None:
    report.add(
        Diagnostic(
            definition=UNRESOLVED_REFERENCE,
            message=f"cannot resolve {ref!r}: {found.reason}",
            primary=label,
            flow=flow,
        )
    )


def _known_tools(name: str, toolbox: Toolbox) -> tuple[str, ...]:
    if not toolbox.tools:
        return ("no tools were loaded: name their modules with --tools or in [tool.cwc] tools",)
    close = get_close_matches(name, toolbox.tools, n=1)
    if close:
        return (f"did you mean {close[0]!r}?",)
    return (f"the tools that were found: {', '.join(map(repr, sorted(toolbox.tools)[:10]))}",)
