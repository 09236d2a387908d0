"""Hypothesis strategies for linear flows, the tools they use, and inputs: shared by property and differential tests."""

from __future__ import annotations

import enum
import json
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from typing import Any, Generic, Literal, NotRequired, TypeVar

from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict, create_model
from typing_extensions import TypedDict

T = TypeVar("T")
KEYS = ("a", "b", "c", "d", "e")


class Point(BaseModel):
    """A model that outputs and inputs are made of."""

    a: int
    b: str = "s"


class Colour(enum.Enum):
    FIRST = "s1"
    SECOND = "s2"


class Wrapped(BaseModel, Generic[T]):
    a: T


class Row(TypedDict):
    a: int
    b: NotRequired[str]


@dataclass
class Held:
    a: int
    b: str = "s"


TYPES: dict[str, Any] = {
    "int": int, "str": str, "ints": list[int], "map": dict[str, int], "any": Any,
    "float": float, "flag": bool, "word": Literal["s1", "s2"], "point": Point, "points": list[Point],
    "maybe": int | None, "either": int | str, "colour": Colour, "wrapped": Wrapped[int], "nested": Wrapped[Point],
    "row": Row, "held": Held, "when": datetime, "amount": Decimal, "pair": tuple[int, str],
}  # fmt: skip
FITTING: dict[str, tuple[str, ...]] = {
    "any": tuple(TYPES), "int": ("int", "int", "flag"), "float": ("float", "int"), "str": ("str", "word"),
    "map": ("map", "map", "point"), "point": ("point", "point", "map", "row", "held"), "word": ("word", "word", "str"),
    "maybe": ("maybe", "int"), "either": ("either", "int", "str"), "colour": ("colour", "colour", "word"),
    "row": ("row", "point", "held"), "held": ("held", "point", "row"), "amount": ("amount", "int"),
    "wrapped": ("wrapped", "map", "row"), "pair": ("pair", "pair", "ints"),
}  # fmt: skip
"""For inputs of a kind, the kinds of values that are often passed to them; by default the same."""
UNWRITABLE = ("str", "word", "either", "colour", "when", "amount")
"""The kinds of values that no literal of a flow file has, or that it would take for a key."""
Extra = Literal["ignore", "allow", "forbid"]
Decides = Literal["chooses", "raises", "nonsense"]
Behaviour = Literal["ok", "raises", "fails", "flaky", "bad_output", "not_a_mapping"]
CALLS: Counter[str] = Counter()
"""How often each flaky tool was called; to be cleared before a run."""


class Odd:
    """A value that no schema takes, but Any. Copies of it are equal."""

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Odd)

    def __hash__(self) -> int:
        return hash(Odd)

    def __repr__(self) -> str:
        return "Odd()"


ODD = Odd()
SCHEMAS = "cwc_test_schemas"
"""The module that generated flows import their schemas from, while they run."""


@dataclass(frozen=True)
class ToolCase:
    """A tool as data, so that it can be made for cwc and for the reference alike.

    ``apart`` tells what it gives from what others give that take and give the same.
    """

    name: str
    inputs: dict[str, tuple[str, bool]]
    outputs: dict[str, tuple[str, bool]]
    input_extra: Literal["ignore", "forbid"] = "ignore"
    output_extra: Literal["ignore", "allow"] = "ignore"
    extra_output: str | None = None
    is_async: bool = False
    behaviour: Behaviour = "ok"
    apart: int = 0

    @property
    def input_model(self) -> type[BaseModel]:
        return model(f"{self.name.title()}Input", self.inputs, self.input_extra)

    @property
    def output_model(self) -> type[BaseModel]:
        return model(f"{self.name.title()}Output", self.outputs, self.output_extra)

    @property
    def fn(self) -> Any:
        def call(inputs: BaseModel) -> Any:
            return self._answer(inputs)

        async def call_async(inputs: BaseModel) -> Any:
            return self._answer(inputs)

        return call_async if self.is_async else call

    def _answer(self, inputs: BaseModel) -> Any:
        weight = sum(_weight(value) for value in inputs.model_dump().values()) + self.apart
        if self.behaviour == "fails":
            raise ValueError("always")
        if self.behaviour == "raises" and weight % 2:
            raise ValueError(f"odd weight {weight}")
        if self.behaviour == "flaky":
            CALLS[self.name] += 1
            if CALLS[self.name] % 3:
                raise (ValueError, KeyError)[CALLS[self.name] % 2](f"call {CALLS[self.name]}")
        if self.behaviour == "not_a_mapping":
            return weight
        answer = {
            key: _value(kind, weight + position) for position, (key, (kind, _)) in enumerate(self.outputs.items())
        }
        if self.behaviour == "bad_output" and weight % 3 == 0:
            answer = dict.fromkeys(answer, ODD)
        if self.extra_output is not None and weight % 2:
            answer[self.extra_output] = weight
        return answer


