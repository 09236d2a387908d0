"""DAG flows: a thousand steps on the sync lane, and fans and skewed graphs on the async lane."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import cwc
from benchmarks import fans
from benchmarks.flows import lattice
from benchmarks.measure import Effort, measure
from benchmarks.peers import peers_with
from benchmarks.results import Row
from benchmarks.schemas import Pair, Value, add, give_value, take_pair
from cwc.driver.memory import compile_in_memory, load

TOOLS = [cwc.Tool(name="add", description="", input_schema=Pair, output_schema=Value, fn=add)]


def rows(effort: Effort, missing: list[str]) -> Iterator[Row]:
    document = lattice(100, 10)
    made, hand = load(compile_in_memory(document, TOOLS), TOOLS), _by_hand(document)
    given = {"one": 1}
    contenders: dict[str, Callable[[], object]] = {"hand-written": lambda: hand(given), "cwc": lambda: made.run(given)}
    # Apart from the peers, which leave little of what was in the processor's caches.
    found = measure(contenders, effort)["cwc"]
    yield Row("1000-step DAG, sync", "cwc / hand-written", found.ratio, "times", found.low, found.high, 1.2)
    del contenders["cwc"]
    contenders |= {peer: dag(document) for peer, dag in peers_with("dag", missing).items()}
    for name, its in measure(contenders, effort).items():
        if name != "hand-written":
            yield Row("1000-step DAG, sync", f"{name} / hand-written", its.ratio, "times", its.low, its.high)
    yield from fans.rows(effort, missing)


def _by_hand(document: dict[str, Any]) -> Callable[[dict[str, Any]], Any]:
    lines = ["def run(given):", "    one = given['one']"]
    for step in document["steps"]:
        entries = ", ".join(f"'{target}': {source}" for target, source in step["input_mapping"].items())
        lines.append(f"    out_{step['step_id']} = give(add(take({{{entries}}}))).value")
    results = ", ".join(f"'out_{step['step_id']}': out_{step['step_id']}" for step in document["steps"])
    source = "\n".join([*lines, f"    return {{**given, {results}}}"])
    scope: dict[str, Any] = {"take": take_pair, "give": give_value, "add": add}
    exec(source, scope)
    run: Callable[[dict[str, Any]], Any] = scope["run"]
    return run
