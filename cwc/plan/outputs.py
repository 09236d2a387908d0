"""What a step leaves in the context, given what its tool and its fallback can return."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from cwc.diagnostics.model import Pointer
from cwc.plan.context import AbstractContext, Given
from cwc.plan.interface import FlowSpec
from cwc.plan.tools import ModelSpec


@dataclass(frozen=True, slots=True)
class OutputShape:
    """The keys of a step's outputs, in the order of its tool's, and which of them it always has.

    ``others``: it may have other keys as well; ``skips``: it may end without any outputs at all.
    """

    keys: tuple[str, ...]
    always: frozenset[str]
    others: bool
    skips: bool
    source: str = "tool_name"

    def given(self, pointer: Pointer) -> list[Given]:
        """What a step without an output mapping gives, in the order of its declared outputs."""
        place = pointer / self.source
        return [Given(key, key, self.skips or key not in self.always, False, place) for key in self.keys]

    def mapped(self, mapping: Mapping[str, str], pointer: Pointer) -> list[Given]:
        """What an output mapping gives. A step that did not skip and lacks a mapped key is an error of the run."""
        return [
            Given(key, output_key, self.skips, output_key not in self.always, pointer / "output_mapping" / key)
            for key, output_key in mapping.items()
        ]

    def lacks(self, key: str) -> bool:
        """Whether a key can never be among the outputs."""
        return not self.others and key not in self.keys


def output_shape(tools: list[ModelSpec], *, skips: bool) -> OutputShape:
    """The shape of the outputs of a step that ends with one of these models: its tool's, or its fallback's."""
    shapes = [() if model.opaque_output else model.dump_keys for model in tools]
    keys = tuple(dict.fromkeys(key for shape in shapes for key in shape))
    always = frozenset(key for key in keys if all(key in shape for shape in shapes))
    others = any(model.open_output or model.opaque_output for model in tools)
    return OutputShape(keys, always, others, skips)


def subflow_shape(
    flow: FlowSpec, targets: tuple[str, ...], context: AbstractContext, dynamic_params: tuple[str, ...]
) -> OutputShape:
    """What a step that runs a flow ends with: the whole final context of that flow (SEMANTICS B 7.7).

    ``targets`` are the inputs that the step passes; without any it passes the whole ``context``. The flow gets the
    ``dynamic_params`` too, as far as the caller has given them.
    """
    passed = {key: value.presence for key, value in context.values.items() if not targets}
    passed |= dict.fromkeys(targets, "sure")
    for key in dynamic_params:
        passed.setdefault(key, "maybe")
    keys = tuple(dict.fromkeys((*passed, *flow.given)))
    always = frozenset(key for key in keys if "sure" in (passed.get(key), flow.given.get(key)))
    others = flow.others or (not targets and context.unknown_keys == "maybe")
    return OutputShape(keys, always, others, False, "flow_name")