@dataclass(frozen=True)
class FlowCase:
    """A flow as the mapping of its file, the tools it needs, the schemas it names, and inputs to run it with.

    ``schemas`` are keyed by the flow's field that names them, or by their own name where a step does. ``others`` are
    flows that its steps run, ``passed`` by name inputs that those accept; ``decides`` says how its decision callback
    goes about it, None where there is none.
    """

    flow: dict[str, Any]
    tools: tuple[ToolCase, ...]
    inputs: tuple[dict[str, Any], ...]
    schemas: dict[str, type[BaseModel]] = field(default_factory=dict)
    dynamic: dict[str, Any] | None = None
    others: tuple[dict[str, Any], ...] = ()
    decides: Decides | None = None
    passed: dict[str, tuple[dict[str, Any], ...]] = field(default_factory=dict)

    def __repr__(self) -> str:
        flows = " ".join(map(json.dumps, (self.flow, *self.others)))
        given = f"inputs={self.inputs}, dynamic={self.dynamic}, decides={self.decides}"
        return f"FlowCase({flows}, {self.tools}, {given})"

    def of_other(self, name: str) -> FlowCase:
        """A flow that a step runs, as one that is run by itself."""
        flow = next(other for other in self.others if other["name"] == name)
        schemas = {role: each for role, each in self.schemas.items() if not role.endswith("_ref")}
        others = tuple(other for other in self.others if other is not flow)
        return FlowCase(flow, self.tools, self.passed[name], schemas, others=others, passed=self.passed)

    def decide(self, question: Any) -> str:
        """A decision callback, which goes by what it is told."""
        match self.decides:
            case "raises":
                raise LookupError("cannot decide")
            case "nonsense":
                return "no such tool"
            case _:
                chosen: str = question.candidates[
                    (question.step_index + len(question.context)) % len(question.candidates)
                ]
                return chosen


def model(name: str, fields: dict[str, tuple[str, bool]], extra: Extra = "ignore") -> type[BaseModel]:
    """A model with these fields: key → (type, required)."""
    definitions: dict[str, Any] = {
        key: (TYPES[kind], ...) if required else (TYPES[kind] | None, None) for key, (kind, required) in fields.items()
    }
    return create_model(name, __config__=ConfigDict(extra=extra), **definitions)


def _weight(value: Any) -> int:
    match value:
        case bool() | None:
            return 1
        case int():
            return abs(value) % 97
        case str():
            return len(value)
        case list():
            return sum(map(_weight, value))
        case dict():
            return sum(map(_weight, value.values()))
        case _:
            return 2


