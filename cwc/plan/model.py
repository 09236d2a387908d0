"""The plan of a flow: what will run, in order, with every name bound and every context key a numbered value.

A plan is what checks look at and what the emitter writes down. Where a name led nowhere it holds a `Hole`, so that
later passes can say what else is wrong; nothing is emitted from a plan with holes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

from cwc.diagnostics.model import Label, Pointer
from cwc.plan.conditions import Condition, Liveness
from cwc.plan.constructs import Construct
from cwc.plan.context import AbstractContext
from cwc.plan.interface import FlowSpec
from cwc.plan.outputs import OutputShape
from cwc.plan.predicates import Predicate
from cwc.plan.tools import ModelSpec, ToolSpec
from cwc.plan.values import Collision, Snapshot, Value, Write

Policy = Literal["overwrite", "warn", "error"]
Lane = Literal["sync", "async"]
Schedule = Literal["levels", "dataflow"]


@dataclass(frozen=True, slots=True)
class Hole:
    """Something the flow names that does not exist. It has been reported."""

    name: str


@dataclass(frozen=True, slots=True)
class Read:
    """A tool input taken from the context: a key, and the pointer tokens that lead on from its value."""

    value: Value | Hole
    tokens: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Constant:
    """A tool input written in the flow file itself."""

    value: object


@dataclass(frozen=True, slots=True)
class Argument:
    """One entry of an input mapping. ``lookup`` is the mapping's value as written.

    ``detach``: the value could reach the tool by reference, and the tool could change it; ``unless_data``: but not what
    is made of lists, dicts and values that cannot change.
    """

    target: str
    source: Read | Constant
    pointer: Pointer
    lookup: object = None
    detach: bool = False
    unless_data: bool = False


@dataclass(frozen=True, slots=True)
class Contract:
    """A model that a step's inputs or outputs are checked against, and the reference it was named by."""

    model: ModelSpec
    ref: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Retry:
    """How often a failing call is tried again. ``backoff`` is in seconds; ``errors`` are references to classes."""

    max_retries: int
    backoff: float
    multiplier: float
    jitter: bool
    errors: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Skip:
    """A step whose call fails is passed over, and leaves nothing in the context."""


@dataclass(frozen=True, slots=True)
class Fallback:
    """Where a step's call fails, another tool is called with the same inputs."""

    tool: ToolSpec | Hole


@dataclass(frozen=True, slots=True)
class Branch:
    """A condition on the context, and the index of the step that is chosen where it is the first to hold.

    ``number`` is its place in the file among the branches of its step.
    """

    predicate: Predicate
    target: int
    pointer: Pointer
    number: int


@dataclass(frozen=True, slots=True)
class Choice:
    """What a step chooses once it has run. ``default`` is chosen where no branch holds; None: nothing is.

    ``reads`` are the values of the names in its predicates; ``own`` are those of them that are made for this choice:
    keys that steps of its own level may have written without declaring them. ``lost`` are branches that lead nowhere.
    """

    branches: tuple[Branch, ...]
    default: int | None
    reads: Mapping[str, Value | Hole]
    own: tuple[Value, ...] = ()
    lost: tuple[Branch, ...] = ()


@dataclass(frozen=True, slots=True)
class Overlap:
    """Two steps of one level that may write the same key, which fails the later one.

    ``key`` is None where the keys of one of them are not known. ``kind`` is always, maybe, or undeclared: only by keys
    that the caller passed without being asked to, and that flows run by both steps give back.
    """

    earlier: int
    key: str | None
    kind: Collision
    pointer: Pointer
    other: Pointer


