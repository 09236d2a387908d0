"""The tools of this project: typed functions that flows call by name."""

from pydantic import BaseModel

from cwc import tool


class NumberInput(BaseModel):
    number: int


class ValueOutput(BaseModel):
    value: int


class TextOutput(BaseModel):
    text: str


@tool(description="Doubles a number.")
def double(inputs: NumberInput) -> ValueOutput:
    return ValueOutput(value=inputs.number * 2)


@tool(description="Adds an amount to a value.")
async def add(value: int, amount: int = 1) -> ValueOutput:
    return ValueOutput(value=value + amount)


@tool(description="Says what the value is.")
def format(value: int) -> TextOutput:
    return TextOutput(text=f"The value is {value}.")