def _value(kind: str, weight: int) -> Any:
    return {
        "int": weight,
        "str": f"s{weight}",
        "ints": [weight, 1],
        "map": {"a": weight, "x/y": 2},
        "any": {"a": [weight]},
        "float": weight + 0.5,
        "flag": weight % 2 == 0,
        "word": ("s1", "s2")[weight % 2],
        "point": {"a": weight, "b": "s"},
        "points": [{"a": weight}],
        "maybe": weight if weight % 3 else None,
        "either": f"s{weight}" if weight % 2 else weight,
        "colour": tuple(Colour)[weight % 2],
        "wrapped": {"a": weight},
        "nested": {"a": {"a": weight, "b": "s"}},
        "row": {"a": weight, "b": "s"} if weight % 2 else {"a": weight},
        "held": {"a": weight, "b": "s"},
        "when": datetime(2024, 1, 1, weight % 24),
        "amount": Decimal(weight),
        "pair": (weight, "s"),
    }[kind]


BEHAVIOURS: tuple[Behaviour, ...] = (*("ok",) * 6, "raises", "flaky", "flaky", "bad_output", "not_a_mapping")


def _drawn(kind: str) -> st.SearchStrategy[Any]:
    return st.integers(0, 9).map(lambda weight: _value(kind, weight))


fields = st.dictionaries(
    st.sampled_from(KEYS),
    st.tuples(st.sampled_from(("int", "str", "ints", "map", "any")), st.sampled_from((True, True, False))),
    max_size=3,
)
typed_fields = st.dictionaries(
    st.sampled_from(KEYS),
    st.tuples(st.sampled_from(tuple(kind for kind in TYPES if kind != "any")), st.sampled_from((True, True, False))),
    max_size=3,
)


@st.composite
def tool_cases(draw: st.DrawFn, name: str, *, reliable: bool = False, typed: bool = False) -> ToolCase:
    extras: tuple[Literal["ignore", "allow"], ...] = ("ignore", "ignore", "ignore", "ignore" if typed else "allow")
    output_extra = draw(st.sampled_from(extras))
    open_output = output_extra == "allow"
    return ToolCase(
        name,
        inputs=draw(typed_fields if typed else fields),
        outputs=draw((typed_fields if typed else fields).filter(bool)),
        input_extra=draw(st.sampled_from(("ignore", "ignore", "forbid"))),
        output_extra="allow" if open_output else "ignore",
        extra_output=draw(st.sampled_from((*KEYS, None))) if open_output else None,
        is_async=draw(st.booleans()),
        behaviour="ok" if reliable else draw(st.sampled_from(BEHAVIOURS)),
    )


def toolboxes(*, reliable: bool, typed: bool) -> st.SearchStrategy[tuple[ToolCase, ...]]:
    """One tool to three; those that may fail take and give the same now and then."""
    cases = [tool_cases(f"tool{number}", reliable=reliable, typed=typed) for number in range(3)]
    drawn = st.integers(1, 3).flatmap(lambda count: st.tuples(*cases[:count]))
    return drawn if reliable else st.one_of(drawn, drawn, drawn.map(_alike))


def _alike(tools: tuple[ToolCase, ...]) -> tuple[ToolCase, ...]:
    first = tools[0]
    return tuple(
        replace(tool, inputs=first.inputs, outputs=first.outputs, apart=number) for number, tool in enumerate(tools)
    )


values = st.one_of(
    st.integers(-5, 200),
    st.sampled_from(("", "x", "12", "longer text")),
    st.lists(st.integers(0, 9), max_size=3),
    st.dictionaries(st.sampled_from(("a", "x/y")), st.integers(0, 9), max_size=2),
    st.none(),
    st.booleans(),
)
contexts = st.dictionaries(st.sampled_from((*KEYS, "extra")), values, max_size=6)
literals = st.one_of(
    st.integers(-3, 50), st.booleans(), st.none(), st.lists(st.integers(0, 3), max_size=2), st.just({"a": 1})
)


