"""Keeping what foreign code prints away from the output of cwc."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from functools import cached_property
from typing import BinaryIO, TextIO

_DESCRIPTORS = (1, 2)


@dataclass(slots=True)
class Captured:
    """What was printed meanwhile; complete once the capture is over."""

    parts: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        return "".join(self.parts)


@contextmanager
def captured_output() -> Iterator[Captured]:
    """Catch what is written to the standard streams and to descriptors 1 and 2, by this process or its children.

    A stream that was kept, by a logging handler for one, writes to where it should once the capture is over.
    """
    captured = Captured()
    streams = sys.stdout, sys.stderr
    stand_ins = [_StandIn(stream, captured.parts) if stream is not None else None for stream in streams]
    with ExitStack() as undo:
        file = undo.enter_context(tempfile.TemporaryFile())
        _flush(streams)
        undo.callback(_take, file, captured)
        for descriptor in _DESCRIPTORS:
            _redirect(descriptor, file.fileno(), undo)
        undo.callback(_flush, streams)
        undo.callback(_restore, streams, stand_ins)
        sys.stdout, sys.stderr = stand_ins
        yield captured


@contextmanager
def printed_to_stderr() -> Iterator[None]:
    """Have what this process and its children write to the standard output come out on the standard error."""
    streams = sys.stdout, sys.stderr
    with ExitStack() as undo:
        _flush(streams)
        with suppress(OSError):
            _redirect(1, 2, undo)
        undo.callback(_flush, streams)
        undo.callback(setattr, sys, "stdout", sys.stdout)
        sys.stdout = sys.stderr
        yield


class _StandIn:
    """A stream that keeps what is written to it, and passes it on once ``parts`` is None."""

    def __init__(self, stream: TextIO, parts: list[str]) -> None:
        self._stream = stream
        self.parts: list[str] | None = parts

    def write(self, text: str) -> int:
        if self.parts is None:
            return self._stream.write(text)
        self.parts.append(text)
        return len(text)

    def writelines(self, lines: list[str]) -> None:
        for line in lines:
            self.write(line)

    def close(self) -> None:
        """The stream is not the foreign code's own to close."""

    @cached_property
    def buffer(self) -> object:
        """What writes bytes to the stream's descriptor, which stays open when this is closed: as what wraps it closes
        it once nobody has that any more."""
        try:
            return open(self._stream.fileno(), "wb", closefd=False)
        except (OSError, ValueError):
            return self._stream.buffer

    def detach(self) -> object:
        return self.buffer

    def __getattr__(self, name: str) -> object:
        return getattr(self._stream, name)


def _restore(streams: tuple[TextIO, TextIO], stand_ins: list[_StandIn | None]) -> None:
    _flush((sys.stdout, sys.stderr))
    _flush(vars(stand_in)["buffer"] for stand_in in stand_ins if stand_in is not None and "buffer" in vars(stand_in))
    sys.stdout, sys.stderr = streams
    for stand_in in stand_ins:
        if stand_in is not None:
            stand_in.parts = None


def _redirect(descriptor: int, target: int, undo: ExitStack) -> None:
    try:
        kept = os.dup(descriptor)
    except OSError:
        # The process was started without it.
        return
    undo.callback(os.close, kept)
    undo.callback(os.dup2, kept, descriptor)
    os.dup2(target, descriptor)


def _take(file: BinaryIO, captured: Captured) -> None:
    file.seek(0)
    captured.parts.append(file.read().decode(errors="replace"))


def _flush(streams: Iterable[TextIO | BinaryIO]) -> None:
    for stream in streams:
        with suppress(AttributeError, OSError, ValueError):
            stream.flush()
