"""Tools that fail, hang and grow."""

from pydantic import BaseModel

from cwc import tool


class KeyInput(BaseModel):
    key: int


class RawOutput(BaseModel):
    raw: int


class NoteOutput(BaseModel):
    note: str


class Small(BaseModel):
    raw: int


@tool(description="Fetches.", timeout_seconds=1.5)
async def fetch(inputs: KeyInput) -> RawOutput:
    return RawOutput(raw=inputs.key * 2)


@tool(description="Fetches from elsewhere.", max_output_size=1000)
def fetch_again(inputs: KeyInput) -> RawOutput:
    return RawOutput(raw=inputs.key * 2)


@tool(description="Writes a note.", timeout_seconds=2)
def enrich(inputs: RawOutput) -> NoteOutput:
    if inputs.raw > 100:
        raise ValueError("no note")
    return NoteOutput(note=f"n{inputs.raw}")