@st.composite
def mapping_sources(draw: st.DrawFn, known: dict[str, str], wanted: str, *, careful: bool = False) -> Any:
    """Where an input of a kind is taken from, which it mostly takes; ``careful``: always, if something does."""
    fitting = [key for key, kind in known.items() if kind in FITTING.get(wanted, (wanted,))]
    if careful and (fitting or wanted not in UNWRITABLE):
        if fitting and (wanted in UNWRITABLE or draw(st.integers(0, 5))):
            key = draw(st.sampled_from(fitting))
            return draw(st.sampled_from((key, key, f"/{key}")))
        return draw(_drawn(wanted))
    key = draw(st.sampled_from((draw(st.integers(0, 4)) and fitting) or tuple(known) or KEYS))
    return draw(
        st.one_of(
            st.just(key),
            st.just(key),
            st.just(key),
            st.sampled_from(KEYS),
            st.just(f"/{key}"),
            st.sampled_from(
                (
                    f"/{key}/a",
                    f"/{key}/a",
                    f"/{key}/a/a",
                    f"/{key}/b",
                    f"/{key}/0",
                    f"/{key}/x~1y",
                    f"/{key}/a/0",
                    f"/{key}/-1",
                    f"/{key}/01",
                )
            ),
            literals if wanted in UNWRITABLE else _drawn(wanted) if fitting else literals,
        )
    )


@st.composite
def linear_flows(
    draw: st.DrawFn,
    *,
    max_steps: int = 5,
    closed: bool = False,
    reliable: bool = False,
    typed: bool = False,
    careful: bool = False,
) -> FlowCase:
    """Linear flows that are mostly wired well: sources are drawn from the keys that are there, more often than not.

    ``closed``: the flow has an input schema that forbids extras, and the inputs are accepted by it. ``reliable``: tools
    raise nothing, and return what they declare; ``typed``: all that is declared has a type; ``careful``: what can be
    drawn to fit does.
    """
    tools = draw(toolboxes(reliable=reliable, typed=typed))
    schema = draw((typed_fields if typed else fields) if closed else st.none() | fields)
    known = known_at_entry(schema, draw(st.sets(st.sampled_from(KEYS))))
    steps = []
    schemas: dict[str, type[BaseModel]] = {}
    for _ in range(draw(st.integers(0, max_steps))):
        tool = draw(st.sampled_from(tools))
        step = draw(_steps(tool, known, careful=careful))
        steps.append(step | draw(_handling((tool,) if careful else tools, schemas, tool, step, careful=careful)))
        known |= written(steps[-1], tools)
    flow: dict[str, Any] = {"type": "Flow", "name": "flow", "version": "1.0", "description": "", "steps": steps}
    policy = draw(st.sampled_from((None, "overwrite", "warn", "warn", *(() if careful else ("error",)))))
    if policy is not None:
        flow["on_context_collision"] = policy
    if schema is not None:
        schemas["input_schema_ref"] = model("InputSchemaRef", schema, "forbid" if closed else "ignore")
    ending = draw(st.none() if careful else _ending(known))
    if ending is not None:
        schemas["output_schema_ref"] = model("OutputSchemaRef", ending)
    if not careful and draw(st.integers(0, 5)) == 0:
        schemas["context_schema_ref"] = model("ContextSchemaRef", draw(fields))
    if closed:
        assert schema is not None
        return FlowCase(flow, tools, draw(_accepted(schema)), schemas)
    inputs = tuple(draw(st.lists(contexts, min_size=2, max_size=4)))
    if schema:
        inputs = (*inputs, {key: _value(kind, 7) for key, (kind, _) in schema.items()})
    return FlowCase(flow, tools, inputs, schemas, draw(st.none() | st.none() | contexts))


def known_at_entry(schema: dict[str, tuple[str, bool]] | None, keys: set[str]) -> dict[str, str]:
    """The kinds of the keys that an input has."""
    return {key: kind for key, (kind, _) in schema.items()} if schema else dict.fromkeys(sorted(keys), "any")


