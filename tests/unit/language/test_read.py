"""Documents: every mistake of a file is reported, once, at its place, and what can be read is read."""

from __future__ import annotations

import json
from pathlib import PurePosixPath

import pytest
from packaging.version import Version

from cwc.diagnostics.model import Label, Pointer
from cwc.language.document import Branch, DAGFlow, DAGStep, Document, Flow, Retry, Step
from tests.unit.syntax.reading import Reading, read

FLOW = "type: Flow\nname: example\ndescription: An example.\n"
DAG = "type: DAGFlow\nname: example\nversion: 1.2.0\ndescription: An example.\n"
STEPS = "steps:\n- tool_name: double\n"


def document(text: str, extension: str = "yaml") -> Document:
    reading = read(text, extension)
    assert reading.document is not None, list(reading.report)
    return reading.document


def step_of(text: str) -> Reading:
    """A flow whose second step is ``text``, in flow style."""
    return read(f"{FLOW}{STEPS}- {text}\n")


def dag_step_of(text: str) -> Reading:
    return read(f"{DAG}steps:\n- {{step_id: a, tool_name: double}}\n- {text}\n")


def test_a_flow_has_its_fields_and_defaults() -> None:
    flow = document(FLOW + STEPS).flow
    assert isinstance(flow, Flow)
    assert flow.model_dump() == {
        "name": "example",
        "description": "An example.",
        "version": "0.1.0",
        "deterministic": True,
        "status": "active",
        "trigger_conditions": None,
        "input_schema_ref": None,
        "output_schema_ref": None,
        "context_schema_ref": None,
        "tool_schema_hashes": None,
        "capability_id": None,
        "governance": {
            "lifecycle": "active",
            "owner": None,
            "replaces_tools": (),
            "estimated_model_calls_removed": 0,
            "estimated_token_savings": None,
            "reviewed_by": None,
            "review_notes": None,
        },
        "safety": None,
        "on_context_collision": "warn",
        "dynamic_params": (),
        "steps": (
            {
                "tool_name": "double",
                "flow_name": None,
                "input_mapping": {},
                "output_mapping": None,
                "retry": None,
                "on_error": "fail",
                "decision_candidates": None,
                "input_contract": None,
                "output_contract": None,
            },
        ),
    }


def test_a_whole_dag_flow_is_read() -> None:
    flow = document(
        DAG
        + """
status: needs_review
on_context_collision: error
input_schema_ref: my.models:Input
dynamic_params: [token]
tool_schema_hashes: {double: abc}
trigger_conditions: {topic: [a, 1]}
safety: {side_effects: write, requires_review: true}
steps:
- step_id: first
  tool_name: double
  input_mapping: {number: number, factor: 3, path: /user/0}
  output_mapping: {twice: value}
  retry: {max_retries: "2", backoff_seconds: 0, jitter: 1, retryable_errors: ["builtins:ValueError"]}
  on_error: "fallback: x "
  decision_candidates: [double, add_ten]
  branches: [{target_step_id: second, predicate: "twice > 3"}]
  default_next: second
- {step_id: second, flow_name: other, depends_on: [first]}
"""
    ).flow
    assert isinstance(flow, DAGFlow)
    first, second = flow.steps
    assert first == DAGStep(
        step_id="first",
        tool_name="double",
        input_mapping={"number": "number", "factor": 3, "path": "/user/0"},
        output_mapping={"twice": "value"},
        retry=Retry(max_retries=2, backoff_seconds=0.0, jitter=True, retryable_errors=("builtins:ValueError",)),
        on_error="fallback: x ",
        decision_candidates=("double", "add_ten"),
        branches=(Branch(target_step_id="second", predicate="twice > 3"),),
        default_next="second",
    )
    assert second == DAGStep(step_id="second", flow_name="other", depends_on=("first",))
    assert (flow.status, flow.on_context_collision) == ("needs_review", "error")
    assert flow.dynamic_params == ("token",)
    assert flow.trigger_conditions == {"topic": ["a", 1]}
    assert flow.safety is not None
    assert (flow.safety.read_only, flow.safety.requires_approval) == (False, True)