@dataclass(frozen=True, slots=True, kw_only=True)
class StepPlan:
    """One step: a tool or a flow, its inputs, and what it leaves in the context.

    ``index`` is the step's place in the order of the run, ``position`` in the file. ``arguments`` is None where the
    tool takes the whole context. ``condition`` says in which scenarios the step runs, ``liveness`` what decides it, and
    is None for a step that always runs. ``before`` is what is known of the context before the step, ``at_call`` once
    its inputs were read. ``shape`` is None where the tool is not known; ``opens`` says that the step can write keys
    that ``writes`` does not list. ``candidates`` are the tools that a decision can choose instead of ``tool``.
    ``ignored`` are settings that mean nothing, because the step runs a flow.
    """

    index: int
    position: int
    level: int
    name: str
    id: str | None
    tool: ToolSpec | FlowSpec | Hole
    pointer: Pointer
    line: int
    arguments: tuple[Argument, ...] | None
    output_mapping: tuple[tuple[str, str], ...] | None
    condition: Condition
    before: AbstractContext
    at_call: AbstractContext
    writes: tuple[Write, ...]
    shape: OutputShape | None = None
    opens: bool = False
    candidates: tuple[ToolSpec | Hole, ...] = ()
    liveness: Liveness | None = None
    depends_on: tuple[int, ...] = ()
    choice: Choice | None = None
    overlaps: tuple[Overlap, ...] = ()
    ignored: tuple[str, ...] = ()
    detach_whole: bool = False
    retry: Retry | None = None
    on_error: Skip | Fallback | None = None
    input_contract: Contract | None = None
    output_contract: Contract | None = None

    @property
    def never_runs(self) -> bool:
        """Whether every choice before the step passes it by, so that nothing in it can go wrong."""
        return not self.condition.may

    @property
    def gives_others(self) -> bool:
        """Whether outputs that nobody knows may reach the context."""
        return self.opens and self.shape is not None and self.shape.others

    @property
    def title(self) -> str:
        """What diagnostics call the step."""
        if self.id is not None:
            return f"step {self.id!r}"
        return f"step {self.index} {self.label_name!r}" if self.label_name else f"step {self.index}"

    @property
    def own_tools(self) -> tuple[ToolSpec | Hole, ...]:
        """The tools that the step may call first: its own, or those that a decision chooses among."""
        own = () if isinstance(self.tool, FlowSpec) else (self.tool,)
        return (*own, *(tool for tool in self.candidates if tool not in own))

    @property
    def tools(self) -> tuple[ToolSpec | Hole, ...]:
        """Every tool that the step may call."""
        return (*self.own_tools, self.on_error.tool) if isinstance(self.on_error, Fallback) else self.own_tools

    @property
    def label_name(self) -> str:
        """The name that log lines and diagnostics use."""
        return self.tool.name


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """Steps that see the same context, and whose outputs are merged into it together; in a linear flow, one step.

    ``index`` and ``name`` are what log lines and errors call it. ``folded`` is the context that the outputs are merged
    into as a whole, where they can hold keys that the build does not know.
    """

    index: int
    name: str
    steps: tuple[StepPlan, ...]
    folded: Snapshot | None = None


@dataclass(frozen=True, kw_only=True)
class Plan:
    """A whole flow as it will run.

    ``path`` is the flow file's as diagnostics show it, ``source`` as the generated module does.
    ``required_inputs`` are the keys that an accepted input always holds or that are tested before the first step;
    ``undeclared_inputs`` those of them that no schema declares. ``extras`` tells whether the caller may pass keys
    that the flow does not declare. ``constructs`` are those that have no async lane by default, those of composed flows
    included; ``refused`` are those of them that the project does not allow there. ``holes`` says that something was
    not found and nothing can be emitted, ``sound`` that the steps are all there, in an order that makes sense.
    """

    name: str
    version: str
    description: str
    kind: Literal["Flow", "DAGFlow"]
    path: str
    source: str
    digest: str
    status: str
    policy: Policy
    determinism_level: str
    dynamic_params: tuple[str, ...]
    input_model: ModelSpec | None
    output_model: ModelSpec | None
    context_model: ModelSpec | None
    input_ref: str | None
    output_ref: str | None
    context_ref: str | None
    required_inputs: tuple[str, ...]
    undeclared_inputs: tuple[tuple[str, Label], ...]
    extras: bool
    levels: tuple[Level, ...]
    final: Snapshot
    final_context: AbstractContext
    lanes: tuple[Lane, ...] = ("sync", "async")
    constructs: tuple[Construct, ...] = ()
    refused: tuple[Construct, ...] = ()
    schedule: Schedule = "levels"
    max_step_concurrency: int = 1
    holes: bool = False
    sound: bool = True
    tool_schema_hashes: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def steps(self) -> tuple[StepPlan, ...]:
        """All steps, in the order of the run."""
        return tuple(step for level in self.levels for step in level.steps)

    @property
    def flows(self) -> tuple[FlowSpec, ...]:
        """The flows that its steps run, each once, by name."""
        used = {step.tool.name: step.tool for step in self.steps if isinstance(step.tool, FlowSpec)}
        return tuple(used[name] for name in sorted(used))

    @property
    def tools(self) -> tuple[ToolSpec, ...]:
        """The tools in use, each once, by name."""
        named = [tool for step in self.steps for tool in step.tools]
        used = {tool.name: tool for tool in named if isinstance(tool, ToolSpec)}
        return tuple(used[name] for name in sorted(used))

    @property
    def can_be_emitted(self) -> bool:
        """Whether there is code for the plan: it has no hole, and no run of it surely ends in a collision."""
        kinds = {overlap.kind for step in self.steps for overlap in step.overlaps}
        if self.policy == "error":
            kinds |= {write.collision for step in self.steps for write in step.writes}
        return not self.holes and "always" not in kinds

    @property
    def is_dag(self) -> bool:
        return self.kind == "DAGFlow"

    def step(self, index: int) -> StepPlan:
        """The step of an index. Steps that could not be read are not in the plan, so it need not be the position."""
        return next(step for step in self.steps if step.index == index)

    def label(self, pointer: Pointer, message: str = "") -> Label:
        return Label(self.path, pointer, message)