def written(step: dict[str, Any], tools: tuple[ToolCase, ...]) -> dict[str, str]:
    """The keys that a step writes, and the kinds of their values."""
    outputs = {
        key: kind for tool in tools if tool.name == step.get("tool_name") for key, (kind, _) in tool.outputs.items()
    }
    mapping = step.get("output_mapping")
    return outputs if mapping is None else {key: outputs.get(output, "any") for key, output in mapping.items()}


def _accepted(schema: dict[str, tuple[str, bool]]) -> st.SearchStrategy[tuple[dict[str, Any], ...]]:
    """Inputs that a schema accepts: always one with every field, and one with the required fields only."""
    whole = {key: _value(kind, 7) for key, (kind, _) in schema.items()}
    least = {key: value for key, value in whole.items() if schema[key][1]}
    required: dict[str, st.SearchStrategy[Any]] = {key: _drawn(schema[key][0]) for key in least}
    optional = {key: st.none() | st.just(whole[key]) for key in whole if key not in least}
    some = st.fixed_dictionaries(required, optional=optional)
    return st.lists(some, max_size=2).map(lambda drawn: (whole, least, *drawn))


@st.composite
def _steps(draw: st.DrawFn, tool: ToolCase, known: dict[str, str], *, careful: bool = False) -> dict[str, Any]:
    step: dict[str, Any] = {"tool_name": tool.name}
    if careful or draw(st.integers(0, 4)):
        mapped = {
            key: draw(mapping_sources(known, kind, careful=careful))
            for key, (kind, required) in tool.inputs.items()
            if required or draw(st.booleans())
        }
        if not careful and draw(st.integers(0, 12)) == 0:
            mapped[draw(st.sampled_from(KEYS))] = draw(mapping_sources(known, "any"))
        step["input_mapping"] = mapped
    if draw(st.integers(0, 2)) == 0:
        outputs = st.sampled_from(tuple(tool.outputs) * 6 + (() if careful else KEYS))
        step["output_mapping"] = draw(st.dictionaries(st.sampled_from((*KEYS, "f", "g")), outputs, max_size=3))
    return step


@st.composite
def _handling(
    draw: st.DrawFn,
    tools: tuple[ToolCase, ...],
    schemas: dict[str, type[BaseModel]],
    tool: ToolCase,
    step: dict[str, Any],
    *,
    careful: bool = False,
) -> dict[str, Any]:
    """Retry, on_error and contracts of a step; most steps have none."""
    settings: dict[str, Any] = {}
    if draw(st.integers(0, 3)) == 0:
        errors = draw(st.lists(st.sampled_from(("Exception", "ValueError", "LookupError")), min_size=1, max_size=2))
        settings["retry"] = {
            "max_retries": draw(st.integers(0, 3)),
            "backoff_seconds": 0,
            "retryable_errors": [f"builtins:{error}" for error in errors],
        }
    settings["on_error"] = draw(
        st.sampled_from(("fail", "fail", "fail", "skip", f"fallback:{draw(st.sampled_from(tools)).name}"))
    )
    for role in ("input_contract", "output_contract"):
        if draw(st.integers(0, 7)) == 0:
            name = f"{role.title().replace('_', '')}{len(schemas)}"
            taken: dict[str, tuple[str, bool]] = dict.fromkeys(step.get("input_mapping", ()), ("any", True))
            fitting = tool.outputs if role == "output_contract" else taken
            schemas[name] = model(name, fitting if careful or draw(st.integers(0, 3)) else draw(fields))
            settings[role] = f"{SCHEMAS}:{name}"
    return settings


def _ending(known: dict[str, str]) -> st.SearchStrategy[dict[str, tuple[str, bool]] | None]:
    keys = st.sampled_from(tuple(known) or KEYS)
    asked = st.dictionaries(keys, st.sampled_from(("any", "known", "known", "int")), max_size=2)
    shape = asked.map(
        lambda kinds: {key: (known.get(key, "any") if kind == "known" else kind, True) for key, kind in kinds.items()}
    )
    return st.none() | st.none() | shape
