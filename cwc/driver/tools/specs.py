"""A tool object → what the compiler knows of it."""

from __future__ import annotations

import warnings

from pydantic import BaseModel

from cwc.driver.tools.imports import foreign_code
from cwc.plan.shapes import describe_model
from cwc.plan.tools import ModelSpec, ToolSpec
from cwc.runtime.errors import ToolDefinitionError
from cwc.runtime.tools.making import Tool
from cwc.runtime.tools.schema_hash import schemas_hash

Known = dict[type[BaseModel], tuple[ModelSpec, dict[str, object]]]
"""What was read of models before: many tools take or give the same ones."""


def tool_spec(tool: Tool, module: str, attribute: str, known: Known | None = None) -> ToolSpec:
    """The specification of a tool that generated code imports by ``from module import attribute``.

    ``known`` are the models of tools that were read before it, which are not read again. Raises ToolDefinitionError for
    a model that Pydantic cannot complete, or that has no JSON schema.
    """
    try:
        with foreign_code(), warnings.catch_warnings():
            # Pydantic warns of defaults that the schema leaves out, which the hash does not need.
            warnings.simplefilter("ignore")
            known = {} if known is None else known
            takes, input_schema = _read(tool.input_schema, known)
            gives, output_schema = _read(tool.output_schema, known)
    except Exception as error:
        reason = str(error).partition("\n")[0].rstrip(".")
        raise ToolDefinitionError(tool.name, f"its models have no schema, {reason}") from error
    return ToolSpec(
        name=tool.name,
        description=tool.description,
        module=module,
        attribute=attribute,
        is_async=tool.is_async,
        blocking=tool.blocking,
        unpacks=tool.unpacks,
        input=takes,
        output=gives,
        schema_hash=schemas_hash(input_schema, output_schema, tool.schema_version),
        schema_version=tool.schema_version,
        input_schema=input_schema,
        output_schema=output_schema,
        timeout_seconds=tool.timeout_seconds,
        max_output_size=tool.max_output_size,
        cacheable=tool.cacheable,
        safe_to_retry=tool.safe_to_retry,
        idempotent=tool.idempotent,
        read_only=tool.read_only,
    )


def _read(model: type[BaseModel], known: Known) -> tuple[ModelSpec, dict[str, object]]:
    """What a model takes and gives, and its JSON schema."""
    if model not in known:
        known[model] = describe_model(model), model.model_json_schema()
    return known[model]
