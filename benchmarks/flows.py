"""Flow documents of the scenarios."""

from __future__ import annotations

from typing import Any


def chain(steps: int, tool: str = "increment", keys: tuple[str, ...] = ("value",)) -> dict[str, Any]:
    """A linear flow in which each step rewrites the keys that it reads."""
    step = {"tool_name": tool, "input_mapping": {key: key for key in keys}}
    return {
        "type": "Flow",
        "name": "linear",
        "version": "1.0",
        "description": "",
        "on_context_collision": "overwrite",
        "steps": [step] * steps,
    }


def node(name: str, tool: str, inputs: dict[str, str], on: tuple[str, ...] = ()) -> dict[str, Any]:
    """A step of a DAG flow that leaves its ``value`` as ``out_<name>``."""
    return {
        "step_id": name,
        "tool_name": tool,
        "depends_on": list(on),
        "input_mapping": inputs,
        "output_mapping": {f"out_{name}": "value"},
    }


def dag(steps: list[dict[str, Any]]) -> dict[str, Any]:
    return {"type": "DAGFlow", "name": "dag", "version": "1.0", "description": "", "steps": steps}


def leaves(count: int, tool: str = "sleeping") -> dict[str, Any]:
    """Steps that have nothing to do with each other, and take ``long`` seconds each."""
    return dag([node(f"leaf{number}", tool, {"seconds": "long"}) for number in range(count)])


def lattice(levels: int, width: int) -> dict[str, Any]:
    """Levels of steps that each add two of the level before."""
    steps = []
    for level in range(levels):
        for lane in range(width):
            on = (f"s{level - 1}_{lane}", f"s{level - 1}_{(lane + 1) % width}") if level else ()
            sources = [f"out_{name}" for name in on] or ["one", "one"]
            steps.append(node(f"s{level}_{lane}", "add", {"left": sources[0], "right": sources[1]}, on))
    return dag(steps)
