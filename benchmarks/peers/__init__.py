"""Engines that run the same flows, each as its own documentation recommends; what is not installed is named.

A peer's module has ``linear(steps)``, which gives what runs a linear flow once and returns its last value. Where the
engine has that, it has ``fan(count, seconds)``, which gives what runs leaves that sleep at once, and ``dag(document)``,
which gives what runs a DAG flow of `added` once.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any, Literal

PEERS = ("chainweaver_", "langgraph_", "pydantic_graph_", "hamilton_", "burr_")


def peers_with(scenario: Literal["linear", "fan", "dag"], missing: list[str]) -> dict[str, Callable[..., Any]]:
    """What makes a run of a scenario, by peer that has it; the names of those not installed go to ``missing``."""
    found: dict[str, Callable[..., Any]] = {}
    for name in PEERS:
        shown = name.rstrip("_").replace("_", "-")
        try:
            made = getattr(importlib.import_module(f"benchmarks.peers.{name}"), scenario, None)
        except ImportError as error:
            missing.append(f"{shown} ({error.name})")
        else:
            if made is not None:
                found[shown] = made
    return found
