"""How far a long build is, on a terminal; nothing elsewhere."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import TypeVar

import click

T = TypeVar("T")

LONG = 50
"""How many flows take long enough to be counted."""


def compiling(flows: Sequence[T]) -> AbstractContextManager[Iterable[T]]:
    """Hand flows on one by one, with a bar on stderr if that is a terminal and there are many."""
    if len(flows) < LONG or not sys.stderr.isatty():
        return nullcontext(flows)
    return click.progressbar(flows, label="compiling", show_eta=False, file=sys.stderr)
