"""The tools and payloads that every contender works with: a tiny one, and one of eight fields with models inside."""

from __future__ import annotations

import asyncio
from typing import Any, TypedDict

from pydantic import BaseModel

import cwc


class Number(BaseModel):
    value: int


class Item(BaseModel):
    sku: str
    quantity: int
    price: float


class Order(BaseModel):
    order_id: str
    customer: str
    items: list[Item]
    total: float
    currency: str = "EUR"
    tags: list[str] = []
    priority: int = 0
    note: str | None = None


TINY: dict[str, Any] = {"value": 1}
REALISTIC: dict[str, Any] = {
    "order_id": "o-1",
    "customer": "c-1",
    "items": [{"sku": "a", "quantity": 1, "price": 1.5}, {"sku": "b", "quantity": 2, "price": 2.5}],
    "total": 6.5,
    "currency": "EUR",
    "tags": ["new", "web"],
    "priority": 1,
    "note": None,
}


def increment(given: Number) -> dict[str, Any]:
    return {"value": given.value + 1}


async def increment_async(given: Number) -> dict[str, Any]:
    return {"value": given.value + 1}


class Counted(TypedDict):
    value: int


@cwc.tool(name="increment")
def increment_by_name(value: int) -> Counted:
    return {"value": value + 1}


@cwc.tool(name="increment")
async def increment_by_name_async(value: int) -> Counted:
    return {"value": value + 1}


BY_NAME = (increment_by_name, increment_by_name_async)


def reprice(given: Order) -> dict[str, Any]:
    return {**given.__dict__, "items": [item.__dict__ for item in given.items], "total": given.total + 1}


take_number = Number.__pydantic_validator__.validate_python


def validated(value: int) -> int:
    """One step as a peer that passes bare values takes it: input and output validated, as everywhere here."""
    return take_number(increment(take_number({"value": value}))).value  # type: ignore[no-any-return]


class Wait(BaseModel):
    seconds: float = 0.0


class Value(BaseModel):
    value: int


async def sleeping(given: Wait) -> dict[str, int]:
    if given.seconds:
        await asyncio.sleep(given.seconds)
    return {"value": 1}


take_wait = Wait.__pydantic_validator__.validate_python
give_value = Value.__pydantic_validator__.validate_python


async def leaf(seconds: float) -> int:
    """One leaf of a fan, for those who run it by hand or by a peer that passes bare values."""
    return give_value(await sleeping(take_wait({"seconds": seconds}))).value  # type: ignore[no-any-return]


class Pair(BaseModel):
    left: int
    right: int


def add(given: Pair) -> dict[str, int]:
    return {"value": (given.left + given.right) % 1_000_003}


take_pair = Pair.__pydantic_validator__.validate_python


def added(left: int, right: int) -> int:
    """One step of the lattice, as `leaf` is one of a fan."""
    return give_value(add(take_pair({"left": left, "right": right}))).value  # type: ignore[no-any-return]
