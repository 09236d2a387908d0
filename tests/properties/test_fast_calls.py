"""Functions that are called without validation are called as they are with it."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from types import FunctionType
from typing import Any

from hypothesis import assume, event, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, create_model

import cwc
import cwc.runtime
from cwc.runtime.errors import ToolDefinitionError
from cwc.runtime.tools.direct import direct_call
from tests.kinds import SCALARS
from tests.models import cases
from tests.nearly_plain import KINDS, with_defaults
from tests.outcomes import outcome, shape


class Told(BaseModel):
    told: str


def telling(*values: Any, **named: Any) -> dict[str, str]:
    """Tells all that it gets, and changes what it can."""
    told = {"told": repr((shape(values), [(name, shape(each)) for name, each in named.items()]))}
    for each in (*values, *named.values()):
        if isinstance(each, list):
            each.append("changed")
    return told


def tell_a(a: Any = 1) -> dict[str, str]:
    return telling(a)


def tell_ab(a: Any = 1, b: Any = None) -> dict[str, str]:
    return telling(a, b)


def tell_ax(a: Any, x: Any = 1) -> dict[str, str]:
    return telling(a, x)


def tell_abc(a: Any = 1, b: Any = None, c: Any = "c") -> dict[str, str]:
    return telling(a, b, c)


def showing(function: Callable[..., Any]) -> Callable[..., Any]:
    """A function around another, that tells which arguments are passed."""

    @wraps(function)
    def shown(*values: Any, **named: Any) -> Any:
        return telling(*values, **named)

    return shown


def having(function: Callable[..., Any], defaults: tuple[Any, ...]) -> Callable[..., Any]:
    """A function of its own that does the same, with other defaults."""
    made = FunctionType(function.__code__, globals(), function.__name__)
    made.__defaults__ = defaults
    return made


def expect_the_same(tool: cwc.Tool, inputs: dict[str, Any]) -> bool:
    """Whether there is a direct call; it does what a call with a validated model does, also when it is made again."""
    types = {name: type(value).__name__ for name, value in inputs.items()}
    call = direct_call(tool, types)
    if call is None:
        return False
    for _ in range(2):
        direct = outcome(lambda given: call(*given.values()), inputs)
        assert direct == outcome(lambda given: tool.fn(tool.input_schema.model_validate(given)), inputs)
    return True


EXACT: dict[Any, st.SearchStrategy[Any]] = {
    int: st.integers(), str: st.text("ab\ud800"), float: st.floats(), bool: st.booleans(), bytes: st.binary(),
}  # fmt: skip


@st.composite
def unpacked(draw: st.DrawFn) -> tuple[cwc.Tool, dict[str, Any]]:
    """A tool whose function takes the fields of a model as keywords, and inputs for it, most of them of plain types."""
    case = draw(cases(st.sampled_from((int, str, float, bool, bytes) * 5 + SCALARS)))
    names = [name for name in case.model.model_fields if name in "abc"]
    written = (tell_a, tell_ab, tell_abc)[len(names) - 1]
    own = tuple(case.model.model_fields[name].default for name in names)
    function = having(written, draw(st.sampled_from((own, written.__defaults__ or ()))))
    if draw(st.integers(0, 3)) == 0:
        function = showing(function)
    given = case.raw if isinstance(case.raw, dict) and set(case.raw) <= set(names) else {}
    for name in names:
        exact = EXACT.get(case.model.model_fields[name].annotation)
        if exact is not None and draw(st.integers(0, 2)):
            given = given | {name: draw(exact)}
    return cwc.tool(name="tell", input_schema=case.model, output_schema=Told)(function), given


@given(unpacked())
def test_a_direct_call_is_a_call_with_what_was_validated(case: tuple[cwc.Tool, dict[str, Any]]) -> None:
    event("direct" if expect_the_same(*case) else "validated")


def test_inputs_of_every_type() -> None:
    direct = 0
    for kind in KINDS:
        model = create_model("Takes", a=(kind, ...))
        tool = cwc.tool(name="tell", input_schema=model, output_schema=Told)(having(tell_a, (1,)))
        direct += sum(
            expect_the_same(tool, {"a": value}) for value in (1, 70, "ab", " ", 1.5, float("inf"), True, b"x")
        )
    assert direct


def test_defaults_that_are_left_out() -> None:
    """Each object is the default of both, as where a model is made for a function."""
    direct = 0
    for model in with_defaults():
        default = model.model_fields["x"].default
        function = having(tell_ax, (default,))
        for each in (function, showing(function)):
            tool = cwc.tool(name="tell", input_schema=model, output_schema=Told)(each)
            direct += expect_the_same(tool, {"a": 1})
    assert direct


@given(unpacked())
@settings(max_examples=40)
def test_a_flow_that_calls_directly_ends_as_one_that_does_not(case: tuple[cwc.Tool, dict[str, Any]]) -> None:
    tool, inputs = case
    step = {"tool_name": "tell", "input_mapping": {name: name for name in inputs or {"a": 1}}}
    flow = {"type": "Flow", "name": "f", "description": "", "steps": [step]}
    plain = cwc.Tool(name="tell", description="", input_schema=tool.input_schema, output_schema=Told, fn=tool.fn)
    try:
        direct, validated = cwc.compile_flow(flow, [tool]), cwc.compile_flow(flow, [plain])
    except (cwc.CompileError, ToolDefinitionError):
        assume(False)
        raise
    assert outcome(lambda given: dumped(direct.run(given)), inputs) == outcome(
        lambda given: dumped(validated.run(given)), inputs
    )


def dumped(result: Any) -> Any:
    """All of a result but its times."""
    steps = [(each.inputs, each.outputs, each.error_type, each.error_message) for each in result.execution_log]
    return result.final_output, steps
