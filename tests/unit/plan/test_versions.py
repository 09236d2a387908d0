"""Every value of a context key has a version of its own, those made for predicates included."""

from __future__ import annotations

import cwc
from tests.example_tools import describe, double


def test_a_key_that_a_predicate_finds_among_unknown_outputs_is_written_later() -> None:
    def step(id: str, *after: str, tool: str = "double") -> dict[str, object]:
        return {
            "step_id": id, "tool_name": tool, "depends_on": list(after),
            "input_mapping": {"number": "number"}, "output_mapping": {"k": "value"},
        }  # fmt: skip

    first, opened = step("first"), step("opened", "first", tool="describe")
    first["output_mapping"] = {}
    first["branches"] = [
        {"target_step_id": "left", "predicate": "number == 0"},
        {"target_step_id": "right", "predicate": "number == 1"},
    ]
    del opened["output_mapping"]
    opened["branches"] = [{"target_step_id": "end", "predicate": "number > 5 and k == 0"}]
    end = step("end", "opened")
    end["output_mapping"] = {"end": "value"}
    flow = {
        "type": "DAGFlow", "name": "f", "version": "1.0", "description": "", "on_context_collision": "overwrite",
        "steps": [first, step("left", "first"), opened, step("right", "first"), end],
    }  # fmt: skip
    result = cwc.compile_flow(flow, [double, describe]).run({"number": 1})
    assert result.final_output == {"number": 1, "k": 2}
    assert [record.skipped for record in result.execution_log] == [False, True, True, False, True]
