"""The class under which a failed call of a tool is recorded."""

from __future__ import annotations

from pydantic import ValidationError

from cwc.runtime.errors import (
    CwcError,
    FlowExecutionError,
    SchemaValidationError,
    ToolOutputSizeError,
    ToolTimeoutError,
)


def call_error(error: Exception, tool: str, index: int) -> CwcError:
    """Validation errors become SchemaValidationError, timeouts and sizes keep their class, others do not."""
    match error:
        case ValidationError():
            return SchemaValidationError(tool, index, str(error))
        case ToolTimeoutError() | ToolOutputSizeError():
            return error
        case _:
            return FlowExecutionError(tool, index, str(error))
