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


class TextInput(BaseModel):
    text: str


class CountInput(BaseModel):
    text: int


class FoundOutput(BaseModel):
    found: int | None


class FlagOutput(BaseModel):
    even: bool


class PartsOutput(BaseModel):
    text: list[str]


@tool
def shout(inputs: TextInput) -> TextOutput:
    """Says it loud."""
    return TextOutput(text=inputs.text.upper())


@tool
def whisper(inputs: TextInput) -> TextOutput:
    """Says it low."""
    return TextOutput(text=inputs.text.lower())


@tool
def count(inputs: CountInput) -> TextOutput:
    """Takes a number by the name of a text."""
    return TextOutput(text=str(inputs.text))


@tool
def find(inputs: NumberInput) -> FoundOutput:
    """Finds a number, or none."""
    return FoundOutput(found=inputs.number if inputs.number > 0 else None)


@tool
def is_even(inputs: NumberInput) -> FlagOutput:
    """Tells whether a number is even."""
    return FlagOutput(even=inputs.number % 2 == 0)


@tool
def spell_out(inputs: NumberInput) -> PartsOutput:
    """Spells a number digit by digit."""
    return PartsOutput(text=list(str(inputs.number)))


@tool
def spell_roman(inputs: NumberInput) -> TextOutput:
    """Spells a number, another way."""
    return TextOutput(text="I" * inputs.number)


@tool(read_only=False, idempotent=False, safe_to_retry=False)
def book(inputs: NumberInput) -> ValueOutput:
    """Books a seat, and another one when it is called again."""
    return ValueOutput(value=inputs.number)


@tool
def exact(inputs: ClosedInput) -> TextOutput:
    """Takes a number and nothing else."""
    return TextOutput(text=str(inputs.number))
