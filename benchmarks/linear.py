"""Linear flows: generated modules, code written by hand, and the peers, in one process."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import cwc
from benchmarks.flows import chain
from benchmarks.measure import Effort, Figure, in_loop, measure
from benchmarks.peers import peers_with
from benchmarks.results import Row
from benchmarks.schemas import BY_NAME, REALISTIC, TINY, Number, Order, increment, increment_async, reprice
from cwc.runtime.flow import Flow

AT_ONCE = 20
"""How many runs share one entry into an event loop."""


def rows(effort: Effort, missing: list[str]) -> Iterator[Row]:
    peers = peers_with("linear", missing)
    for steps in (1, 5, 10, 50):
        flow = tiny(steps)
        contenders: dict[str, Callable[[], object]] = {
            "hand-written": partial_of(hand_written(steps), TINY),
            "cwc": lambda flow=flow: flow.run(TINY),  # type: ignore[misc]
            **{name: made(steps) for name, made in peers.items()},
        }
        found = measure(contenders, effort)
        bar = 1.15 if steps in (5, 50) else None
        yield from _rows(f"linear {steps}", found, bar)
        if "chainweaver" in found:
            ratio = found["chainweaver"].ratio / found["cwc"].ratio
            yield Row(
                f"linear {steps}", "chainweaver / cwc", ratio, "times", bar=18 if bar else None, more_is_better=True
            )
    for steps in (5, 50):
        yield from _rows(f"linear {steps}, async", _in_loop(steps, tiny(steps, increment_async), effort), 1.15, AT_ONCE)
    yield from _by_name(effort)
    yield from _realistic(effort, missing)


def _by_name(effort: Effort) -> Iterator[Row]:
    """Tools that take plain values by name, against the same that is written by hand with its validation."""
    for steps in (5, 50):
        sync, asynchronous = (cwc.compile_flow(chain(steps), [tool]) for tool in BY_NAME)
        found = measure(
            {
                "hand-written": partial_of(hand_written(steps), TINY),
                "cwc": lambda flow=sync: flow.run(TINY),  # type: ignore[misc]
            },
            effort,
        )
        yield from _rows(f"linear {steps}, by name", found, 0.5)
        yield from _rows(f"linear {steps}, by name, async", _in_loop(steps, asynchronous, effort), None, AT_ONCE)


def _in_loop(steps: int, flow: Flow[Any], effort: Effort) -> dict[str, Figure]:
    return measure(
        {
            "hand-written": in_loop(partial_of(hand_written(steps, is_async=True), TINY), AT_ONCE),
            "cwc": in_loop(lambda: flow.run_async(TINY), AT_ONCE),
        },
        effort,
    )


def _realistic(effort: Effort, missing: list[str]) -> Iterator[Row]:
    flow = cwc.compile_flow(
        chain(5, "reprice", tuple(Order.model_fields)),
        [cwc.Tool(name="reprice", description="", input_schema=Order, output_schema=Order, fn=reprice)],
    )
    contenders: dict[str, Callable[[], object]] = {
        "hand-written": partial_of(hand_written_realistic(5), REALISTIC),
        "cwc": lambda: flow.run(REALISTIC),
    }
    try:
        from benchmarks.peers.chainweaver_ import realistic
    except ImportError:
        pass
    else:
        contenders["chainweaver"] = realistic(5)
    found = measure(contenders, effort)
    yield from _rows("realistic payload, 5 steps", found, None)
    if "chainweaver" in found:
        ratio = found["chainweaver"].ratio / found["cwc"].ratio
        yield Row("realistic payload, 5 steps", "chainweaver / cwc", ratio, "times", bar=6, more_is_better=True)


def _rows(scenario: str, found: dict[str, Figure], bar: float | None, runs: int = 1) -> Iterator[Row]:
    for name, figure in found.items():
        yield Row(scenario, f"{name}, a run", figure.microseconds / runs, "us")
        if name != "hand-written":
            of = bar if name == "cwc" else None
            yield Row(scenario, f"{name} / hand-written", figure.ratio, "times", figure.low, figure.high, of)


def tiny(steps: int, fn: Callable[[Number], Any] = increment) -> Flow[Any]:
    tool = cwc.Tool(name="increment", description="", input_schema=Number, output_schema=Number, fn=fn)
    return cwc.compile_flow(chain(steps), [tool])


def partial_of(run: Callable[[dict[str, Any]], Any], given: dict[str, Any]) -> Callable[[], Any]:
    return lambda: run(given)


def hand_written(steps: int, *, is_async: bool = False) -> Callable[[dict[str, Any]], Any]:
    """What an expert writes instead of a flow: calls in a row over bound validators, values in locals, no trace."""
    call = "await increment" if is_async else "increment"
    body = "\n".join(f"    v{step + 1} = give({call}(take({{'value': v{step}}}))).value" for step in range(steps))
    start = "async def" if is_async else "def"
    source = f"{start} run(given):\n    v0 = given['value']\n{body}\n    return {{**given, 'value': v{steps}}}\n"
    validate = Number.__pydantic_validator__.validate_python
    return _made(source, {"take": validate, "give": validate, "increment": increment_async if is_async else increment})


def hand_written_realistic(steps: int) -> Callable[[dict[str, Any]], Any]:
    lines = "\n".join(["    order = give(reprice(take(order)))"] * steps)
    source = f"def run(given):\n    order = dict(given)\n{lines}\n    return {{**given, **order}}\n"
    validate, dump = Order.__pydantic_validator__.validate_python, Order.__pydantic_serializer__.to_python
    return _made(source, {"take": validate, "give": lambda raw: dump(validate(raw)), "reprice": reprice})


def _made(source: str, scope: dict[str, Any]) -> Callable[[dict[str, Any]], Any]:
    exec(source, scope)
    run: Callable[[dict[str, Any]], Any] = scope["run"]
    return run
