"""What a flow takes and gives, for the flows whose steps run it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from cwc.plan.constructs import Construct
from cwc.plan.types.model import Type
from cwc.plan.values import Presence

if TYPE_CHECKING:
    from cwc.plan.tools import ModelSpec


@dataclass(frozen=True, slots=True)
class FlowSpec:
    """A flow that a step can run, which is the latest version of its name.

    ``module`` is the name of its generated module, without ``.py``. ``given`` are the keys of its final context that
    its steps write, or that its input must hold; whatever else it is given it gives back.
    ``others``: its final context may hold keys that no one knows. ``required`` are the inputs that it always needs;
    ``refuses_extras``: it takes none but its declared ones, ``inputs``. ``constructs`` are what can keep it out of the
    async lane, those of the flows that it runs included; ``refused`` are those that do, and ``lanes`` are what it has.
    ``gives`` are the types of what its steps write; under a key in ``kept``, and under those that it does not list, the
    flow ends with what it was passed. ``input_model`` is the model of its input. ``broken`` says why it cannot be run,
    empty if it can; all else is known of it all the same.
    """

    name: str
    version: str
    module: str
    path: str
    given: Mapping[str, Presence]
    others: bool
    required: tuple[str, ...]
    inputs: tuple[str, ...]
    refuses_extras: bool
    constructs: tuple[Construct, ...]
    refused: tuple[Construct, ...] = ()
    lanes: tuple[str, ...] = ("sync", "async")
    gives: Mapping[str, Type] = field(default_factory=dict)
    kept: frozenset[str] = frozenset()
    dynamic_params: tuple[str, ...] = ()
    input_model: ModelSpec | None = None
    broken: str = ""
