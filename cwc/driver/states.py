"""The states of an output folder as the verbs that run, examine and set flows meet them."""

from __future__ import annotations

import os
from collections.abc import Collection
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cwc.diagnostics.model import Diagnostic, Label, Report, define
from cwc.driver.files import reason
from cwc.runtime.errors import RegistryStateError
from cwc.runtime.registry.state import FILE_NAME, FileStates, Key

if TYPE_CHECKING:
    from cwc.runtime.flow import Flow

INVALID_STATES = define(
    "CWC835", "invalid_state_file", "error", "The states of flows cannot be read or written", project=True
)


def in_state(flow: Flow[Any], folder: Path, report: Report) -> Flow[Any] | None:
    """A flow, and those that it runs, in the states that an output folder has for them; None if they cannot be read."""
    if not os.path.lexists(folder / FILE_NAME):
        return flow
    from cwc.runtime.registry.flows import StatesOfFolder

    try:
        return StatesOfFolder(folder).current(flow)
    except (RegistryStateError, OSError) as error:
        report.add(unusable_states(error))
        return None


def bring_back(folder: Path, built: Collection[Key]) -> tuple[Key, ...]:
    """Give flows that drift set to needs_review the status that they had, as they were built anew; tells which.

    States that people set stay, and so does a file that cannot be read or written: a build does not need it.
    """
    states = FileStates(folder)
    back: tuple[Key, ...] = ()
    with suppress(RegistryStateError, OSError):
        now = states.read()
        if any(now[key] != now[key].proved() for key in built if key in now):
            with states.changing() as changing:
                new = {key: changing[key].proved() for key in built if key in changing}
                back = tuple(sorted(key for key, state in new.items() if state != changing[key]))
                changing.update(new)
    return back


def unusable_states(error: RegistryStateError | OSError) -> Diagnostic:
    """What there is to say where states cannot be read or written."""
    if isinstance(error, RegistryStateError):
        return Diagnostic(
            definition=INVALID_STATES,
            message=f"cannot use {error.path!r}: {error.detail}",
            primary=Label(error.path),
            help=("mend it, or move it away to begin with no states",),
        )
    message = f"the states of flows cannot be read or written: {reason(error)}"
    return Diagnostic(definition=INVALID_STATES, message=message)
