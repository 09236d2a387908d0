"""Types across steps: what is said where, about which input, and how much it weighs."""

from __future__ import annotations

from typing import Any, Literal

import pytest
from pydantic import BaseModel, Field, create_model, field_validator

import cwc
from cwc.diagnostics.model import Diagnostic, SeveritySettings
from cwc.driver.compile import Options
from cwc.driver.memory import compile_in_memory

TYPES = {"type_mismatch", "type_narrowing", "implicit_coercion", "fallback_type_mismatch", "invalid_literal",
         "output_type_mismatch", "contract_mismatch", "fallback_output_type_mismatch", "unsafe_retry", "dead_pointer",
         "maybe_missing_pointer"}  # fmt: skip
RAN: list[object] = []


class Order(BaseModel):
    item: str
    prices: list[int]


class Start(BaseModel):
    number: int
    text: str = ""
    order: Order | None = None


class Checked(BaseModel):
    value: int = Field(ge=10)
    other: int = 0

    @field_validator("other")
    @classmethod
    def remember(cls, other: int) -> int:
        RAN.append(other)
        return other


class TextValue(BaseModel):
    value: str


class IntValue(BaseModel):
    value: int


def tool(name: str, takes: dict[str, Any], gives: dict[str, Any], **more: Any) -> cwc.Tool:
    inputs: dict[str, Any] = {key: (type_, ...) for key, type_ in takes.items()}
    outputs: dict[str, Any] = {key: (type_, ...) for key, type_ in gives.items()}
    return cwc.Tool(
        name=name,
        description="",
        input_schema=create_model(f"{name}_in", **inputs),
        output_schema=create_model(f"{name}_out", **outputs),
        fn=lambda given: {},
        **more,
    )


TOOLS = (
    tool("give_int", {}, {"value": int}),
    tool("give_text", {}, {"value": str}),
    tool("give_maybe", {}, {"value": int | None}),
    tool("give_flag", {}, {"value": bool}),
    tool("give_order", {}, {"value": Order}),
    tool("give_order_list", {}, {"value": list[Order]}),
    tool("give_colour", {}, {"value": Literal["red", "blue"]}),
    tool("take_int", {"value": int}, {"taken": int}),
    tool("take_text", {"value": str}, {"taken": str}),
    tool("take_order", {"value": Order}, {"taken": str}),
    tool("writes", {"value": int}, {"taken": int}, safe_to_retry=True, idempotent=False, read_only=False),
    cwc.Tool(name="checked", description="", input_schema=Checked, output_schema=IntValue, fn=lambda given: {}),
)


def found(*steps: dict[str, Any], others: tuple[dict[str, Any], ...] = (), **flow: Any) -> list[Diagnostic]:
    whole = {"type": "Flow", "name": "example", "description": "", "steps": list(steps), **flow}
    whole.setdefault("input_schema_ref", f"{__name__}:Start")
    return list(compile_in_memory(whole, TOOLS, Options(), others).report)


def of_types(*steps: dict[str, Any], **flow: Any) -> list[tuple[str, str, str | None]]:
    return [
        (each.slug, each.severity or each.definition.severity, each.field)
        for each in found(*steps, **flow)
        if each.slug in TYPES
    ]


def step(name: str, source: Any = None, target: str = "value", **more: Any) -> dict[str, Any]:
    return {"tool_name": name, "input_mapping": {} if source is None else {target: source}, **more}


@pytest.mark.parametrize(
    ("giver", "taker", "finding"),
    [
        ("give_int", "take_int", []),
        ("give_order", "take_order", []),
        ("give_colour", "take_text", []),
        ("give_text", "take_int", [("type_mismatch", "error", "value")]),
        ("give_int", "take_text", [("type_mismatch", "error", "value")]),
        ("give_maybe", "take_int", [("type_narrowing", "warning", "value")]),
        ("give_flag", "take_int", [("implicit_coercion", "warning", "value")]),
    ],
)
def test_the_three_verdicts(giver: str, taker: str, finding: list[Any]) -> None:
    assert of_types(step(giver), step(taker, "value")) == finding