def test_kinds_tell_flows_apart() -> None:
    assert document(FLOW + STEPS).flow.kind == "Flow"
    assert document(DAG + "steps: []").flow.kind == "DAGFlow"


def test_a_document_knows_its_source_and_its_places() -> None:
    read_one = document(FLOW + STEPS)
    pointer = Pointer(("steps", 0, "tool_name"))
    assert read_one.path == "flows/example.flow.yaml"
    assert read_one.digest == read_one.tree.source.digest
    assert read_one.label(pointer, "here") == Label("flows/example.flow.yaml", pointer, "here")
    assert read_one.line(pointer) == 5


def test_a_version_is_compared_by_pep_440() -> None:
    assert document(DAG + "steps: []").version == Version("1.2")


def test_flows_are_frozen() -> None:
    with pytest.raises(ValueError, match="frozen"):
        document(FLOW + STEPS).flow.name = "other"


LENIENT = [
    ("deterministic: 'no'", "deterministic", False),
    ("deterministic: 1", "deterministic", True),
    ("format_version: ' 1.7 '", "name", "example"),
    ("format_version: 1.x", "name", "example"),
    ("format_version: null", "name", "example"),
    ("dynamic_params: !!set {b, a}", "dynamic_params", ("a", "b")),
    ("governance: {estimated_token_savings: 2.0}", "name", "example"),
]


@pytest.mark.parametrize(("line", "field", "value"), LENIENT)
def test_values_are_read_leniently(line: str, field: str, value: object) -> None:
    reading = read(f"{FLOW}{line}\n{STEPS}")
    assert not reading.slugs
    assert reading.document is not None
    assert getattr(reading.document.flow, field) == value


TOP_LEVEL = [
    ("status: off_duty", "invalid_choice", "off_duty"),
    ("on_context_collision: eror", "invalid_choice", "eror"),
    ("on_context_collision: 3", "invalid_choice", "3"),
    ("version: 1.0", "wrong_type", "1.0"),
    ("version: latest", "invalid_version", "latest"),
    (f"version: '{'1' * 5000}'", "invalid_version", f"'{'1' * 5000}'"),
    ("deterministic: maybe", "wrong_type", "maybe"),
    ("deterministic: 2", "wrong_type", "2"),
    ("dynamic_params: token", "wrong_type", "token"),
    ("dynamic_params: [token, 3]", "wrong_type", "3"),
    ("trigger_conditions: []", "wrong_type", "[]"),
    ("trigger_conditions: {3: x}", "wrong_type", "3"),
    ("tool_schema_hashes: {double: 12}", "wrong_type", "12"),
    ("input_schema_ref: my.models.Input", "invalid_reference", "my.models.Input"),
    ("output_schema_ref: 'a:b c'", "invalid_reference", "'a:b c'"),
    ("context_schema_ref: {}", "wrong_type", "{}"),
    ("format_version: 2", "unsupported_format_version", "2"),
    ("format_version: ''", "unsupported_format_version", "''"),
    ("format_version: true", "unsupported_format_version", "true"),
    ("format_version: [1]", "unsupported_format_version", "[1]"),
    ("format_version: v1", "unsupported_format_version", "v1"),
    ("governance: null", "wrong_type", "null"),
    ("governance: {lifecycle: actve}", "invalid_choice", "actve"),
    ("governance: {estimated_model_calls_removed: -1}", "out_of_range", "-1"),
    ("governance: {estimated_token_savings: .nan}", "wrong_type", ".nan"),
    ("safety: {side_effects: some}", "invalid_choice", "some"),
    ("safety: {side_effects: write, read_only: true}", "conflicting_fields", "true"),
    ("safety: {requires_review: true, requires_approval: false}", "conflicting_fields", "true"),
    ("safety: {requires_review: maybe}", "wrong_type", "maybe"),
    ("safety: []", "wrong_type", "[]"),
    ("on_context_colision: warn", "unknown_field", "on_context_colision"),
    ("governance: {ownr: me}", "unknown_field", "ownr"),
    ("safety: {read_onyl: true}", "unknown_field", "read_onyl"),
    ("3: x", "unknown_field", "3"),
]


