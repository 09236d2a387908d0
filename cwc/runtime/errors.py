"""What a run of a flow, its services and tool authoring can raise: one class a cause, each with a stable code.

docs/errors.md lists the codes. A code is never given to another class.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from cwc.runtime.argument_errors import InvalidArgumentError as InvalidArgumentError
from cwc.runtime.argument_errors import UnboundToolError as UnboundToolError
from cwc.runtime.error_base import CwcError as CwcError
from cwc.runtime.stores.errors import CheckpointDriftError as CheckpointDriftError
from cwc.runtime.stores.errors import CheckpointEncodingError as CheckpointEncodingError
from cwc.runtime.stores.errors import CheckpointExistsError as CheckpointExistsError
from cwc.runtime.stores.errors import CheckpointNotFoundError as CheckpointNotFoundError
from cwc.runtime.stores.errors import CheckpointStoreError as CheckpointStoreError
from cwc.runtime.stores.errors import CheckpointVersionError as CheckpointVersionError
from cwc.runtime.stores.errors import RunFencedError as RunFencedError

if TYPE_CHECKING:
    from cwc.runtime.results import ExecutionResult


class ToolNotFoundError(CwcError):
    """A step calls a tool that is not there."""

    code = "CWC-R001"
    message = "There is no tool '{tool_name}'."

    def __init__(self, tool_name: str) -> None:
        self.tool_name = tool_name


class FlowNotFoundError(CwcError):
    """A flow, or the version of it that was asked for, is not registered."""

    code = "CWC-R002"

    def __init__(self, flow_name: str, *, version: str | None = None) -> None:
        self.flow_name, self.version = flow_name, version

    def __str__(self) -> str:
        version = "" if self.version is None else f" in version '{self.version}'"
        return f"There is no flow '{self.flow_name}'{version} in the registry."


class FlowAlreadyExistsError(CwcError):
    """A flow of this name and version is registered already."""

    code = "CWC-R003"
    message = "Flow '{flow_name}' is in the registry already; pass overwrite=True to replace it."

    def __init__(self, flow_name: str) -> None:
        self.flow_name = flow_name


class SchemaValidationError(CwcError):
    """Data did not pass a schema. ``context`` says whose schema it is: a tool's, a flow's or a contract's.

    ``step_index`` is -1 for a flow's input; where it is a flow's schema, ``tool_name`` is the flow's name.
    """

    code = "CWC-R004"

    def __init__(self, tool_name: str, step_index: int, detail: str, *, context: str = "tool") -> None:
        self.tool_name, self.step_index, self.detail, self.context = tool_name, step_index, detail, context

    def __str__(self) -> str:
        of_flow = _OF_FLOW.get(self.context)
        if of_flow is not None:
            return f"{of_flow.format(self.tool_name)}: {self.detail}"
        return (
            f"The data at step {self.step_index} do not fit the schema of {self.context} '{self.tool_name}':"
            f" {self.detail}"
        )


_OF_FLOW = {
    "flow_input": "The input of flow '{}' does not fit its input schema",
    "flow_output": "The final context of flow '{}' does not fit its output schema",
    "flow_context": "The final context of flow '{}' does not fit its context schema",
}


class InputMappingError(CwcError):
    """A step reads what is not in the context. ``key`` is the key, or the pointer up to the token that led nowhere.

    Where the input of a flow lacks what the flow always reads, ``step_index`` is -1, ``tool_name`` the flow's name, and
    ``key`` has all such keys, with commas between them.
    """

    code = "CWC-R005"

    def __init__(self, tool_name: str, step_index: int, key: str) -> None:
        self.tool_name, self.step_index, self.key = tool_name, step_index, key

    def __str__(self) -> str:
        if self.step_index == -1:
            return f"The input of flow '{self.tool_name}' lacks '{self.key}', which its steps read."
        return f"Step {self.step_index} ('{self.tool_name}') reads '{self.key}', which is not in the context."


class OutputMappingError(CwcError):
    """A step's output mapping names an output that the step did not give. ``available`` are the ones that it gave."""

    code = "CWC-R006"

    def __init__(self, tool_name: str, step_index: int, output_key: str, available: list[str]) -> None:
        self.tool_name, self.step_index, self.output_key, self.available = tool_name, step_index, output_key, available

    def __str__(self) -> str:
        given = ", ".join(map(repr, sorted(self.available))) or "nothing"
        return (
            f"The output mapping of step {self.step_index} ('{self.tool_name}') names '{self.output_key}', and the"
            f" outputs hold {given}."
        )


class FlowExecutionError(CwcError):
    """A step failed while it ran: its tool raised, or its sub-flow failed."""

    code = "CWC-R007"
    message = "Step {step_index} ('{tool_name}') failed: {detail}"

    def __init__(self, tool_name: str, step_index: int, detail: str) -> None:
        self.tool_name, self.step_index, self.detail = tool_name, step_index, detail


