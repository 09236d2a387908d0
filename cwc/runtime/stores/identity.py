"""What a flow is known by when a run of it is to be gone on with: its source, its tools, and the flows that it runs."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Final, Protocol

SOURCE: Final = "its source"


class Known(Protocol):
    """What flows are told apart by."""

    @property
    def name(self) -> str: ...
    @property
    def version(self) -> str: ...
    @property
    def source_digest(self) -> str: ...
    @property
    def tool_hashes(self) -> Mapping[str, str]: ...
    @property
    def dump_hashes(self) -> Mapping[str, str]: ...
    @property
    def children(self) -> Sequence[Known]: ...


def identity_of(flow: Known) -> dict[str, str]:
    """Digests by what they are of, in words that a message can use: ``its source``, ``tool 'double'``."""
    dumps = flow.dump_hashes
    tools = {f"tool '{name}'": f"{digest} {dumps[name]}" for name, digest in flow.tool_hashes.items()}
    flows = {f"flow '{child.name}'": _digest(child) for child in flow.children}
    return {"its version": flow.version, SOURCE: flow.source_digest, **tools, **flows}


def _digest(flow: Known) -> str:
    text = json.dumps([flow.name, sorted(identity_of(flow).items())])
    return hashlib.sha256(text.encode()).hexdigest()
