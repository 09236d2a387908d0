"""pydantic-graph: steps of a graph builder, with edges from start to end."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from pydantic_graph import GraphBuilder, reduce_list_append

from benchmarks.schemas import leaf, validated


def linear(steps: int) -> Callable[[], object]:
    builder: Any = GraphBuilder(input_type=int, output_type=int)

    async def call(context: Any) -> int:
        return validated(context.inputs)

    made = [builder.step(call, node_id=f"s{number}") for number in range(steps)]
    for before, after in zip([builder.start_node, *made], [*made, builder.end_node], strict=True):
        builder.add(builder.edge_from(before).to(after))
    graph = builder.build()
    loop = asyncio.new_event_loop()
    return lambda: loop.run_until_complete(graph.run(inputs=1))


def fan(count: int, seconds: float) -> Callable[[], Awaitable[object]]:
    builder: Any = GraphBuilder(input_type=float, output_type=list[int])

    async def call(context: Any) -> int:
        return await leaf(context.inputs)

    made = [builder.step(call, node_id=f"leaf{number}") for number in range(count)]
    join = builder.join(reduce_list_append, initial_factory=list[int])
    builder.add(
        builder.edge_from(builder.start_node).to(*made),
        builder.edge_from(*made).to(join),
        builder.edge_from(join).to(builder.end_node),
    )
    graph = builder.build()

    async def run() -> object:
        return await graph.run(inputs=seconds)

    return run
