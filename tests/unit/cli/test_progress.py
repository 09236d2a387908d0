"""Long builds say how far they are, on terminals only."""

from __future__ import annotations

import io
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from cwc.cli.progress import LONG, compiling
from cwc.diagnostics.model import Report
from cwc.driver.project import Request, compile_project
from cwc.language import Document
from tests.projects import inside


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("stream", "count", "shows"), [(Terminal, LONG, True), (Terminal, 3, False), (io.StringIO, LONG, False)]
)
def test_a_bar(stream: type[io.StringIO], count: int, shows: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    shown = stream()
    monkeypatch.setattr(sys, "stderr", shown)
    with compiling(range(count)) as numbers:
        assert list(numbers) == list(range(count))
    assert ("compiling" in shown.getvalue()) is shows
    assert ("100%" in shown.getvalue()) is shows


def test_builds_tell_their_flows(tmp_path: Path) -> None:
    told: list[str] = []

    @contextmanager
    def tell(documents: Sequence[Document]) -> Iterator[Iterable[Document]]:
        told.extend(document.path for document in documents)
        yield documents

    (tmp_path / "flows").mkdir()
    (tmp_path / "flows" / "one.flow.yaml").write_text("type: Flow\nname: one\ndescription: x\nsteps: []\n", "utf-8")
    with inside(tmp_path):
        compile_project(Request(progress=tell), Report())
    assert told == ["flows/one.flow.yaml"]
