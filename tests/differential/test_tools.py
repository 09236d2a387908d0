"""Tools have the schema hashes of ChainWeaver's, its decorator's models, and its tools are taken as they are."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import date
from decimal import Decimal
from enum import Enum
from typing import Annotated, Any, Literal

import chainweaver
import pytest
from chainweaver.compat import schema_fingerprint
from chainweaver.contracts import SideEffectLevel, ToolSafetyContract
from chainweaver.tools import StreamingTool, ToolChunk
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict, Field, create_model

from cwc.runtime.tools.making import Tool, as_tool, tool
from cwc.runtime.tools.safety import Safety
from cwc.runtime.tools.schema_hash import model_hash, tool_hash


class Colour(Enum):
    RED = "rouge"
    GREEN = "vert"


class Point(BaseModel):
    """A place, with a word outside ASCII: où."""

    x: float
    y: Annotated[float, Field(ge=0, description="up")] = 0.0


class Tree(BaseModel):
    value: int
    children: list[Tree] = []


class ValueOutput(BaseModel):
    value: int


TYPES: list[Any] = [
    int,
    str,
    float | None,
    list[int],
    dict[str, Point],
    Literal["a", "b"],
    Colour,
    Point,
    Tree,
    date,
    Decimal,
    Any,
    Annotated[str, Field(pattern="^[a-zé]+$", alias="other")],
]
EXTRAS: list[Literal["ignore", "allow", "forbid"]] = ["ignore", "allow", "forbid"]


@st.composite
def models(draw: st.DrawFn) -> type[BaseModel]:
    fields: dict[str, Any] = {}
    for name in draw(st.lists(st.sampled_from(["a", "b", "value", "naïve"]), unique=True)):
        fields[name] = (draw(st.sampled_from(TYPES)), draw(st.sampled_from([..., None])))
    config = ConfigDict(extra=draw(st.sampled_from(EXTRAS)), title=draw(st.sampled_from([None, "Größe"])))
    name = draw(st.sampled_from(["Model", "number_input"]))
    return create_model(name, __config__=config, __doc__=draw(st.none() | st.text(max_size=9)), **fields)


def accept(inputs: BaseModel) -> dict[str, Any]:
    return inputs.model_dump()


@given(models())
def test_models_have_the_same_fingerprint(model: type[BaseModel]) -> None:
    assert model_hash(model) == schema_fingerprint(model)


@given(models(), models(), st.text(max_size=9))
def test_tools_have_the_same_fingerprint(takes: type[BaseModel], gives: type[BaseModel], version: str) -> None:
    arguments: dict[str, Any] = {
        "name": "accept",
        "description": "",
        "input_schema": takes,
        "output_schema": gives,
        "fn": accept,
        "schema_version": version,
    }
    theirs, ours = chainweaver.Tool(**arguments), Tool(**arguments)
    for attribute in ("input_schema_hash", "output_schema_hash", "schema_hash"):
        assert getattr(ours, attribute) == getattr(theirs, attribute)
    assert tool_hash(takes, gives, version) == theirs.schema_hash


def scaled(number: int, factor: Annotated[float, Field(gt=0)] = 1.5, names: list[str] = []) -> ValueOutput:  # noqa: B006
    """Scales a number."""
    return ValueOutput(value=int(number * factor) + len(names))


def test_decorated_functions_have_the_same_models_and_fingerprint() -> None:
    ours, theirs = tool(scaled), chainweaver.tool(scaled)
    assert ours.input_schema.model_json_schema() == theirs.input_schema.model_json_schema()
    assert ours.schema_hash == theirs.schema_hash
    assert (ours.name, ours.description) == (theirs.name, theirs.description)
    inputs = {"number": "4", "names": ["a"]}
    assert accept_output(ours.fn(ours.input_schema.model_validate(inputs))) == theirs.run(inputs)


def accept_output(output: object) -> dict[str, Any]:
    return ValueOutput.model_validate(output).model_dump()


class TestAsTool:
    def theirs(self, **changes: Any) -> chainweaver.Tool:
        arguments: dict[str, Any] = {
            "name": "accept",
            "description": "Gives what it takes.",
            "input_schema": Point,
            "output_schema": Point,
            "fn": accept,
        }
        return chainweaver.Tool(**(arguments | changes))

    def test_a_tool_is_taken_with_all_that_it_says(self) -> None:
        theirs = self.theirs(timeout_seconds=2.0, max_output_size=99, schema_version="1", metadata={"from": "mcp"})
        ours = as_tool(theirs)
        assert ours is not None
        for attribute in (
            "name", "description", "input_schema", "output_schema", "fn", "timeout_seconds", "max_output_size",
            "cacheable", "schema_version", "metadata", "is_async", "schema_hash",
        ):  # fmt: skip
            assert getattr(ours, attribute) == getattr(theirs, attribute)

    def test_a_safety_contract_is_taken(self) -> None:
        contract = ToolSafetyContract(
            side_effects=SideEffectLevel.EXTERNAL, idempotent=False, cacheable=False, approval_reason="it pays"
        )
        ours = as_tool(self.theirs(safety=contract))
        assert ours is not None
        assert ours.safety.model_dump() == contract.model_dump(mode="json")
        assert (ours.cacheable, ours.read_only, ours.idempotent) == (False, False, False)
        assert Tool(**arguments_of(ours), safety=contract).safety == ours.safety  # type: ignore[arg-type]

    def test_a_tool_without_contract_declares_nothing(self) -> None:
        ours = as_tool(self.theirs())
        assert ours is not None
        assert ours.idempotent is None

    @pytest.mark.parametrize("is_async", [False, True])
    def test_it_is_as_async_as_it_was(self, is_async: bool) -> None:
        async def later(inputs: BaseModel) -> dict[str, Any]:
            return accept(inputs)

        theirs = self.theirs(fn=later if is_async else accept)
        ours = as_tool(theirs)
        assert ours is not None
        assert ours.is_async is theirs.is_async is is_async

    def test_a_decorated_tool_is_taken(self) -> None:
        theirs = chainweaver.tool(scaled)
        ours = as_tool(theirs)
        assert ours is not None
        assert ours.fn(ours.input_schema.model_validate({"number": 4})) == {"value": 6}

    def test_a_streaming_tool_gives_its_last_chunk(self) -> None:
        async def stream(inputs: Point) -> AsyncIterator[ToolChunk]:
            yield ToolChunk(data={})
            yield ToolChunk(data=inputs.model_dump(), is_final=True)

        ours = as_tool(
            StreamingTool(name="s", description="", input_schema=Point, output_schema=Point, stream_fn=stream)
        )
        assert ours is not None
        assert asyncio.run(ours.fn(Point(x=1))) == {"x": 1.0, "y": 0.0}  # type: ignore[arg-type]


def arguments_of(ours: Tool) -> dict[str, Any]:
    return {name: getattr(ours, name) for name in ("name", "description", "input_schema", "output_schema", "fn")}


def test_safety_has_the_fields_and_defaults_of_the_contract() -> None:
    assert Safety().model_dump() == ToolSafetyContract().model_dump(mode="json")


@given(
    st.fixed_dictionaries(
        {},
        optional={
            "side_effects": st.sampled_from(["none", "read", "write", "external", "destructive", "odd"]),
            "read_only": st.booleans(),
            "requires_review": st.booleans(),
            "requires_approval": st.booleans(),
            "stability": st.sampled_from(["stable", "odd"]),
            "idempotent": st.booleans(),
        },
    )
)
def test_safety_follows_the_rules_of_the_contract(fields: dict[str, Any]) -> None:
    assert dumped(Safety, fields) == dumped(ToolSafetyContract, fields)


def dumped(model: type[BaseModel], fields: dict[str, Any]) -> dict[str, Any] | None:
    try:
        return model.model_validate(fields).model_dump(mode="json")
    except ValueError:
        return None