class ToolDefinitionError(CwcError):
    """A tool cannot be made as it is written. ``location`` is ``file:line`` of its function, where it has one."""

    code = "CWC-R008"

    def __init__(self, function_name: str, detail: str, *, location: str | None = None) -> None:
        self.function_name, self.detail, self.location = function_name, detail, location

    def __str__(self) -> str:
        location = "" if self.location is None else f" ({self.location})"
        return f"'{self.function_name}'{location} cannot be a tool: {self.detail}."


class ToolTimeoutError(CwcError):
    """A tool was still running when its ``timeout_seconds`` had passed."""

    code = "CWC-R009"
    message = "Tool '{tool_name}' did not return within {timeout_seconds} s."

    def __init__(self, tool_name: str, timeout_seconds: float) -> None:
        self.tool_name, self.timeout_seconds = tool_name, timeout_seconds


class ToolOutputSizeError(CwcError):
    """A tool returned more than its ``max_output_size``. Both sizes are bytes of JSON in UTF-8."""

    code = "CWC-R010"
    message = "Tool '{tool_name}' returned {size} bytes, and {max_size} are allowed."

    def __init__(self, tool_name: str, size: int, max_size: int) -> None:
        self.tool_name, self.size, self.max_size = tool_name, size, max_size


class DAGDefinitionError(CwcError):
    """Steps make no graph. ``reason``: cycle, duplicate_step_id, unknown_dependency or unknown_branch_target."""

    code = "CWC-R011"
    message = "The steps of flow '{flow_name}' make no graph ({reason}): {detail}"

    def __init__(self, flow_name: str, reason: str, detail: str) -> None:
        self.flow_name, self.reason, self.detail = flow_name, reason, detail


class FlowStatusError(CwcError):
    """The flow's status is not active."""

    code = "CWC-R012"
    message = "Flow '{flow_name}' has status '{status}'; pass force=True to run it all the same."

    def __init__(self, flow_name: str, status: str) -> None:
        self.flow_name, self.status = flow_name, status


class FlowCancelledError(CwcError):
    """A run ended before step ``step_index``: by deadline, by token, or both. ``result`` holds the steps before."""

    code = "CWC-R013"

    def __init__(
        self,
        flow_name: str,
        step_index: int,
        *,
        result: ExecutionResult[Any] | None = None,
        deadline_exceeded: bool = False,
        token_cancelled: bool = False,
    ) -> None:
        self.flow_name, self.step_index, self.result = flow_name, step_index, result
        self.deadline_exceeded, self.token_cancelled = deadline_exceeded, token_cancelled

    def __str__(self) -> str:
        reasons = ["its deadline has passed"] if self.deadline_exceeded else []
        if self.token_cancelled or not reasons:
            reasons.append("it was cancelled")
        return f"Flow '{self.flow_name}' stopped before step {self.step_index}: {' and '.join(reasons)}."


class ContextKeyCollisionError(CwcError):
    """A step would overwrite context keys in a flow that forbids it. ``partial_result`` holds the steps up to it."""

    code = "CWC-R014"

    def __init__(self, flow_name: str, step_index: int, step_name: str, keys: list[str]) -> None:
        self.flow_name, self.step_index, self.step_name, self.keys = flow_name, step_index, step_name, keys

    def __str__(self) -> str:
        keys = ", ".join(map(repr, self.keys))
        return (
            f"Step {self.step_index} ('{self.step_name}') of flow '{self.flow_name}' writes {keys}, which the context"
            " has already; rename the output with output_mapping, or allow it with on_context_collision."
        )


class AsyncLaneUnsupportedError(CwcError):
    """The flow was built without an async lane. ``unsupported`` names each construct that keeps it from having one."""

    code = "CWC-R015"

    def __init__(self, flow_name: str, unsupported: list[str]) -> None:
        self.flow_name, self.unsupported = flow_name, unsupported

    def __str__(self) -> str:
        because = f" ({'; '.join(self.unsupported)})" if self.unsupported else ""
        return f"Flow '{self.flow_name}' has no async lane{because}; call run instead."


class FlowCompositionError(CwcError):
    """Flows that call each other do not fit. ``reason`` is ``cycle``, ``max_depth_exceeded`` or ``unknown_flow``."""

    code = "CWC-R016"
    message = "Flow '{flow_name}' cannot be composed ({reason}): {detail}"

    def __init__(self, flow_name: str, reason: str, detail: str) -> None:
        self.flow_name, self.reason, self.detail = flow_name, reason, detail


class InvalidFlowVersionError(CwcError):
    """A flow's version is not one of PEP 440."""

    code = "CWC-R017"
    message = "Flow '{flow_name}' has version '{version}', which is not one of PEP 440: {detail}."

    def __init__(self, flow_name: str, version: str, detail: str) -> None:
        self.flow_name, self.version, self.detail = flow_name, version, detail


