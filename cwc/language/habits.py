"""Fields that steps of other systems have: what does here what they are written for."""

from __future__ import annotations

_CONDITION = "a step has no condition of its own: use `branches` of a step before it, in a flow of type 'DAGFlow'"
_LOOP = "a step runs once: go over the items in the tool"
_TIMEOUT = "how long a call may take is set at the tool: `timeout_seconds`"
_INPUTS = "inputs are filled by `input_mapping: {<input>: <context key>}`"
_OUTPUTS = "outputs are named by `output_mapping: {<context key>: <output>}`"
_ORDER = "steps that have to run before are listed in `depends_on: [<step_id>]`, in a flow of type 'DAGFlow'"
_RETRIES = "calls are tried again by `retry: {max_retries: 3}`"

HABITS = {
    **dict.fromkeys(("when", "if", "condition", "unless", "run_if", "skip_if"), _CONDITION),
    **dict.fromkeys(("for_each", "foreach", "loop", "with_items", "map"), _LOOP),
    **dict.fromkeys(("timeout", "timeout_s", "timeout_seconds"), _TIMEOUT),
    **dict.fromkeys(("inputs", "input", "args", "arguments", "params", "parameters", "with"), _INPUTS),
    **dict.fromkeys(("outputs", "output"), _OUTPUTS),
    **dict.fromkeys(("needs", "after", "requires", "dependencies"), _ORDER),
    **dict.fromkeys(("retries", "max_retries"), _RETRIES),
    **dict.fromkeys(("tool", "uses", "run"), "the tool of a step is named by `tool_name: <a tool>`"),
    "flow": "the flow that a step runs is named by `flow_name: <a flow>`",
    **dict.fromkeys(("id", "step"), "a step of a flow of type 'DAGFlow' is named by `step_id: <a name>`"),
}
"""What to do in place of each such field of a step, none of which the flow language has."""
