"""What is known of a flow when its module is generated: its facts, its lanes, and what they become with other tools."""

from __future__ import annotations

import copy
import types
from collections.abc import Callable, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any, Self

from pydantic import BaseModel
from pydantic.errors import PydanticInvalidForJsonSchema, PydanticUserError

from cwc.runtime.argument_errors import UnboundToolError
from cwc.runtime.arguments import check_replacements
from cwc.runtime.lanes import Lane, Parts
from cwc.runtime.results import new_trace_id
from cwc.runtime.run import Check, Contracts
from cwc.runtime.steps import AllSteps
from cwc.runtime.tools.binding import Take, taker
from cwc.runtime.tools.making import Tool, as_tool
from cwc.runtime.tools.schema_hash import dump_fingerprint

if TYPE_CHECKING:
    from cwc.runtime.around import Around
    from cwc.runtime.events.secret_types import SecretInputs
    from cwc.runtime.registry.flows import FlowRegistry


class FlowFacts:
    """A compiled flow as data. Immutable: `bind` and `around` make another one.

    ``required`` are the inputs that are tested for where there is no input schema. ``contracts`` are the input and the
    output contract of the steps that have one, by index. ``calls`` are the names in the generated module that tools'
    functions have, ``direct`` those of their direct calls.
    """

    def __init__(
        self,
        *,
        name: str,
        version: str,
        description: str,
        source: str,
        source_digest: str,
        tool_schema_hashes: dict[str, str],
        determinism_level: str,
        status: str,
        lanes: tuple[str, ...],
        required_inputs: tuple[str, ...],
        extras: bool,
        dynamic_params: tuple[str, ...],
        input_schema: type[BaseModel] | None,
        output_schema: type[BaseModel] | None,
        context_schema: type[BaseModel] | None,
        steps: Callable[[], AllSteps],
        calls: Mapping[str, str],
        direct: Mapping[str, tuple[str, ...]] | None = None,
        tools: Mapping[str, object] | None = None,
        contracts: Mapping[int, Contracts] | None = None,
        sync_lane: Lane | None = None,
        async_lane: Lane | None = None,
        unsupported: tuple[str, ...] = (),
        scoped: tuple[str, ...] = (),
        max_step_concurrency: int = 1,
    ) -> None:
        self.name, self.version, self.description, self.status = name, version, description, status
        self.source, self.source_digest, self.determinism_level = source, source_digest, determinism_level
        self.lanes, self.required_inputs = lanes, required_inputs
        self.input_schema, self.output_schema, self.context_schema = input_schema, output_schema, context_schema
        self.required = required_inputs if input_schema is None else ()
        self.entry_check = None if input_schema is None else Check("flow_input", input_schema)
        ends = (("flow_output", output_schema), ("flow_context", context_schema))
        self.exit_checks = tuple([Check(role, model) for role, model in ends if model is not None])
        self.contracts = contracts or {}
        self._describe = steps
        self._steps: AllSteps | None = None
        self.tool_schema_hashes = types.MappingProxyType(tool_schema_hashes)
        self._calls, self._direct, self._handles = calls, direct or {}, tools or {}
        self._extras, self._dynamic_params = extras, dynamic_params
        self._unsupported, self._scoped, self._max_step_concurrency = unsupported, scoped, max_step_concurrency
        self._tools: dict[str, Tool] = {}
        self._takes: dict[str, Take] = {}
        self._functions: dict[str, Callable[..., Any] | None] = {}
        self._marks: dict[str, str] = {}
        self._secrets: SecretInputs | None = None
        self._services: tuple[Around, ...] = ()
        self._generated = self._sync, self._async = sync_lane, async_lane
        self._plain = self._plain_lanes()

    registry: FlowRegistry | None = None
    """The registry that the flow was got from; it knows the states of the flows that its steps run."""

    def __repr__(self) -> str:
        return f"<Flow {self.name!r} {self.version} from {self.source}>"

    @property
    def steps(self) -> AllSteps:
        """What is known of the steps, in order. Made when somebody asks: a run that ends well does not."""
        if self._steps is None:
            self._steps = self._describe()
        return self._steps

    @cached_property
    def composes(self) -> bool:
        """Whether steps run other flows."""
        return any(step.flow_name is not None for step in self.steps)

    @property
    def generated_lanes(self) -> tuple[Lane, ...]:
        """The lanes as they stand in the flow's module, whatever tools are bound."""
        return tuple(lane for lane in self._generated if lane is not None)

    def tool(self, name: str) -> Tool:
        """A tool of the flow's steps, by its name."""
        if name not in self._tools:
            tool = as_tool(self._handles[name])
            assert tool is not None, "a module that was imported has tools"
            self._tools[name] = tool
        return self._tools[name]

    def takes(self, name: str) -> Take:
        """What validates the inputs of a tool."""
        if name not in self._takes:
            self._takes[name] = taker(self.tool(name).input_schema)
        return self._takes[name]

    def streams(self) -> frozenset[int]:
        """The indices of the steps that may call a tool which gives its output in chunks."""
        streaming = {self._calls[name] for name in self._handles if self.tool(name).is_streaming}
        lane = self._generated[1]
        if lane is None or not streaming:
            return frozenset()
        called = (function.__code__.co_names for function in lane.functions)
        return frozenset(index for index, names in enumerate(called) if not streaming.isdisjoint(names))

    def secrets(self) -> SecretInputs:
        """Which inputs of the flow and its steps are secrets."""
        if self._secrets is None:
            from cwc.runtime.events.secret_types import secret_fields, secret_inputs

            flows = {child.name: child.secrets().keys for child in self.children}
            taken = {
                step.index: flows.get(step.flow_name, frozenset())
                if step.flow_name
                else secret_fields(self.tool(step.tool_name).input_schema)
                for step in self.steps
            }
            self._secrets = secret_inputs(self.steps, taken, self.input_schema)
        return self._secrets

    def mark(self, name: str) -> str:
        """What tells outputs of a tool from those of a callable bound in its place; empty for the tool's own."""
        return self._marks.get(name, "")

    @cached_property
    def children(self) -> tuple[FlowFacts, ...]:
        """The flows that steps run: what step functions call by a name of their module."""
        lane = next((lane for lane in self._generated if lane is not None), None)
        found = [
            function.__globals__.get(name)
            for function in (() if lane is None else lane.functions)
            for name in function.__code__.co_names
        ]
        return tuple(dict.fromkeys(flow for flow in found if isinstance(flow, FlowFacts)))

    @cached_property
    def identity(self) -> Mapping[str, str]:
        """What the flow, its tools and the flows that it runs are known by when a run is to be gone on with."""
        from cwc.runtime.stores.identity import identity_of

        return identity_of(self)

    @cached_property
    def tool_hashes(self) -> Mapping[str, str]:
        """The schema hashes of the tools that would be called now, whatever the flow was built or snapshot with."""
        return {name: self._hash_now(name) for name in sorted(self._handles)}

    @cached_property
    def dump_hashes(self) -> Mapping[str, str]:
        """What tells how the tools' outputs are dumped now, which the schemas of what is accepted do not."""
        return {name: self._dumped_now(name) for name in self._handles}

    def _dumped_now(self, name: str) -> str:
        try:
            return dump_fingerprint(self.tool(name).output_schema)
        except PydanticUserError:
            return ""

    def _hash_now(self, name: str) -> str:
        try:
            return self.tool(name).schema_hash
        except PydanticInvalidForJsonSchema:
            # No build takes such a tool: it has changed.
            return ""

    def bind(self, tools: Mapping[str, Callable[..., Any]]) -> Self:
        """This flow with other callables in place of its tools' functions; validation stays.

        A callable gets what the tool's ``fn`` gets, the validated input model, and is async where that is. Caches keep
        what it gives apart from what the tool gives.

        Raises UnboundToolError, a KeyError, for a name that is no tool of the flow, and InvalidArgumentError for what
        cannot be called.
        """
        check_replacements(tools)
        for name in tools:
            if name not in self._calls:
                raise UnboundToolError(self.name, name, sorted(self._calls))
        functions: dict[str, Callable[..., Any] | None] = {}
        for name, function in tools.items():
            functions.update({self._calls[name]: function, **dict.fromkeys(self._direct.get(name, ()))})
        bound = self._with(self._functions | functions, self._services)
        bound._marks = self._marks | {name: f"+{new_trace_id()}" for name in tools}
        return bound

    def around(self, *services: Around) -> Self:
        """This flow with services around every step, the first innermost."""
        return self._with(self._functions, self._services + services)

    def within(self, registry: FlowRegistry, *, status: str | None = None) -> Self:
        """This flow as a registry gives it, with the status that it has there; its own by default."""
        other = copy.copy(self)
        other.registry = registry
        other.status = status or self.status
        other._plain = other._plain_lanes()
        return other

    @property
    def format_version(self) -> int:
        """The format of the generated module, which is the one that this runtime runs."""
        from cwc.runtime.generated import FORMAT

        return FORMAT

    @property
    def namespace(self) -> Mapping[str, Any]:
        """The names at the top level of the generated module."""
        return next((lane.body.__globals__ for lane in self._generated if lane is not None), {})

    def _plain_lanes(self) -> tuple[Parts | None, Parts | None]:
        """The lanes, as their parts, of a flow whose runs keep no state beside their results."""
        if self.status != "active" or self.entry_check or self.exit_checks:
            return None, None
        sync = None if self._sync is None or "sync" in self._scoped else self._sync.parts
        return sync, None if self._async is None or "async" in self._scoped else self._async.parts

    def _with(self, functions: dict[str, Callable[..., Any] | None], services: tuple[Around, ...]) -> Self:
        other = copy.copy(self)
        other._functions, other._services = functions, services
        other._sync, other._async = (None if lane is None else lane.over(functions) for lane in self._generated)
        if services:
            from cwc.runtime.around import wrapped, wrapped_async

            if other._sync is not None:
                other._sync = other._sync.running(wrapped(self.steps, other._sync.functions, services))
            if other._async is not None:
                other._async = other._async.running(wrapped_async(self.steps, other._async.functions, services))
        other._plain = other._plain_lanes()
        return other