@pytest.mark.parametrize(("line", "slug", "place"), TOP_LEVEL)
def test_a_mistake_of_the_flow_is_reported_at_its_place(line: str, slug: str, place: str) -> None:
    reading = read(f"{FLOW}{line}\n{STEPS}")
    assert reading.shown() == [(slug, place)]
    assert reading.document is not None
    assert reading.only.flow == "example"
    assert reading.only.step_index is None


IN_STEP = [
    ("{tool_name: ''}", "empty_name", "''"),
    ("{flow_name: ''}", "empty_name", "''"),
    ("{tool_name: a, flow_name: b}", "tool_or_flow", "b"),
    ("{on_error: skip}", "tool_or_flow", "{on_error: skip}"),
    ("{tool_name: null, flow_name: null}", "tool_or_flow", "{tool_name: null, flow_name: null}"),
    ("{tool_name: 3}", "wrong_type", "3"),
    ("3", "wrong_type", "3"),
    ("[]", "wrong_type", "[]"),
    ("null", "wrong_type", "null"),
    ("{tool_name: a, input_mapping: null}", "wrong_type", "null"),
    ("{tool_name: a, input_mapping: [a]}", "wrong_type", "[a]"),
    ("{tool_name: a, input_mapping: {3: b}}", "wrong_type", "3"),
    ("{tool_name: a, output_mapping: {b: 3}}", "wrong_type", "3"),
    ("{tool_name: a, output_mapping: {b: [c]}}", "wrong_type", "[c]"),
    ("{tool_name: a, on_error: ignore}", "invalid_on_error", "ignore"),
    ("{tool_name: a, on_error: 'fallback:'}", "invalid_on_error", "'fallback:'"),
    ("{tool_name: a, on_error: ' skip'}", "invalid_on_error", "' skip'"),
    ("{tool_name: a, on_error: null}", "wrong_type", "null"),
    ("{tool_name: a, retry: 3}", "wrong_type", "3"),
    ("{tool_name: a, retry: {max_retries: -1}}", "out_of_range", "-1"),
    ("{tool_name: a, retry: {max_retries: 1.5}}", "wrong_type", "1.5"),
    ("{tool_name: a, retry: {max_retries: null}}", "wrong_type", "null"),
    ("{tool_name: a, retry: {backoff_seconds: -0.5}}", "out_of_range", "-0.5"),
    ("{tool_name: a, retry: {backoff_seconds: soon}}", "wrong_type", "soon"),
    ("{tool_name: a, retry: {backoff_multiplier: 0.5}}", "out_of_range", "0.5"),
    ("{tool_name: a, retry: {backoff_multiplier: .nan}}", "out_of_range", ".nan"),
    ("{tool_name: a, retry: {retryable_errors: []}}", "out_of_range", "[]"),
    ("{tool_name: a, retry: {retryable_errors: [ValueError]}}", "invalid_reference", "ValueError"),
    ("{tool_name: a, retry: {retryable_errors: 'builtins:E'}}", "wrong_type", "'builtins:E'"),
    ("{tool_name: a, retry: {max_retris: 1}}", "unknown_field", "max_retris"),
    ("{tool_name: a, decision_candidates: []}", "invalid_decision_candidates", "[]"),
    ("{tool_name: a, decision_candidates: [a, a]}", "invalid_decision_candidates", "[a, a]"),
    ("{tool_name: a, decision_candidates: [b]}", "invalid_decision_candidates", "[b]"),
    ("{flow_name: a, decision_candidates: [a]}", "invalid_decision_candidates", "[a]"),
    ("{tool_name: a, decision_candidates: [a, 3]}", "wrong_type", "3"),
    ("{tool_name: a, decision_candidates: a}", "wrong_type", "a"),
    ("{tool_name: a, input_contract: Input}", "invalid_reference", "Input"),
    ("{tool_name: a, output_contract: 'm:'}", "invalid_reference", "'m:'"),
    ("{tool_name: a, tool_nmae: b}", "unknown_field", "tool_nmae"),
    ("{tool_name: a, step_id: b}", "dag_field_on_flow", "step_id"),
    ("{tool_name: a, depends_on: 3}", "dag_field_on_flow", "depends_on"),
    ("{tool_name: a, branches: []}", "dag_field_on_flow", "branches"),
]


