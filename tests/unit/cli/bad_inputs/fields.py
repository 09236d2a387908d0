"""Flows whose fields hold what they cannot, and names that mean something elsewhere."""
# ruff: noqa: E501

from __future__ import annotations

from collections.abc import Iterator, Mapping

from tests.unit.cli.bad_inputs.row import Row, bad_flow, dag, linear

WRONG: Mapping[str, tuple[object, ...]] = {
    "type": ("flow", None, 5, ["Flow"]),
    "name": ("", None, 5, ["x"], {"x": 1}),
    "version": ("not one", 1.5, None, [], "1!" * 50, "9" * 5000),
    "description": (None, 5, []),
    "deterministic": ("maybe", [], 7),
    "status": ("gone", 1, None),
    "trigger_conditions": ("x", [], 3),
    "input_schema_ref": ("", "tools", ":", "tools:", "a:b:c", "tools:Nope", "nowhere:X", "canary:X", "os:system", "tools:double", 5, {"x": 1}),
    "output_schema_ref": ("tools.NumberInput", [], "json:JSONDecoder"),
    "context_schema_ref": ("canary:X", True),
    "tool_schema_hashes": ([], {"double": 5}, {"double": "x"}, "x"),
    "capability_id": (5, []),
    "governance": ("x", [], {"owner": 5}, {"lifecycle": "gone"}, {"estimated_token_savings": -1}, {"replaces_tools": 5}),
    "safety": ("x", [], {"side_effects": "many"}, {"side_effects": "write", "read_only": True}, {"stability": 5}),
    "on_context_collision": ("explode", None, []),
    "dynamic_params": ("x", [5], {"x": 1}, ["x", "x"]),
    "steps": (None, "x", {}, 5, [None], ["x"], [5], [[]], [{}], [{"tool_name": "double"}] * 1001),
}  # fmt: skip

WRONG_IN_STEP: Mapping[str, tuple[object, ...]] = {
    "tool_name": (None, "", 5, ["double"], "nope", "Double", "dоuble", "double ", "../double", "tools:double"),
    "flow_name": ("double_and_format", "nope", 5),
    "input_mapping": ("x", [], {"number": "nope"}, {"nope": "number"}, {"number": "/a/b"}, {"number": {"x": 1}}, {"": "number"}),
    "output_mapping": ("x", [], {"x": 5}, {"x": "nope"}, {"": "value"}, {"x": None}),
    "retry": ("x", [], {"max_retries": -1}, {"max_retries": "many"}, {"max_retries": 10**400}, {"backoff_seconds": -1}, {"backoff_multiplier": 0.5}, {"jitter": "x"}, {"retryable_errors": []}, {"retryable_errors": ["canary:X"]}, {"retryable_errors": ["builtins:KeyboardInterrupt"]}, {"retryable_errors": ["builtins:print"]}),
    "on_error": ("explode", "fallback:", "fallback:nope", 5, None, "fallback:double\n"),
    "decision_candidates": ([], ["nope"], ["double", "double"], "double", [5]),
    "input_contract": ("tools:Nope", "x", 5, "canary:X"),
    "output_contract": ("tools:double", "x", []),
    "unheard_of": (1,),
}  # fmt: skip

WRONG_IN_DAG: Mapping[str, tuple[object, ...]] = {
    "step_id": (None, "", 5, "b", [], "a\nb"),
    "depends_on": ("b", ["a"], ["b"], ["nope"], [5], {"b": 1}, ["b", "b"]),
    "step_type": ("flow", 5, "capability"),
    "capability_id": ("x", 5),
    "branches": ("x", [5], [{}], [{"target_step_id": "b"}], [{"target_step_id": "nope", "predicate": "value > 1"}]),
    "default_next": ("b", "nope", 5),
}

PREDICATES = (
    "", " ", "value >", "value = 1", "__import__('canary')", "value.__class__", "value if value else 1", "lambda: 1",
    "[x for x in value]", "value and " * 5000 + "value", "(" * 500 + "value" + ")" * 500, "not " * 5000 + "value",
    "value == " + "9" * 5000, "value == '\ud800'", "value\n== 1", "value == 1 # x", "ｖalue == 1", "f'{value}'",
    "value ** value ** value", "value == b'x'", "value == ...", "(value := 1)", "open('imported', 'w')", "value\0",
    "value" + "[0]" * 5000, "-" * 5000 + "1 == value", "value == 0x", "*value", "yield value", "await value",
)  # fmt: skip

NAMES = (
    "'", '"', "a\nb", "a'b\"c", "../x", "../../etc/passwd", "/etc/passwd", "a/b", "a\\b", "C:\\x", ".", "..", ".hidden",
    "con", "CON", "nul.x", "aux", "class", "None", "match", "import", "json", "os", "sys", "cwc", "pydantic", "tools",
    "__init__", "__main__", "__pycache__", "generated", "double_and_format", "Double_And_Format", "double and format",
    "ｄouble_and_format", "ﬁ", "é", "e\u0301", "日本語", "😀", "\u202e", "\u200b", "\ufeff", " ", "\t", "9", "-", "_",
    "x" * 10_000, "x" * 300, "é" * 200, "cwc-manifest.json", "cwc_manifest", "a\x00b", "\x1b[2J", "FLOW", "run",
    "{{ 7 * 7 }}", "%s", "$(id)", "`id`", "--help", "-x", "name.py", "name.", "a:b", "a*b", "a?b", "a|b", "\r", "\x7f",
)  # fmt: skip


def shown(value: object) -> str:
    """A value on one line."""
    text = ascii(value)
    return text if len(text) <= 40 else f"{text[:30]}... ({len(text):,})"


def _rows() -> Iterator[Row]:
    for field, values in WRONG.items():
        yield from (
            bad_flow(f"{field}: {shown(value)}", linear(None, **{field: value}), suffix="json") for value in values
        )
    for field, values in WRONG_IN_STEP.items():
        for value in values:
            yield bad_flow(f"a step with {field}: {shown(value)}", linear({field: value}), suffix="json")
    for field, values in WRONG_IN_DAG.items():
        for value in values:
            yield bad_flow(f"a DAG step with {field}: {shown(value)}", dag({field: value}), suffix="json")
    for text in PREDICATES:
        branches = [{"target_step_id": "b", "predicate": text}]
        yield bad_flow(f"the predicate {shown(text)}", dag({"branches": branches}), suffix="json")


FLOWS = tuple(_rows())
NAMED = tuple(bad_flow(f"the name {shown(text)}", linear(name=text), suffix="json") for text in NAMES)
