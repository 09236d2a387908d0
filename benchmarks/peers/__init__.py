"""Engines that run the same flows, each as its own documentation recommends; what is not installed is named."""

from __future__ import annotations

import importlib
from collections.abc import Callable

PEERS = ("chainweaver_", "langgraph_", "pydantic_graph_", "hamilton_", "burr_")

Linear = Callable[[int], Callable[[], object]]
"""Given a number of steps, what runs a linear flow of them once and returns its last value."""


def linear_peers(missing: list[str]) -> dict[str, Linear]:
    """The peers that are installed, by name; the others are added to ``missing``."""
    found: dict[str, Linear] = {}
    for name in PEERS:
        shown = name.rstrip("_").replace("_", "-")
        try:
            found[shown] = importlib.import_module(f"benchmarks.peers.{name}").linear
        except ImportError as error:
            missing.append(f"{shown} ({error.name})")
    return found
