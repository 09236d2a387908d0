"""`python -m tests.killed_runs FOLDER KILLS SEED`: runs that are killed at random moments and gone on with.

Each attempt at a run is a process of its own, forked from this one and killed with SIGKILL. What its steps do is noted
in a log outside of the store. Prints one JSON object: how many processes were killed and how many runs came to an end.
Any broken promise is an AssertionError.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import signal
import sys
import time
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from pydantic import BaseModel

import cwc
from cwc.driver.compile import Options
from cwc.driver.memory import compile_in_memory, load
from cwc.runtime.errors import CheckpointNotFoundError
from cwc.runtime.flow import Flow
from cwc.runtime.results import ExecutionResult
from cwc.runtime.stores.sqlite_checkpoints import SqliteCheckpointer

LINEAR, LEAVES = 20, 24
STEPS = {f"{number}:note": number for number in range(LINEAR)} | {f"s{number}": number for number in range(LEAVES + 2)}


class Given(BaseModel):
    step: int
    value: int = 0
    log: str = ""


class Value(BaseModel):
    value: int


def note(given: Given, *, pause: float) -> Value:
    """Leaves a line in the log, outside of the store, and takes a moment before and after."""
    time.sleep(pause)
    file = os.open(given.log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    os.write(file, f"{given.step}\n".encode())
    os.close(file)
    time.sleep(pause)
    return Value(value=given.value * 3 % 1009 + given.step)


def _step(number: int, reads: str, writes: str, **rest: Any) -> dict[str, Any]:
    mapping = {"step": number, "value": reads, "log": "log"}
    return {"tool_name": "note", "input_mapping": mapping, "output_mapping": {writes: "value"}, **rest}


def linear() -> dict[str, Any]:
    steps = [_step(number, f"v{number}", f"v{number + 1}") for number in range(LINEAR)]
    return {"type": "Flow", "name": "linear", "version": "1.0", "description": "", "steps": steps}


def fan() -> dict[str, Any]:
    """A first step, leaves in one level that begin with what it gives, and a last one that waits for all."""
    steps = [_step(0, "v0", "first", step_id="s0")]
    steps += [
        _step(number, "first", f"leaf{number}", step_id=f"s{number}", depends_on=["s0"])
        for number in range(1, LEAVES + 1)
    ]
    leaves = [f"s{number}" for number in range(1, LEAVES + 1)]
    steps.append(_step(LEAVES + 1, f"leaf{LEAVES}", "last", step_id=f"s{LEAVES + 1}", depends_on=leaves))
    return {"type": "DAGFlow", "name": "fan", "version": "1.0", "description": "", "steps": steps}


def flows(pause: float = 0.0005) -> list[tuple[Flow[Any], str]]:
    """Each flow, and the lane to run it on. ``pause`` is half of how many seconds a step takes."""
    fn = partial(note, pause=pause)
    tools = [cwc.Tool(name="note", description="", input_schema=Given, output_schema=Value, fn=fn)]
    made = []
    for flow, lane, options in (
        (linear(), "sync", Options()),
        (linear(), "async", Options()),
        (fan(), "sync", Options()),
        (fan(), "async", Options()),
        (fan(), "async", Options(schedule="dataflow")),
    ):
        made.append((load(compile_in_memory(flow, tools, options), tools), lane))
    return made


def told(result: ExecutionResult[Any]) -> Any:
    """All of a result but its times."""
    shown = result.model_dump(mode="json")
    for each in (shown, *shown["execution_log"]):
        for name in ("started_at", "ended_at", "duration_ms", "total_duration_ms"):
            each.pop(name, None)
    return shown


@dataclass
class Run:
    """One run, however many processes it takes."""

    flow: Flow[Any]
    lane: str
    folder: Path
    trace_id: str

    @property
    def log(self) -> Path:
        return self.folder / f"{self.trace_id}.log"

    @property
    def outcome(self) -> Path:
        return self.folder / f"{self.trace_id}.json"

    @property
    def given(self) -> dict[str, Any]:
        return {"v0": 7, "log": str(self.log)}

    def store(self) -> SqliteCheckpointer:
        return SqliteCheckpointer(self.folder / "runs.db", delete_on_success=False)

    def attempt(self) -> None:
        """Run, or go on; in a process of its own."""
        store = self.store()
        try:
            result = self.resumed(store)
        except CheckpointNotFoundError:
            result = self.run(checkpointer=store)
        partial = self.outcome.with_suffix(".part")
        partial.write_text(json.dumps(told(result)))
        partial.replace(self.outcome)

    def run(self, **services: Any) -> ExecutionResult[Any]:
        if self.lane == "sync":
            return self.flow.run(self.given, trace_id=self.trace_id, **services)
        return asyncio.run(self.flow.run_async(self.given, trace_id=self.trace_id, max_step_concurrency=6, **services))

    def resumed(self, store: SqliteCheckpointer) -> ExecutionResult[Any]:
        if self.lane == "sync":
            return self.flow.resume(self.trace_id, checkpointer=store)
        return asyncio.run(self.flow.resume_async(self.trace_id, checkpointer=store, max_step_concurrency=6))

    def noted(self) -> list[int]:
        """The steps that were run, in order, so often as they were."""
        return [int(line) for line in self.log.read_text().split()] if self.log.exists() else []

    def committed(self) -> set[int]:
        """The steps that the store holds; reading it must always be possible."""
        store = self.store()
        assert all(run.status in ("open", "finished") for run in store.runs())
        held = [run.trace_id for run in store.runs()]
        if self.trace_id not in held:
            return set()
        _, rows = store.take_over(self.trace_id)
        store.close()
        return {STEPS[name] for name in rows}


def killed_after(run: Run, seconds: float) -> bool:
    """Attempt a run in a new process and kill it; False if it had ended before."""
    pid = os.fork()
    if pid == 0:
        try:
            run.attempt()
        finally:
            os._exit(0)
    time.sleep(seconds)
    os.kill(pid, signal.SIGKILL)
    _, status = os.waitpid(pid, 0)
    return os.WIFSIGNALED(status)


def brought_to_its_end(run: Run, longest: float, chance: random.Random) -> int:
    """Kill a run again and again until it gets to its end all the same; how many times it was killed."""
    kills = 0
    while not run.outcome.exists():
        committed, before = run.committed(), len(run.noted())
        kills += killed_after(run, chance.uniform(0, longest))
        # On a slow machine a process may not have come to its first step by then.
        longest *= 1.2
        again = committed.intersection(run.noted()[before:])
        assert not again, f"steps {sorted(again)} of {run.trace_id} were recorded, and ran again"
    return kills


def main() -> None:
    folder, wanted, chance = Path(sys.argv[1]), int(sys.argv[2]), random.Random(int(sys.argv[3]))
    made = flows()
    expected = []
    for flow, lane in made:
        plain = Run(flow, lane, folder, "plain")
        start = time.monotonic()
        expected.append((told(plain.run()), time.monotonic() - start))
        plain.log.unlink()
    kills = ended = 0
    while kills < wanted or ended < len(made):
        flow, lane = made[ended % len(made)]
        outcome, seconds = expected[ended % len(made)]
        run = Run(flow, lane, folder, f"run{ended}")
        kills += brought_to_its_end(run, seconds * 2 + 0.02, chance)
        found = json.loads(run.outcome.read_text().replace(run.trace_id, "plain"))
        assert found == outcome, f"{run.trace_id} ended in another result"
        assert set(run.noted()) == {record["inputs"]["step"] for record in outcome["execution_log"]}
        # Small, so that reading it takes no longer than a step.
        store = run.store()
        for left in store.runs():
            store.discard(left.trace_id)
        ended += 1
    sys.stdout.write(json.dumps({"kills": kills, "runs": ended}) + "\n")


if __name__ == "__main__":
    main()
