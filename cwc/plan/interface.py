"""What a flow takes and gives, for the flows whose steps run it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from cwc.plan.constructs import Construct
from cwc.plan.values import Presence


@dataclass(frozen=True, slots=True)
class FlowSpec:
    """A flow that a step can run, which is the latest version of its name.

    ``module`` is the name of its generated module, without ``.py``. ``given`` are the keys of its final context that
    its steps write, or that its input must hold; whatever else it is given it gives back.
    ``others``: its final context may hold keys that no one knows. ``required`` are the inputs that it always needs;
    ``refuses_extras``: it takes none but its declared ones, ``inputs``. ``constructs`` are what keeps it out of the
    async lane, those of the flows that it runs included.
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
