"""Tools of the flow that turns a file of orders into a file of totals."""

from __future__ import annotations

import csv
from collections import defaultdict
from decimal import Decimal
from pathlib import Path

from pydantic import BaseModel, Field, ValidationError

from cwc import tool


class Job(BaseModel, extra="forbid"):
    """What the flow is given: the file to read and the file to write."""

    source: str
    target: str


class Order(BaseModel):
    order: int
    region: str = Field(min_length=1)
    quantity: int = Field(gt=0)
    unit_price: Decimal = Field(ge=0)


class Rows(BaseModel):
    rows: list[dict[str, str]]


class Cleaned(BaseModel):
    orders: list[Order]
    rejected: list[str]


class Totals(BaseModel):
    totals: dict[str, Decimal]


class Written(BaseModel):
    written: int


class NotEmpty(BaseModel):
    """The contract of `clean`: a file without one good order is a mistake, not an empty day."""

    orders: list[Order] = Field(min_length=1)


@tool(description="Reads a CSV file with a header line.", read_only=True)
def extract(source: str) -> Rows:
    with Path(source).open(encoding="utf-8", newline="") as file:
        return Rows(rows=list(csv.DictReader(file)))


@tool(description="Keeps the rows that are orders, and says what is wrong with the others.", read_only=True)
def clean(rows: list[dict[str, str]]) -> Cleaned:
    orders, rejected = [], []
    for row in rows:
        try:
            orders.append(Order.model_validate(row))
        except ValidationError as error:
            fields = ", ".join(str(mistake["loc"][0]) for mistake in error.errors())
            rejected.append(f"order {row.get('order')}: {fields}")
    return Cleaned(orders=orders, rejected=rejected)


@tool(description="Adds up each region's orders.", read_only=True)
def total(orders: list[Order]) -> Totals:
    totals: defaultdict[str, Decimal] = defaultdict(Decimal)
    for order in orders:
        totals[order.region] += order.quantity * order.unit_price
    return Totals(totals=dict(sorted(totals.items())))


@tool(description="Writes the totals as CSV, beside the target first, so that readers never see half a file.")
def load(totals: dict[str, Decimal], target: str) -> Written:
    path = Path(target)
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_suffix(".part")
    with beside.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["region", "total"])
        writer.writerows((region, f"{amount:.2f}") for region, amount in totals.items())
    beside.replace(path)
    return Written(written=len(totals))
