"""Tool: its arguments and what they must be, that it does not change, and tools of other libraries."""

from __future__ import annotations

import asyncio
import math
from types import SimpleNamespace
from typing import Any
from unittest.mock import Mock

import pytest
from pydantic import BaseModel

from cwc.runtime.errors import ToolDefinitionError
from cwc.runtime.tools.making import Tool, as_tool
from cwc.runtime.tools.safety import Safety
from cwc.runtime.tools.schema_hash import model_hash, tool_hash


class NumberInput(BaseModel):
    number: int


class ValueOutput(BaseModel):
    value: int


def double(inputs: NumberInput) -> dict[str, int]:
    return {"value": inputs.number * 2}


def arguments(**changes: Any) -> dict[str, Any]:
    return {
        "name": "double",
        "description": "Doubles a number.",
        "input_schema": NumberInput,
        "output_schema": ValueOutput,
        "fn": double,
        **changes,
    }


def make(**changes: Any) -> Tool:
    return Tool(**arguments(**changes))


def test_what_is_not_said_has_its_default() -> None:
    tool = make()
    assert (tool.timeout_seconds, tool.max_output_size, tool.schema_version) == (None, None, "0.0.0")
    assert (tool.cacheable, tool.blocking, tool.is_async, tool.unpacks) == (True, True, False, False)
    assert (tool.read_only, tool.idempotent, tool.safe_to_retry) == (None, None, None)
    assert tool.safety == Safety()
    assert dict(tool.metadata) == {}
    assert tool.func is tool.fn is double


@pytest.mark.parametrize(
    ("changes", "detail"),
    [
        ({"name": ""}, "name"),
        ({"name": 5}, "name"),
        ({"description": None}, "description"),
        ({"input_schema": dict}, "input_schema"),
        ({"input_schema": NumberInput(number=1)}, "input_schema"),
        ({"output_schema": "ValueOutput"}, "output_schema"),
        ({"fn": None}, "fn"),
        ({"timeout_seconds": 0}, "timeout_seconds"),
        ({"timeout_seconds": -1.5}, "timeout_seconds"),
        ({"timeout_seconds": math.nan}, "timeout_seconds"),
        ({"timeout_seconds": math.inf}, "timeout_seconds"),
        ({"timeout_seconds": "3"}, "timeout_seconds"),
        ({"timeout_seconds": True}, "timeout_seconds"),
        ({"max_output_size": 0}, "max_output_size"),
        ({"max_output_size": 2.5}, "max_output_size"),
        ({"max_output_size": True}, "max_output_size"),
        ({"cacheable": None}, "cacheable"),
        ({"blocking": 1}, "blocking"),
        ({"schema_version": 1}, "schema_version"),
        ({"metadata": ["a"]}, "metadata"),
        ({"read_only": "yes"}, "read_only"),
        ({"safety": {"read_only": True}}, "no declaration of safety"),
        ({"safety": Safety(idempotent=False), "idempotent": True}, "idempotent=True contradicts"),
        ({"safety": Safety(side_effects="write"), "read_only": True}, "read_only=True contradicts"),
    ],
)
def test_arguments_that_make_no_tool_are_refused(changes: dict[str, Any], detail: str) -> None:
    with pytest.raises(ToolDefinitionError, match=detail):
        make(**changes)


def test_a_tool_does_not_change() -> None:
    given = {"owner": "us"}
    tool = make(metadata=given)
    with pytest.raises(AttributeError, match="immutable"):
        tool.name = "other"
    with pytest.raises(AttributeError, match="immutable"):
        del tool.fn
    with pytest.raises(TypeError):
        tool.metadata["owner"] = "them"  # type: ignore[index]
    given["owner"] = "them"
    assert tool.metadata["owner"] == "us"


def test_repr_names_the_tool_and_its_models() -> None:
    assert repr(make()) == "<tool 'double': NumberInput -> ValueOutput>"


