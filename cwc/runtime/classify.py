"""The class under which a failed call of a tool is recorded, and whether it is tried again."""

from __future__ import annotations

from pydantic import ValidationError

from cwc.runtime.errors import (
    CwcError,
    FlowExecutionError,
    SchemaValidationError,
    ToolOutputSizeError,
    ToolTimeoutError,
)

_THEIRS = "chainweaver.exceptions"


def call_error(error: Exception, tool: str, index: int) -> CwcError:
    """Validation errors become SchemaValidationError, timeouts and sizes keep their class, others do not."""
    match as_ours(error):
        case ValidationError():
            return SchemaValidationError(tool, index, str(error))
        case ToolTimeoutError() | ToolOutputSizeError() as kept:
            return kept
        case _:
            return FlowExecutionError(tool, index, str(error))


def as_ours(error: Exception) -> Exception:
    """An error, or cwc's own for a timeout or a size of ChainWeaver: of a tool that calls one of its tools."""
    for kind in type(error).__mro__:
        if kind.__module__ == _THEIRS:
            match kind.__name__, vars(error):
                case "ToolTimeoutError", {"tool_name": tool, "timeout_seconds": seconds}:
                    return ToolTimeoutError(tool, seconds)
                case "ToolOutputSizeError", {"tool_name": tool, "size": size, "max_size": limit}:
                    return ToolOutputSizeError(tool, size, limit)
    return error


def is_one_of(error: Exception, kinds: tuple[type[BaseException], ...]) -> bool:
    """Whether an error is of one of the classes; ChainWeaver's timeouts, sizes and base class stand for cwc's."""
    if isinstance(error, kinds):
        return True
    ours = as_ours(error)
    if not isinstance(ours, ToolTimeoutError | ToolOutputSizeError):
        return False
    theirs = {type(ours).__name__, "ChainWeaverError"}
    named = any(kind.__module__ == _THEIRS and kind.__name__ in theirs for kind in kinds)
    return named or isinstance(ours, kinds)
