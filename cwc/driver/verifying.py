"""The contract pass over the modules of a build, in processes of its own where there are many of them."""

from __future__ import annotations

import pickle
import queue
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from importlib import import_module
from typing import IO, TYPE_CHECKING

from cwc.contract import Allowed, check_generated, expect_clean
from cwc.contract.generated import CLEAN, is_known
from cwc.driver.ahead import processors, start, started_ahead

if TYPE_CHECKING:
    import subprocess

WORTH_A_PROCESS = 16
"""How many modules a process is started for: fewer are checked in the time that it takes to start."""
_AT_ONCE = 32
"""How many modules a process is given at most before it answers."""
_CLEAN = b"1"


@dataclass(frozen=True, slots=True)
class Module:
    """A generated module, and what it may import."""

    text: str
    file: str
    allowed: Allowed

    def is_clean(self) -> bool:
        return not check_generated(self.text, self.file, self.allowed)


@dataclass(slots=True)
class Verification:
    """Modules on their way through the contract pass, which takes ``most`` processes if there are enough of them.

    ``early`` are those that came before there were enough. ``suspects`` are those in which something was found.
    """

    most: int
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)
    threads: list[threading.Thread] = field(default_factory=list)
    waiting: queue.SimpleQueue[Module | None] = field(default_factory=queue.SimpleQueue)
    early: list[Module] = field(default_factory=list)
    suspects: list[Module] = field(default_factory=list)

    def check(self, module: Module) -> None:
        """Have a module checked until `finish`."""
        if self.most > 1 and len(self.processes) == self.most:
            self.waiting.put(module)
            return
        self.early.append(module)
        if self.most > 1 and len(self.early) >= WORTH_A_PROCESS:
            for _ in range(len(self.processes), self.most):
                self.employ(start())
            while self.early:
                self.waiting.put(self.early.pop())

    def employ(self, process: subprocess.Popen[bytes]) -> None:
        """Have a process take part, and end with this pass."""
        self.processes.append(process)
        self.threads.append(threading.Thread(target=self.feed, args=(process,), daemon=True))
        self.threads[-1].start()

    def finish(self) -> None:
        """Wait for all of them. Raises ContractError if one breaks the contract."""
        for module in self.early:
            # Few as they are, it does not take long to see which of them are known, and nobody need wait for a process.
            if is_known(module.text, module.file, module.allowed):
                continue
            if self.threads:
                self.waiting.put(module)
            else:
                expect_clean(module.text, module.file, module.allowed)
        for _ in self.threads:
            self.waiting.put(None)
        for thread in self.threads:
            thread.join()
        for module in sorted(self.suspects, key=lambda module: module.file):
            expect_clean(module.text, module.file, module.allowed)

    def feed(self, process: subprocess.Popen[bytes]) -> None:
        """Give modules to a process, as many as there are; what it cannot answer for is checked here."""
        assert process.stdin is not None
        assert process.stdout is not None
        asked = False
        for batch in self._batches():
            if not asked:
                asked = True
                with suppress(OSError, ValueError):
                    pickle.dump(CLEAN.copy(), process.stdin)
            answers = _asked(process.stdin, process.stdout, batch)
            self.suspects += [module for module, clean in zip(batch, answers, strict=True) if not clean]
        # One that was asked nothing may still be busy with its imports.
        if asked:
            with suppress(OSError, ValueError, EOFError, pickle.UnpicklingError):
                pickle.dump([], process.stdin)
                process.stdin.flush()
                CLEAN.update(pickle.load(process.stdout))

    def _batches(self) -> Iterator[list[Module]]:
        """The modules that wait, until there is None among them."""
        ended = False
        while not ended:
            batch = [self.waiting.get()]
            with suppress(queue.Empty):
                while batch[-1] is not None and len(batch) < _AT_ONCE:
                    batch.append(self.waiting.get_nowait())
            ended = batch[-1] is None
            if modules := [module for module in batch if module is not None]:
                yield modules


@contextmanager
def verification(modules: int, jobs: int | None) -> Iterator[Verification]:
    """The contract pass over at most so many modules, in ``jobs`` processes; by default one for each processor."""
    made = Verification(min(jobs or processors(), modules // WORTH_A_PROCESS))
    try:
        if ahead := started_ahead():
            made.employ(ahead)
        yield made
        made.finish()
    finally:
        for process in made.processes:
            process.kill()
            process.communicate()


def _asked(stdin: IO[bytes], stdout: IO[bytes], modules: list[Module]) -> list[bool]:
    """Of which modules a process says that they are clean. All others are to be looked at again."""
    answer = b""
    with suppress(OSError, ValueError):
        pickle.dump(modules, stdin)
        stdin.flush()
        answer = stdout.read(len(modules))
    return [answer[at : at + 1] == _CLEAN for at in range(len(modules))]


def answer() -> None:
    """What a process does: read modules, and say of each whether it is clean; in the end, which shapes are."""
    import gc
    import signal

    import_module("cwc.contract.grammar.check")
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # Trees of modules hold no circles, and looking for some takes a tenth of the time.
    gc.disable()
    known: set[str] = pickle.load(sys.stdin.buffer)
    CLEAN.update(known)
    with suppress(EOFError):
        while modules := pickle.load(sys.stdin.buffer):
            sys.stdout.buffer.write(b"".join([_CLEAN if module.is_clean() else b"0" for module in modules]))
            sys.stdout.buffer.flush()
        pickle.dump(CLEAN - known, sys.stdout.buffer)
        sys.stdout.buffer.flush()