class TestSafety:
    def test_shorthands_are_fields_of_safety(self) -> None:
        tool = make(read_only=False, idempotent=False, safe_to_retry=False)
        assert tool.safety == Safety(side_effects="write", idempotent=False, safe_to_retry=False)
        assert (tool.read_only, tool.idempotent, tool.safe_to_retry) == (False, False, False)

    def test_shorthands_add_to_a_declaration(self) -> None:
        tool = make(safety=Safety(side_effects="external"), idempotent=False)
        assert tool.safety == Safety(side_effects="external", idempotent=False)

    def test_a_declaration_speaks_for_all_of_its_fields(self) -> None:
        tool = make(safety=Safety(side_effects="write"))
        assert (tool.read_only, tool.idempotent, tool.safe_to_retry) == (False, True, True)

    @pytest.mark.parametrize("changes", [{"cacheable": False}, {"safety": Safety(cacheable=False)}])
    def test_a_tool_is_cacheable_if_both_say_so(self, changes: dict[str, Any]) -> None:
        tool = make(**changes)
        assert (tool.cacheable, tool.safety.cacheable) == (False, False)


class TestIsAsync:
    def test_a_coroutine_function(self) -> None:
        async def later(inputs: NumberInput) -> dict[str, int]:
            return double(inputs)

        assert make(fn=later).is_async

    def test_an_object_that_is_called_as_one(self) -> None:
        class Later:
            async def __call__(self, inputs: NumberInput) -> dict[str, int]:
                return double(inputs)

        assert make(fn=Later()).is_async


class TestSchemaHash:
    def test_it_is_of_both_models_and_the_version(self) -> None:
        tool = make(schema_version="2.0.0")
        assert tool.input_schema_hash == model_hash(NumberInput)
        assert tool.output_schema_hash == model_hash(ValueOutput)
        assert tool.schema_hash == tool_hash(NumberInput, ValueOutput, "2.0.0")

    def test_each_part_counts(self) -> None:
        hashes = {
            make().schema_hash,
            make(schema_version="1.0.0").schema_hash,
            make(input_schema=ValueOutput).schema_hash,
            make(output_schema=NumberInput).schema_hash,
        }
        assert len(hashes) == 4
        assert all(len(digits) == 16 and int(digits, 16) >= 0 for digits in hashes)


class TestAsTool:
    def test_a_tool_comes_back_as_it_is(self) -> None:
        tool = make()
        assert as_tool(tool) is tool

    def test_an_object_with_the_attributes_becomes_a_tool(self) -> None:
        theirs = SimpleNamespace(**arguments(timeout_seconds=2, schema_version="3", metadata={"a": 1}, other="ignored"))
        tool = as_tool(theirs)
        assert tool is not None
        assert (tool.name, tool.fn, tool.timeout_seconds, tool.schema_version) == ("double", double, 2, "3")
        assert dict(tool.metadata) == {"a": 1}

    def test_a_callable_that_only_its_tool_knows_to_be_async_is_awaited(self) -> None:
        async def later(inputs: NumberInput) -> dict[str, int]:
            return double(inputs)

        tool = as_tool(SimpleNamespace(**arguments(fn=lambda inputs: later(inputs), is_async=True)))
        assert tool is not None
        assert tool.is_async
        assert asyncio.run(tool.fn(NumberInput(number=2))) == {"value": 4}  # type: ignore[arg-type]

    def test_a_safety_that_its_author_has_not_chosen_says_nothing(self) -> None:
        tool = as_tool(SimpleNamespace(**arguments(safety=Safety(), safety_declared=False)))
        assert tool is not None
        assert tool.idempotent is None

    @pytest.mark.parametrize(
        "other",
        [
            None,
            5,
            "double",
            double,
            NumberInput,
            NumberInput(number=1),
            Tool,
            Mock(),
            SimpleNamespace(name="double"),
            SimpleNamespace(**arguments(fn=None)),
            SimpleNamespace(**arguments(name=None)),
            SimpleNamespace(**arguments(input_schema=dict)),
            type("Class", (), arguments()),
        ],
    )
    def test_anything_else_is_no_tool(self, other: object) -> None:
        assert as_tool(other) is None

    def test_an_object_that_raises_when_it_is_looked_at_is_no_tool(self) -> None:
        class Prickly:
            def __getattr__(self, name: str) -> object:
                raise RuntimeError(name)

        assert as_tool(Prickly()) is None

    def test_attributes_that_make_no_tool_are_refused(self) -> None:
        with pytest.raises(ToolDefinitionError, match="timeout_seconds"):
            as_tool(SimpleNamespace(**arguments(timeout_seconds=-1)))
