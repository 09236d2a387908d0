"""What names stand for, and what each kind of code may do with them: data, and the first place to extend."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum


class Kind(Enum):
    """What a name stands for, in words that complete "it is …"."""

    RUNTIME = "a function or value of the runtime"
    DEFINING = "what module-level constants are made with"
    LITERAL = "what literals are made with"
    TYPE = "a type"
    TOOL = "a tool"
    CLASS = "a class that the flow refers to"
    BOUND = "a part of a tool"
    CONTRACT = "a contract of a step"
    FLOW = "a flow"
    CONSTANT = "a constant"
    FUNCTION = "a function of the module"
    PARAMETER = "a parameter"
    STEP = "a step"
    COROUTINE = "a coroutine of the body"
    DECISION = "a decision"
    LOCAL = "a local"


@dataclass(frozen=True, slots=True)
class Members:
    """The attributes that code may reach for on names of one form."""

    owner: re.Pattern[str]
    names: frozenset[str]


@dataclass(frozen=True, slots=True)
class Role:
    """What one kind of code may do with names, by what they stand for.

    ``reads`` may be used as values and ``calls`` be called; locals may hide ``hides``, which the code has no other use
    for. ``values`` are attributes that may be read, ``methods`` attributes that may be called. ``parameters`` are those
    of the function, in order; None: any.
    """

    reads: frozenset[Kind]
    calls: frozenset[Kind]
    hides: frozenset[Kind] = frozenset()
    values: tuple[Members, ...] = ()
    methods: tuple[Members, ...] = ()
    parameters: tuple[str, ...] | None = None


def _members(owner: str, *names: str) -> Members:
    return Members(re.compile(owner, re.ASCII), frozenset(names))


MODULE = Role(
    reads=frozenset({Kind.TOOL, Kind.CLASS, Kind.CONSTANT, Kind.CONTRACT, Kind.FUNCTION}),
    calls=frozenset({Kind.DEFINING, Kind.LITERAL}),
    values=(_members("FLOW", "run", "run_async", "stream", "stream_async", "resume", "resume_async"),),
)
STEP_FUNCTION = Role(
    reads=frozenset({Kind.RUNTIME, Kind.BOUND, Kind.FLOW, Kind.CONSTANT, Kind.PARAMETER, Kind.LOCAL}),
    calls=frozenset({Kind.RUNTIME, Kind.LITERAL, Kind.BOUND, Kind.CONTRACT}),
    values=(_members("trial", "over", "wait"), _members("pick", "tool")),
)
BODY = Role(
    reads=frozenset({Kind.RUNTIME, Kind.PARAMETER, Kind.LOCAL, Kind.COROUTINE, Kind.DECISION}),
    calls=frozenset({Kind.RUNTIME, Kind.LITERAL, Kind.STEP}),
    hides=frozenset({Kind.FUNCTION, Kind.BOUND}),
    methods=(
        _members(r"initial|(context|out)_\d+", "get"),
        _members(r"initial|context_\d+", "copy"),
        _members("WRITTEN", "isdisjoint"),
    ),
    parameters=("steps", "initial"),
)
DESCRIPTION = Role(reads=frozenset(), calls=frozenset({Kind.DEFINING, Kind.LITERAL}), parameters=())
FUNCTIONS = (
    (re.compile(r"step_\d+(_async)?", re.ASCII), STEP_FUNCTION),
    (re.compile(r"body(_async)?"), BODY),
    (re.compile("all_steps"), DESCRIPTION),
)
"""The functions of a module, by their names; those of the async lane, and no others, are coroutines."""


@dataclass(frozen=True, slots=True)
class Constants:
    """Module-level assignments of one form: their names, what makes their value, and what they then stand for.

    ``made_by`` is the function that is called, or the type of the syntax node where none is.
    """

    made_by: str
    names: re.Pattern[str]
    kind: Kind


def _constants(made_by: str, names: str, kind: Kind = Kind.CONSTANT) -> Constants:
    return Constants(made_by, re.compile(names, re.ASCII), kind)


CONSTANTS = (
    _constants("bind_tool", r"(in|fn|out|twin|refused)(_\w+)?", Kind.BOUND),
    _constants("direct_call", r"call(_\w+)?", Kind.BOUND),
    _constants("contract", r"(accepts|promises)_\d+", Kind.CONTRACT),
    _constants("Policy", r"POLICY_\d+"),
    _constants("Pick", r"PICK_\d+", Kind.DECISION),
    _constants("frozenset", "WRITTEN"),
    _constants("SimpleString", "LINES(_ASYNC)?"),
    _constants("Flow", "FLOW"),
    _constants("Attribute", "(run|stream|resume)(_async)?"),
)

DEFINING = frozenset({
    "Constant", "Flow", "Key", "Lane", "Pick", "Policy", "Step", "bind_tool", "contract", "direct_call",
    "expect_format",
})  # fmt: skip
"""Names of the facade that module-level code calls, and functions do not."""
LITERAL = frozenset({"date", "datetime", "time", "timedelta", "timezone"})
"""Names of the facade that are called anywhere, on literals only."""
SCALARS = frozenset({"bool", "bytes", "float", "int", "str"})
"""Builtin classes that the class of an input is compared with."""
LITERAL_BUILTINS = frozenset({"float", "frozenset", "set"})
TYPES = frozenset({"AllSteps", "BaseModel", "Done", "Outputs", "Ran", "Steps", "StepsAsync"})
"""Names of the facade that stand in annotations only."""
ANNOTATIONS = TYPES | {
    "Any", "Flow", "NotRequired", "Output", "Pick", "bool", "bytes", "dict", "float", "int", "list", "str", "tuple",
}  # fmt: skip
"""Names that annotations are made of."""
TYPING = frozenset({"Any", "NotRequired", "TYPE_CHECKING", "TypedDict"})
"""What modules import from ``typing``."""
ALIASES = {"tool": Kind.TOOL, "model": Kind.CLASS, "error": Kind.CLASS, "flow": Kind.FLOW}
"""The first words of the names that tools, classes and flows are imported as."""
COROUTINES = re.compile(r"at_\d+", re.ASCII)
"""Functions inside of a body of the async lane: steps with what is to be done before them, where steps run at once."""


def kind_in_facade(name: str) -> Kind:
    """What a name of the runtime's facade stands for."""
    for names, kind in ((DEFINING, Kind.DEFINING), (LITERAL, Kind.LITERAL), (TYPES, Kind.TYPE)):
        if name in names:
            return kind
    return Kind.RUNTIME