class FlowSerializationError(CwcError):
    """A flow cannot be read or written, or a class that it refers to is not found. ``source`` is its file, if known."""

    code = "CWC-R018"

    def __init__(self, detail: str, *, source: str | None = None) -> None:
        self.detail, self.source = detail, source

    def __str__(self) -> str:
        subject = "A flow" if self.source is None else f"'{self.source}'"
        return f"{subject} cannot be read or written: {self.detail}."


class DecisionCallbackError(CwcError):
    """A decision callback raised, or chose a tool that is no candidate. ``tool_name`` is the step's default."""

    code = "CWC-R022"
    message = "The decision at step {step_index} (by default '{tool_name}') failed: {detail}"

    def __init__(self, tool_name: str, step_index: int, detail: str) -> None:
        self.tool_name, self.step_index, self.detail = tool_name, step_index, detail


class DecisionTimeoutError(CwcError):
    """A decision callback had not answered after ``timeout_s`` seconds."""

    code = "CWC-R023"
    message = "The decision at step {step_index} (by default '{tool_name}') was not made within {timeout_s} s."

    def __init__(self, tool_name: str, step_index: int, timeout_s: float) -> None:
        self.tool_name, self.step_index, self.timeout_s = tool_name, step_index, timeout_s


class DecisionBudgetExceededError(CwcError):
    """A run came to more decisions than its ``budget``."""

    code = "CWC-R024"
    message = "A run of flow '{flow_name}' may make {budget} decision(s), and came to one more."

    def __init__(self, flow_name: str, budget: int) -> None:
        self.flow_name, self.budget = flow_name, budget


class PredicateSyntaxError(CwcError):
    """A branch predicate does not parse, is outside the grammar, or reads a name that is not in the context."""

    code = "CWC-R025"
    message = "The predicate '{predicate}' is not valid: {detail}"

    def __init__(self, predicate: str, detail: str) -> None:
        self.predicate, self.detail = predicate, detail


class SchemaRefPolicyError(CwcError):
    """A flow refers to a class of a module that the project does not allow."""

    code = "CWC-R026"
    message = "The reference '{ref}' is not allowed: {detail}."

    def __init__(self, module_path: str, ref: str, detail: str | None = None) -> None:
        self.module_path, self.ref = module_path, ref
        self.detail = detail or f"schema_ref_modules does not list '{module_path}'"


class PredicateEvaluationError(CwcError):
    """A branch predicate raised when it met the values of this run."""

    code = "CWC-R027"
    message = "The predicate '{predicate}' cannot be evaluated on these values: {detail}"

    def __init__(self, predicate: str, detail: str) -> None:
        self.predicate, self.detail = predicate, detail


class SyncLaneNotBuiltError(CwcError):
    """The flow was built for the async lane only."""

    code = "CWC-R028"
    message = "Flow '{flow_name}' has no sync lane; await run_async, or build it with `cwc build --lane both`."

    def __init__(self, flow_name: str) -> None:
        self.flow_name = flow_name


class FormatVersionError(CwcError):
    """A generated module and the installed runtime do not fit. ``found`` is None for a format that is not known."""

    code = "CWC-R029"

    def __init__(self, found: int | None, expected: int) -> None:
        self.found, self.expected = found, expected

    def __str__(self) -> str:
        found = "by another version of cwc" if self.found is None else f"in format {self.found}"
        return f"This module was generated {found}, and the installed cwc runs format {self.expected}; run `cwc build`."


class UndeclaredParamsError(CwcError):
    """A run was given dynamic parameters that its flow, whose input schema forbids extras, does not declare."""

    code = "CWC-R032"

    def __init__(self, flow_name: str, undeclared: list[str]) -> None:
        self.flow_name, self.undeclared = flow_name, undeclared

    def __str__(self) -> str:
        names = ", ".join(map(repr, self.undeclared))
        return f"Flow '{self.flow_name}' does not declare the dynamic parameters {names}; add them to dynamic_params."


class RegistryStateError(CwcError):
    """The file that holds the states of flows is damaged; it is left as it is. ``path`` is where it stands."""

    code = "CWC-R035"
    message = "The state file '{path}' cannot be used: {detail}; mend it, or move it away to begin with no states."

    def __init__(self, path: str, detail: str) -> None:
        self.path, self.detail = path, detail


class StepCacheError(CwcError):
    """The file of a step cache cannot be used. ``path`` is where it stands. A run goes on without its cache."""

    code = "CWC-R036"
    message = "The step cache '{path}' cannot be used: {detail}."

    def __init__(self, path: str, detail: str) -> None:
        self.path, self.detail = path, detail


_KINDS: tuple[type[CwcError], ...] = (CwcError, *CwcError.__subclasses__())
_CODES: Mapping[str, str] = MappingProxyType({kind.__name__: kind.code for kind in _KINDS})


def error_code_of(class_name: str) -> str | None:
    """The stable code of an error class of this module, by its name; None for any other name."""
    return _CODES.get(class_name)
