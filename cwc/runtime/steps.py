"""Steps as values: their static facts, and the outputs that they return."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping, Sequence
from typing import Any, Final

Outputs = dict[str, Any]
StepFunction = Callable[..., Outputs]
StepFunctionAsync = Callable[..., Coroutine[Any, Any, Outputs]]
Steps = Sequence[StepFunction]
StepsAsync = Sequence[StepFunctionAsync]
Ended = tuple[Outputs, Any]
"""A step's outputs, and the clock when it ended; or when it began and ended, where steps run at once."""
Ran = tuple[Outputs, tuple[Any, ...]]
"""What a body returns: the context at its end, and for each step its outputs and the clock when it ended."""

Done = list[Any]
"""What came of the steps of a dataflow so far, by index."""


class Absent:
    """The type of `ABSENT`, which stands for a context key that is not there."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "ABSENT"


ABSENT: Final = Absent()


class Told(Outputs):
    """Outputs with something to tell. A step that just succeeded returns a plain dict, so that this costs nothing."""

    __slots__ = ("facts",)

    def __init__(self, outputs: Mapping[str, Any], **facts: Any) -> None:
        super().__init__(outputs)
        self.facts = facts
        """Fields of the step's record that differ from a plain success, e.g. ``skipped=True``."""


PASSED_BY: Final = Told({}, skipped=True, inputs={}, flow_name=None)
"""The outputs of a step that a branch passed by."""


class Key:
    """A recorded input that was read from the context: a key, and pointer tokens that lead on from its value."""

    __slots__ = ("key", "tokens")

    def __init__(self, key: str, *tokens: str) -> None:
        self.key, self.tokens = key, tokens


class Constant:
    """A recorded input that stands in the flow file."""

    __slots__ = ("value",)

    def __init__(self, value: Any) -> None:
        self.value = value


class Step:
    """What is known of a step when its module is generated.

    ``mapping`` says where its inputs come from, by target (None: the whole context); ``output_mapping`` which outputs
    it leaves under which context key (None: all, under their own names); ``line`` is its line in the flow file.
    ``level`` is the level of a DAG flow that it is in, None where each step is a level. ``flow_name`` is the flow that
    it runs instead of a tool. ``predicates`` are the texts of its branches' conditions.
    """

    __slots__ = (
        "flow_name", "index", "level", "line", "mapping", "name", "output_mapping", "predicates", "tool_name",
    )  # fmt: skip

    def __init__(
        self,
        index: int,
        name: str,
        tool_name: str,
        mapping: Mapping[str, Key | Constant] | None,
        output_mapping: Mapping[str, str] | None,
        line: int,
        level: int | None = None,
        flow_name: str | None = None,
        predicates: tuple[str, ...] = (),
    ) -> None:
        self.index, self.name, self.tool_name, self.line, self.level = index, name, tool_name, line, level
        self.mapping, self.output_mapping = mapping, output_mapping
        self.flow_name, self.predicates = flow_name, predicates

    def name_in(self, path: str) -> str:
        """The step's name in an outermost run: ``0:child/1:double``, with ``path`` before it.

        A name with ``/`` in it is escaped as in a JSON pointer (RFC 6901), so that no two steps of a run share one.
        """
        name = self.name
        return path + (name.replace("~", "~0").replace("/", "~1") if "~" in name or "/" in name else name)

    def resolved(self, values: tuple[Any, ...]) -> Outputs:
        """The step's inputs by target, given the resolved values that its function takes.

        Those are its inputs in the order of ``mapping``, or the context as a whole; before them, in a step that has
        candidates, the `Pick` of its tool.
        """
        if self.mapping is None:
            return dict(values[-1])
        count = len(self.mapping)
        return dict(zip(self.mapping, values if len(values) == count else values[len(values) - count :], strict=True))

    def merged(self, outputs: Mapping[str, Any]) -> Outputs:
        """What the step leaves in the context, given its outputs."""
        if self.output_mapping is None:
            return dict(outputs)
        return {key: outputs[name] for key, name in self.output_mapping.items() if name in outputs}


AllSteps = tuple[Step, ...]
"""The steps of a flow, in order."""