def test_both_ends_are_shown() -> None:
    report = found(step("give_text"), step("take_int", "value"))
    mismatch = next(each for each in report if each.slug == "type_mismatch")
    assert mismatch.message == "tool 'take_int' does not take `str` in 'value', which is `int`"
    assert mismatch.step_index == 1
    assert mismatch.primary is not None
    assert (str(mismatch.primary.at), mismatch.primary.message) == (
        "/steps/1/input_mapping/value",
        "'value' is `str`",
    )
    assert [(str(label.at), label.message) for label in mismatch.related] == [
        ("/steps/0/tool_name", "`str` comes from here")
    ]


def test_what_would_be_refused_is_named() -> None:
    narrowing = next(each for each in found(step("give_maybe"), step("take_int", "value")) if each.slug in TYPES)
    assert narrowing.help[0] == "it would refuse `None`"


@pytest.mark.parametrize(
    ("giver", "pointer", "taker", "finding"),
    [
        ("give_order", "/value/item", "take_text", []),
        ("give_order", "/value/item", "take_int", [("type_mismatch", "error", "value")]),
        ("give_order", "/value/prices", "take_int", [("type_mismatch", "error", "value")]),
        ("give_order", "/value/prices/0", "take_int", [("maybe_missing_pointer", "note", "value")]),
        ("give_order", "/value/nothing", "take_int", [("dead_pointer", "error", "value")]),
        ("give_order_list", "/value/0", "take_order", [("maybe_missing_pointer", "note", "value")]),
        (
            "give_order_list",
            "/value/0/item",
            "take_int",
            [("maybe_missing_pointer", "note", "value"), ("type_mismatch", "error", "value")],
        ),
        (
            "give_int",
            "/order/item",
            "take_int",
            [("maybe_missing_pointer", "note", "value"), ("type_mismatch", "error", "value")],
        ),
    ],
)
def test_along_pointers(giver: str, pointer: str, taker: str, finding: list[Any]) -> None:
    assert of_types(step(giver), step(taker, pointer)) == finding


def test_inputs_of_the_flow_have_types_too() -> None:
    assert of_types(step("take_int", "number")) == []
    assert of_types(step("take_text", "number")) == [("type_mismatch", "error", "value")]
    assert of_types(step("take_order", "order")) == [("type_narrowing", "warning", "value")]


def test_dynamic_parameters_have_none() -> None:
    assert of_types(step("take_text", "number"), dynamic_params=["number"]) == []


def test_an_input_taken_from_the_whole_context() -> None:
    assert of_types(step("give_text"), step("take_int")) == [("type_mismatch", "error", "value")]


def test_a_step_that_goes_on_is_warned() -> None:
    taking = step("take_int", "value", on_error="skip")
    assert of_types(step("give_text"), taking) == [("type_mismatch", "warning", "value")]
    report = found(step("give_text"), taking)
    settings = SeveritySettings(strict_types=True)
    assert {settings.of(each) for each in report if each.slug == "type_mismatch"} == {"error"}


@pytest.mark.parametrize("giver", ["give_maybe", "give_flag"])
def test_strict_types(giver: str) -> None:
    flow = {
        "type": "Flow",
        "name": "example",
        "description": "",
        "steps": [step(giver), step("take_int", "value")],
        "input_schema_ref": f"{__name__}:Start",
    }
    built = compile_in_memory(flow, TOOLS, Options())
    assert built.flows[0].artifact is not None
    strict = compile_in_memory(flow, TOOLS, Options(severities=SeveritySettings(strict_types=True)))
    assert strict.flows[0].artifact is None


def test_what_a_step_leaves_may_be_its_own_or_older() -> None:
    skipping = step("give_text", on_error="skip")
    assert of_types(step("give_int"), skipping, step("take_int", "value")) == [("type_narrowing", "warning", "value")]


