"""pydantic-graph: steps of a graph builder, with edges from start to end."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from pydantic_graph import GraphBuilder

from benchmarks.schemas import validated


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
