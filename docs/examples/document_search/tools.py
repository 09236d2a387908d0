"""Tools that find passages in a folder of Markdown."""

from __future__ import annotations

import math
import re
from collections import Counter
from pathlib import Path

from pydantic import BaseModel, Field

from cwc import tool

WORD = re.compile(r"[a-z0-9_]+")
SECTION = re.compile(r"^(?=#{1,3} )", re.MULTILINE)


class Question(BaseModel, extra="forbid"):
    """What the search is given: a folder, what to look for in it, and how many passages to find."""

    folder: str
    question: str
    limit: int = Field(default=3, gt=0)


class Passage(BaseModel):
    """A section of a page: its file relative to the folder, its heading, and its text."""

    page: str
    heading: str
    text: str


class Passages(BaseModel):
    passages: list[Passage]


class Hit(BaseModel):
    page: str
    heading: str
    score: float


class Hits(BaseModel):
    hits: list[Hit]


class Listing(BaseModel):
    listing: str


def words(text: str) -> Counter[str]:
    return Counter(WORD.findall(text.lower()))


@tool(description="Reads the sections of every Markdown file of a folder.", read_only=True)
def read_passages(folder: str) -> Passages:
    found = []
    for path in sorted(Path(folder).rglob("*.md")):
        for section in SECTION.split(path.read_text("utf-8")):
            if section.strip():
                heading = section.splitlines()[0].lstrip("# ")
                found.append(Passage(page=path.relative_to(folder).as_posix(), heading=heading, text=section))
    return Passages(passages=found)


@tool(description="Ranks passages by the words of a question (BM25).", read_only=True)
def rank(question: str, passages: list[Passage], limit: int) -> Hits:
    counted = [words(f"{passage.heading} {passage.text}") for passage in passages]
    average = sum(map(Counter.total, counted)) / (len(counted) or 1)
    hits = []
    for passage, counts in zip(passages, counted, strict=True):
        score = 0.0
        for word in words(question):
            holding = sum(1 for other in counted if word in other)
            rarity = math.log(1 + (len(counted) - holding + 0.5) / (holding + 0.5))
            score += rarity * counts[word] * 2.2 / (counts[word] + 1.2 * (0.25 + 0.75 * counts.total() / average))
        if score:
            hits.append(Hit(page=passage.page, heading=passage.heading, score=round(score, 3)))
    return Hits(hits=sorted(hits, key=lambda hit: (-hit.score, hit.page, hit.heading))[:limit])


@tool(description="Writes hits as a list.", read_only=True)
def list_hits(hits: list[Hit]) -> Listing:
    return Listing(listing="\n".join(f"{hit.page}: {hit.heading}" for hit in hits))