def test_fallbacks() -> None:
    assert of_types(step("give_int"), step("take_int", "value", on_error="fallback:take_text")) == [
        ("fallback_output_type_mismatch", "warning", "taken"),
        ("fallback_type_mismatch", "error", "value"),
    ]
    assert of_types(step("give_int", on_error="fallback:give_text"), step("take_int", "value")) == [
        ("fallback_output_type_mismatch", "warning", "value"),
        ("type_narrowing", "warning", "value"),
    ]


@pytest.mark.parametrize("field", ["output_schema_ref", "context_schema_ref"])
def test_the_end_of_the_flow(field: str) -> None:
    assert of_types(step("give_text"), **{field: f"{__name__}:IntValue"}) == [
        ("output_type_mismatch", "error", "value")
    ]
    assert of_types(step("give_maybe"), **{field: f"{__name__}:IntValue"}) == [("type_narrowing", "warning", "value")]
    assert of_types(step("give_int"), **{field: f"{__name__}:IntValue"}) == []


@pytest.mark.parametrize(
    ("contracts", "finding"),
    [
        ({"input_contract": "IntValue", "output_contract": "IntValue"}, []),
        ({"input_contract": "TextValue"}, [("contract_mismatch", "error", "input_contract")]),
        ({"input_contract": "Start"}, [("contract_mismatch", "error", "input_contract")]),
        ({"output_contract": "TextValue"}, [("contract_mismatch", "error", "output_contract")]),
    ],
)
def test_contracts(contracts: dict[str, str], finding: list[Any]) -> None:
    refs = {field: f"{__name__}:{name}" for field, name in contracts.items()}
    assert of_types(step("checked", 12, **refs, on_error="skip")) == finding


@pytest.mark.parametrize(
    ("target", "value", "reason"),
    [
        ("value", 12, None),
        ("value", 1, "input should be greater than or equal to 10"),
        ("value", [1], "input should be a valid integer"),
        ("other", 3, None),
        ("other", [3], "it takes `int`"),
    ],
)
def test_literals_are_validated_without_running_validators(target: str, value: Any, reason: str | None) -> None:
    RAN.clear()
    given = {"value": 12} | {target: value}
    report = found({"tool_name": "checked", "input_mapping": given})
    assert [each.message for each in report if each.slug == "invalid_literal"] == (
        [] if reason is None else [f"tool 'checked' refuses this value for {target!r}: {reason}"]
    )
    assert RAN == []


CHILD = {
    "type": "Flow",
    "name": "child",
    "version": "1.0",
    "description": "",
    "input_schema_ref": f"{__name__}:IntValue",
    "steps": [{"tool_name": "take_int", "input_mapping": {"value": "value"}}],
}


def test_flows_take_and_give_types() -> None:
    calling = {"flow_name": "child", "input_mapping": {"value": "number"}}
    assert of_types(calling | {"input_mapping": {"value": "text"}}, others=(CHILD,)) == [
        ("type_mismatch", "error", "value")
    ]
    assert of_types(calling | {"input_mapping": {"value": [1]}}, others=(CHILD,)) == [
        ("invalid_literal", "error", "value")
    ]
    assert of_types(calling, step("take_text", "taken"), others=(CHILD,)) == [("type_mismatch", "error", "value")]
    assert of_types(calling, step("take_text", "value"), others=(CHILD,)) == [("type_mismatch", "error", "value")]
    assert of_types(calling, step("take_int", "taken"), step("take_int", "value"), others=(CHILD,)) == []


def test_retries_of_tools_that_may_not_be_called_twice() -> None:
    assert of_types(step("writes", 1, retry={"max_retries": 1})) == [("unsafe_retry", "warning", None)]
    assert of_types(step("writes", 1, retry={"max_retries": 0})) == []
    assert of_types(step("take_int", 1, retry={"max_retries": 1})) == []
