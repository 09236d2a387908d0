"""Tools of every shape that wiring depends on."""

from typing import Any

from pydantic import BaseModel, ConfigDict

from cwc import tool


class NumberInput(BaseModel):
    number: int


class StrictInput(BaseModel):
    model_config = ConfigDict(extra="forbid")

    number: int
    note: str | None = None


class ValueOutput(BaseModel):
    value: int


class TextOutput(BaseModel):
    text: str


class OpenOutput(BaseModel):
    model_config = ConfigDict(extra="allow")

    value: int


class OrderInput(BaseModel):
    order: dict[str, list[int]]


class AnyInput(BaseModel):
    thing: Any


@tool(description="Doubles a number.")
def double(inputs: NumberInput) -> ValueOutput:
    return ValueOutput(value=inputs.number * 2)


@tool(description="Adds an amount.")
async def add(value: int, amount: int = 1) -> ValueOutput:
    return ValueOutput(value=value + amount)


@tool(description="Says what the value is.", blocking=False)
def format(value: int) -> TextOutput:
    return TextOutput(text=f"The value is {value}.")


@tool(description="Gives more than it declares.")
def describe(inputs: NumberInput) -> OpenOutput:
    return OpenOutput.model_validate({"value": inputs.number, "sign": "+" if inputs.number >= 0 else "-"})


@tool(description="Looks at anything.", output_schema=TextOutput)
def show(inputs: AnyInput) -> dict[str, str]:
    return {"text": repr(inputs.thing)}
