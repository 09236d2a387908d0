"""Tools for the cases of DAG flows."""

from pydantic import BaseModel, ConfigDict

from cwc import tool


class NumberInput(BaseModel):
    number: int


class Value(BaseModel):
    value: int


class Sum(BaseModel):
    total: int


class Open(BaseModel):
    model_config = ConfigDict(extra="allow")

    value: int


@tool
async def double(number: int) -> Value:
    return Value(value=number * 2)


@tool
def triple(number: int) -> Value:
    return Value(value=number * 3)


@tool
async def add(left: int, right: int) -> Sum:
    return Sum(total=left + right)


@tool
def more(number: int) -> Open:
    return Open(value=number, extra=1)
