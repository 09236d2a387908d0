"""A flow to look at: its plan as a graph, and the forms that it can be drawn in."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from cwc.driver.views.ascii import draw_ascii
from cwc.driver.views.dot import draw_dot
from cwc.driver.views.graph import graph_of
from cwc.driver.views.mermaid import draw_mermaid
from cwc.driver.views.svg import draw_svg
from cwc.plan.model import Plan


def _draw_page(plan: Plan) -> str:
    # The only form that needs templates, which take long to import.
    from cwc.driver.views.page import draw_page

    return draw_page(graph_of(plan))


DRAWINGS: Mapping[str, Callable[[Plan], str]] = {
    "ascii": lambda plan: draw_ascii(graph_of(plan)),
    "mermaid": lambda plan: draw_mermaid(graph_of(plan)),
    "dot": lambda plan: draw_dot(graph_of(plan)),
    "svg": lambda plan: draw_svg(graph_of(plan)),
    "html": _draw_page,
}
"""What `cwc graph --as` can draw, by name: text that ends in a newline."""

ENDS = {
    ".svg": "svg",
    ".html": "html",
    ".htm": "html",
    ".dot": "dot",
    ".gv": "dot",
    ".mmd": "mermaid",
    ".txt": "ascii",
}
"""What files hold, among `DRAWINGS`, by the ends of their names."""


def form_of(path: Path | None) -> str | None:
    """What a file of that name is to hold, among `DRAWINGS`: ascii, where its name has no end; None for other ends."""
    return "ascii" if path is None or not path.suffix else ENDS.get(path.suffix.lower())


__all__ = ["DRAWINGS", "ENDS", "form_of", "graph_of"]
