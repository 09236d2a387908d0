"""The tools that the flows of the explain pages call."""

from pydantic import BaseModel, ConfigDict

from cwc import tool


class NumberInput(BaseModel):
    number: int


class ClosedInput(BaseModel):
    model_config = ConfigDict(extra="forbid")

    number: int


class ValueOutput(BaseModel):
    value: int


class TextOutput(BaseModel):
    text: str


class OrderInput(BaseModel):
    quantities: list[int]


class OpenOutput(BaseModel):
    model_config = ConfigDict(extra="allow")

    value: int


@tool
def double(inputs: NumberInput) -> ValueOutput:
    """Doubles a number."""
    return ValueOutput(value=inputs.number * 2)


@tool
def triple(inputs: NumberInput) -> ValueOutput:
    """Triples a number."""
    return ValueOutput(value=inputs.number * 3)


@tool
def spell(inputs: NumberInput) -> TextOutput:
    """Spells a number."""
    return TextOutput(text=str(inputs.number))


@tool
def describe(inputs: NumberInput) -> OpenOutput:
    """Gives more than it declares."""
    return OpenOutput(value=inputs.number)


@tool
def add_ten(inputs: ValueOutput) -> ValueOutput:
    """Adds ten."""
    return ValueOutput(value=inputs.value + 10)


@tool
def format(inputs: ValueOutput) -> TextOutput:
    """Says what the value is."""
    return TextOutput(text=f"The value is {inputs.value}.")