@pytest.mark.parametrize(("step", "slug", "place"), IN_STEP)
def test_a_mistake_of_a_step_is_reported_at_its_place(step: str, slug: str, place: str) -> None:
    reading = step_of(step)
    assert reading.shown() == [(slug, place)]
    assert reading.only.step_index == 1
    assert reading.document is not None
    assert len(reading.document.flow.steps) == 2


IN_DAG_STEP = [
    ("{tool_name: a}", "missing_field", "{tool_name: a}"),
    ("{step_id: 3, tool_name: a}", "wrong_type", "3"),
    ("{step_id: b, tool_name: a, depends_on: a}", "wrong_type", "a"),
    ("{step_id: b, tool_name: a, depends_on: [a, 3]}", "wrong_type", "3"),
    ("{step_id: b, tool_name: a, step_type: tol}", "invalid_choice", "tol"),
    ("{step_id: b, tool_name: a, capability_id: c}", "misplaced_field", "c"),
    ("{step_id: b, tool_name: a, default_next: c}", "misplaced_field", "c"),
    ("{step_id: b, tool_name: a, branches: {}}", "wrong_type", "{}"),
    ("{step_id: b, tool_name: a, branches: [3]}", "wrong_type", "3"),
    ("{step_id: b, tool_name: a, branches: [{predicate: x}]}", "missing_field", "{predicate: x}"),
    ("{step_id: b, tool_name: a, branches: [{target_step_id: 3, predicate: x}], default_next: a}", "wrong_type", "3"),
    ("{step_id: b, tool_name: a, branches: [{target_step_id: a, predicate: x, p: 1}]}", "unknown_field", "p"),
    ("{step_id: b, tool_name: a, step_type: capability, capability_id: c}", "capability_unsupported", "capability"),
    ("{step_id: b, tool_name: a, dependson: [a]}", "unknown_field", "dependson"),
]


@pytest.mark.parametrize(("step", "slug", "place"), IN_DAG_STEP)
def test_a_mistake_of_a_dag_step_is_reported_at_its_place(step: str, slug: str, place: str) -> None:
    reading = dag_step_of(step)
    assert reading.shown() == [(slug, place)]
    assert reading.only.step_index == 1


def test_a_capability_step_with_branches_has_two_mistakes() -> None:
    branches = "branches: [{target_step_id: a, predicate: x}], default_next: a"
    text = f"{{step_id: b, tool_name: a, step_type: capability, {branches}}}"
    assert dag_step_of(text).slugs == ["misplaced_field", "capability_unsupported"]


NO_DOCUMENT = [
    ("[1]", "not_a_mapping"),
    ("text", "not_a_mapping"),
    ("3", "not_a_mapping"),
    ("!!set {type}", "not_a_mapping"),
    (FLOW, "missing_field"),
    (FLOW + "steps: null", "wrong_type"),
    (FLOW + "steps: {tool_name: a}", "wrong_type"),
    (FLOW + "steps: double", "wrong_type"),
    (FLOW + "steps:\n" + "- {tool_name: a}\n" * 1001, "too_many_steps"),
]


@pytest.mark.parametrize(("text", "slug"), NO_DOCUMENT, ids=range(len(NO_DOCUMENT)))
def test_without_steps_there_is_no_document(text: str, slug: str) -> None:
    reading = read(text)
    assert reading.slugs == [slug]
    assert reading.document is None


@pytest.mark.parametrize("type_line", ["", "type: flow\n", "type: [Flow]\n"])
@pytest.mark.parametrize(("steps", "kind"), [("[{tool_name: a}]", Flow), ("[{step_id: a, tool_name: a}]", DAGFlow)])
def test_a_flow_without_a_type_is_read_as_what_it_looks_like(type_line: str, steps: str, kind: type) -> None:
    reading = read(f"{type_line}name: a\nversion: '1'\ndescription: b\nsteps: {steps}")
    assert reading.slugs == ["unknown_flow_type"]
    assert reading.document is not None
    assert (type(reading.document.flow), reading.document.whole) == (kind, False)


