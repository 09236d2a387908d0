"""How large a flow file may be. The bounds are far above what people write and keep hostile files cheap to refuse."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """The largest file that is read; a file at a limit is accepted.

    ``bytes``: size of the file. ``nodes``: scalars, sequences and mappings, the root included and mapping keys not;
    what an alias stands for counts each time. ``depth``: levels of nesting, the root being the first. ``characters``:
    length of one string or mapping key. ``steps``: entries of a flow's ``steps``. ``digits``: length of one integer
    as written; Python itself refuses to read longer ones.
    """

    bytes: int = 5 * 1024 * 1024
    nodes: int = 100_000
    depth: int = 64
    characters: int = 100_000
    steps: int = 1_000
    digits: int = 4_300


LIMITS = Limits()
