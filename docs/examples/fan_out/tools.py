"""Tools that ask services of a shop over HTTP."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import urlopen

from pydantic import BaseModel

from cwc import tool


class Wanted(BaseModel, extra="forbid"):
    """What the flow is given: where the shop is, and an article."""

    shop: str
    article: str


class Price(BaseModel):
    price: float


class Stock(BaseModel):
    stock: int


class Stars(BaseModel):
    stars: float
    fresh: bool


class Offer(BaseModel):
    offer: str


class Unavailable(OSError):
    """A service that says 5xx: it may answer the next time."""


def ask(shop: str, service: str, article: str) -> dict[str, Any]:
    """What a service says of an article. Raises Unavailable, and OSError for what will not get better."""
    try:
        with urlopen(f"{shop}/{service}/{article}", timeout=5) as response:
            answer: dict[str, Any] = json.load(response)
            return answer
    except HTTPError as error:
        with error:
            if error.code >= 500:
                raise Unavailable(f"{service}: {error.code}") from None
        raise


@tool(description="Asks for the price.", read_only=True, timeout_seconds=10.0)
def fetch_price(shop: str, article: str) -> Price:
    return Price.model_validate(ask(shop, "price", article))


@tool(description="Asks how many there are.", read_only=True, timeout_seconds=10.0)
def fetch_stock(shop: str, article: str) -> Stock:
    return Stock.model_validate(ask(shop, "stock", article))


@tool(description="Asks how people like it.", read_only=True, timeout_seconds=10.0)
def fetch_stars(shop: str, article: str) -> Stars:
    return Stars(stars=ask(shop, "stars", article)["stars"], fresh=True)


@tool(description="How people liked it when somebody last asked.", read_only=True)
def remembered_stars(shop: str, article: str) -> Stars:
    remembered = json.loads(Path("stars.json").read_text("utf-8"))
    return Stars(stars=remembered[article], fresh=False)


@tool(description="Writes an offer.", read_only=True, blocking=False)
def write_offer(article: str, price: float, stock: int, stars: float, fresh: bool) -> Offer:
    liked = f"{stars} stars" if fresh else f"{stars} stars when last seen"
    return Offer(offer=f"{article}: {price:.2f} EUR, {stock} in stock, {liked}")