@pytest.mark.parametrize("text", ["null", "[]", '"a"', "3"])
def test_json_that_is_no_mapping_is_no_document(text: str) -> None:
    assert read(text, "json").slugs == ["not_a_mapping"]


def test_a_flow_of_a_thousand_steps_is_read() -> None:
    assert len(document(FLOW + "steps:\n" + "- {tool_name: a}\n" * 1000).flow.steps) == 1000


def test_all_mistakes_are_found_in_one_run() -> None:
    reading = read(
        """
type: Flow
name: 123
descripton: x
on_context_collision: eror
steps:
- {tool_name: a, retry: {max_retries: -1, jitter: perhaps}, on_error: never}
- {}
- 3
- {tool_name: "", flow_name: 3}
"""
    )
    assert sorted(reading.shown()) == [
        ("empty_name", '""'),
        ("invalid_choice", "eror"),
        ("invalid_on_error", "never"),
        ("missing_field", reading.source.text[1:].rstrip()),
        ("out_of_range", "-1"),
        ("tool_or_flow", "{}"),
        ("unknown_field", "descripton"),
        ("wrong_type", "123"),
        ("wrong_type", "3"),
        ("wrong_type", "3"),
        ("wrong_type", "perhaps"),
    ]


def test_mistakes_are_found_without_a_type_too() -> None:
    dag = "name: a\ndescription: b\nsteps: [{step_id: x, tool_name: y, depends_on: [z]}]\n"
    assert read(dag).slugs == ["unknown_flow_type", "missing_field"]
    assert read("name: a\nsteps: [{tool_name: 3}]\n").slugs == ["unknown_flow_type", "wrong_type", "missing_field"]


def test_wrong_values_are_replaced_by_defaults() -> None:
    flow = document(
        """
type: Flow
name: [x]
version: 3
on_context_collision: eror
governance: {owner: me, lifecycle: actve}
steps:
- {tool_name: a, retry: {max_retries: -1, jitter: true}, on_error: never, input_mapping: {x: y, 3: z}}
- {flow_name: b, tool_name: c}
"""
    ).flow
    assert (flow.name, flow.description, flow.version) == ("example", "", "0.1.0")
    assert (flow.on_context_collision, flow.governance.owner, flow.governance.lifecycle) == ("warn", "me", "active")
    assert flow.steps == (Step(tool_name="a", retry=Retry(jitter=True), input_mapping={"x": "y"}), Step(tool_name="c"))


def test_a_name_that_is_missing_is_taken_from_the_file() -> None:
    assert (
        document("type: Flow\nsteps: []\n").flow.name == PurePosixPath("flows/example.flow.yaml").name.partition(".")[0]
    )


def test_a_version_that_is_none_is_kept_as_text() -> None:
    read_one = document(f"{FLOW}version: latest\n{STEPS}")
    assert read_one.flow.version == "latest"
    assert read_one.version is None


def test_a_step_that_cannot_be_read_is_none_and_keeps_its_position() -> None:
    reading = read(f"{FLOW}steps:\n- 3\n- {{tool_name: a}}\n- {{tool_name: 4}}\n- {{}}\n")
    assert reading.document is not None
    unread, whole, *nameless = reading.document.flow.steps
    assert (unread, whole) == (None, Step(tool_name="a"))
    assert [step and (step.tool_name, step.flow_name) for step in nameless] == [(None, None)] * 2


def test_a_step_without_an_id_goes_by_its_place() -> None:
    reading = read(f"{DAG}steps:\n- {{step_id: x}}\n- {{step_id: 3, tool_name: a}}\n- {{tool_name: a}}\n- 3\n")
    assert reading.document is not None
    ids = [step.step_id if isinstance(step, DAGStep) else None for step in reading.document.flow.steps]
    assert ids == ["x", "#1", "#2", None]


def test_a_mistake_says_nothing_again_through_another_rule() -> None:
    assert step_of("{tool_name: 3}").slugs == ["wrong_type"]
    assert step_of("{tool_name: 3, decision_candidates: [a]}").slugs == ["wrong_type"]
    assert dag_step_of("{step_id: b, tool_name: a, branches: 3, default_next: c}").slugs == ["wrong_type"]
    reading = read(f"{FLOW}safety: {{side_effects: 3, read_only: false}}\n{STEPS}")
    assert reading.slugs == ["invalid_choice"]


