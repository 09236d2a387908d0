"""What a generated module imports stands in the order that linters want."""

from __future__ import annotations

from cwc.driver.memory import compile_in_memory
from tests.unit.runtime.number_flows import number_tool


def test_numbers_in_names_are_sorted_by_their_value() -> None:
    tools = [number_tool(f"t{number}") for number in range(12)]
    steps = [{"tool_name": name} for name in ("t10", "t2", "t1", "t11")]
    flow = {"type": "Flow", "name": "f", "description": "", "on_context_collision": "overwrite", "steps": steps}
    artifact = compile_in_memory(flow, tools).flows[0].artifact
    assert artifact is not None
    imports = [line for line in artifact.text.splitlines() if line.startswith("from cwc_tools_in_memory")]
    assert [line.split()[3] for line in imports] == ["tool_1", "tool_2", "tool_10", "tool_11"]
