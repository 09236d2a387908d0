"""The plan of a flow: what will run, in order, with every name bound and every context key a numbered value.

A plan is what checks look at and what the emitter writes down. Where a name led nowhere it holds a `Hole`, so that
later passes can say what else is wrong; nothing is emitted from a plan with holes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from cwc.diagnostics.model import Label, Pointer
from cwc.plan.context import AbstractContext
from cwc.plan.tools import ModelSpec, ToolSpec
from cwc.plan.values import Snapshot, Value, Write

Policy = Literal["overwrite", "warn", "error"]
Lane = Literal["sync", "async"]


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

    ``detach``: the value could reach the tool by reference, and the tool could change it.
    """

    target: str
    source: Read | Constant
    pointer: Pointer
    lookup: object = None
    detach: bool = False


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


@dataclass(frozen=True, slots=True, kw_only=True)
class StepPlan:
    """One step: a tool, its inputs, and what it leaves in the context.

    ``arguments`` is None where the tool takes the whole context. ``before`` is what is known of the context before the
    step, ``at_call`` once its inputs were read. ``folded`` is the context that the step's outputs are merged into as a
    whole, where they can hold keys that the build does not know.
    """

    index: int
    name: str
    tool: ToolSpec | Hole
    pointer: Pointer
    line: int
    arguments: tuple[Argument, ...] | None
    output_mapping: tuple[tuple[str, str], ...] | None
    before: AbstractContext
    at_call: AbstractContext
    writes: tuple[Write, ...]
    folded: Snapshot | None = None
    detach_whole: bool = False
    retry: Retry | None = None
    on_error: Skip | Fallback | None = None
    input_contract: Contract | None = None
    output_contract: Contract | None = None

    @property
    def tools(self) -> tuple[ToolSpec | Hole, ...]:
        """Every tool that the step may call."""
        return (self.tool, self.on_error.tool) if isinstance(self.on_error, Fallback) else (self.tool,)

    @property
    def label_name(self) -> str:
        """The name that log lines and diagnostics use."""
        return self.tool.name


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A whole flow as it will run.

    ``path`` is the flow file's as diagnostics show it, ``source`` as the generated module does.
    ``required_inputs`` are the keys that an accepted input always holds or that are tested before the first step;
    ``undeclared_inputs`` those of them that no schema declares. ``extras`` tells whether the caller may pass keys
    that the flow does not declare. ``holes`` says that something was not found and nothing can be emitted.
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
    steps: tuple[StepPlan, ...]
    final: Snapshot
    final_context: AbstractContext
    lanes: tuple[Lane, ...] = ("sync", "async")
    holes: bool = False

    @property
    def tools(self) -> tuple[ToolSpec, ...]:
        """The tools in use, each once, by name."""
        named = [tool for step in self.steps for tool in step.tools]
        used = {tool.name: tool for tool in named if isinstance(tool, ToolSpec)}
        return tuple(used[name] for name in sorted(used))

    def step(self, index: int) -> StepPlan:
        """The step of an index. Steps that could not be read are not in the plan, so it need not be the position."""
        return next(step for step in self.steps if step.index == index)

    def label(self, pointer: Pointer, message: str = "") -> Label:
        return Label(self.path, pointer, message)