def test_mistakes_of_one_mapping_hide_no_rule_about_its_other_fields() -> None:
    reading = read(f"{FLOW}safety: {{stability: 3, side_effects: write, read_only: true}}\n{STEPS}")
    assert reading.slugs == ["invalid_choice", "conflicting_fields"]


HELP = [
    ("on_context_colision: warn", "did you mean 'on_context_collision'?"),
    ("tpye: Flow", "did you mean 'type'?"),
    ("governance: {lifecycle: actve}", "did you mean 'active'?"),
    ("on_context_collision: fail", "it can be overwrite, warn or error"),
    ("version: 1.0", "put it in quotes to make it text"),
    ("version: latest", "write it by PEP 440, such as '1.2.0'"),
]


@pytest.mark.parametrize(("line", "help"), HELP)
def test_help_says_what_could_be_meant(line: str, help: str) -> None:
    assert help in read(f"{FLOW}{line}\n{STEPS}").only.help


def test_a_misspelt_type_has_its_help() -> None:
    assert read("type: DagFlow\nname: a\nversion: 1.0.0\ndescription: b\nsteps: []").only.help == (
        "did you mean 'DAGFlow'?",
    )


def test_a_field_like_no_other_has_no_suggestion() -> None:
    assert read(f"{FLOW}zzz: 1\n{STEPS}").only.help == ()


@pytest.mark.parametrize("extension", ["yaml", "json"])
def test_pointers_name_the_place(extension: str) -> None:
    text = (
        '{"type": "Flow", "name": "a", "description": "b", "steps": [{"tool_name": "a", "output_mapping": {"x/y": 3}}]}'
    )
    reading = read(text, extension)
    assert reading.only.primary == Label(reading.source.path, Pointer(("steps", 0, "output_mapping", "x/y")))
    assert reading.only.field == "x/y"


HOSTILE = ["\ud800", "\n\r\t\0\x1b[31m", "\u202e", "a" * 99_999, "{message}", "{{", "%s", "'\"\\", "🎉"]


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_no_text_breaks_the_reading(text: str) -> None:
    step = {"tool_name": text, "input_mapping": {text: text}, "output_mapping": {text: 3}, "on_error": text}
    flow = {"type": "Flow", "name": text, "description": text, "version": text, "status": text, text: text}
    reading = read(json.dumps({**flow, "steps": [step, {"tool_name": "a", text: 1, "input_contract": text}]}), "json")
    assert "invalid_on_error" in reading.slugs
    for diagnostic in reading.report:
        assert reading.report.place(diagnostic.primary) is not None
        assert len(diagnostic.message) < 300
        assert diagnostic.message.isprintable()


def test_no_words_of_pydantic_reach_a_message() -> None:
    lines = [line for line, _, _ in TOP_LEVEL]
    messages = [found.message for line in lines for found in read(f"{FLOW}{line}\n{STEPS}").report]
    messages += [found.message for step, _, _ in IN_STEP for found in step_of(step).report]
    assert not [message for message in messages if "Input should" in message or "pydantic" in message]


@pytest.mark.parametrize(
    ("step", "help"),
    [
        ("{tool_name: a, retry: 3}", "write {max_retries: 3}"),
        ("{tool_name: a, decision_candidates: a}", "write [a]"),
        ("{tool_name: a, retry: {retryable_errors: [ConnectionError]}}", "write builtins:ConnectionError"),
        ("{tool_name: a, input_contract: Ticket}", "write module:Class, such as my_flows.models:NumberInput"),
        ("wiki", "write `tool_name: wiki`"),
        (
            "{tool_name: a, input_mapping: {x: yes}}",
            "text has no place here: in quotes it is looked up as a context key",
        ),
        ("{tool_name: a, on_error: yes}", "if it is text, put it in quotes"),
    ],
)
def test_what_is_of_the_wrong_form_is_shown_in_the_right_one(step: str, help: str) -> None:
    assert next(iter(step_of(step).report)).help == (help,)
