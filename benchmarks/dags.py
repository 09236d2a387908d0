"""DAG flows: a thousand steps on the sync lane, and fans and skewed graphs on the async lane."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from pydantic import BaseModel

import cwc
from benchmarks import fans
from benchmarks.flows import lattice
from benchmarks.measure import Effort, measure
from benchmarks.results import Row
from cwc.driver.memory import compile_in_memory, load


class Pair(BaseModel):
    left: int
    right: int


class Value(BaseModel):
    value: int


def add(given: Pair) -> dict[str, int]:
    return {"value": (given.left + given.right) % 1_000_003}


TOOLS = [cwc.Tool(name="add", description="", input_schema=Pair, output_schema=Value, fn=add)]


def rows(effort: Effort) -> Iterator[Row]:
    document = lattice(100, 10)
    made, hand = load(compile_in_memory(document, TOOLS), TOOLS), _by_hand(document)
    given = {"one": 1}
    found = measure({"hand-written": lambda: hand(given), "cwc": lambda: made.run(given)}, effort)["cwc"]
    yield Row("1000-step DAG, sync", "cwc / hand-written", found.ratio, "times", found.low, found.high, 1.2)
    yield from fans.rows(effort)


def _by_hand(document: dict[str, Any]) -> Callable[[dict[str, Any]], Any]:
    lines = ["def run(given):", "    one = given['one']"]
    for step in document["steps"]:
        entries = ", ".join(f"'{target}': {source}" for target, source in step["input_mapping"].items())
        lines.append(f"    out_{step['step_id']} = give(add(take({{{entries}}}))).value")
    results = ", ".join(f"'out_{step['step_id']}': out_{step['step_id']}" for step in document["steps"])
    source = "\n".join([*lines, f"    return {{**given, {results}}}"])
    scope: dict[str, Any] = {
        "take": Pair.__pydantic_validator__.validate_python,
        "give": Value.__pydantic_validator__.validate_python,
        "add": add,
    }
    exec(source, scope)
    run: Callable[[dict[str, Any]], Any] = scope["run"]
    return run
