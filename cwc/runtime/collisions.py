"""Writes that meet keys which are there: what generated bodies call where a collision is left to the run."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING

from cwc.runtime.fast import stands_for
from cwc.runtime.raised import Collision
from cwc.runtime.steps import Outputs

if TYPE_CHECKING:
    from logging import Logger

_log: Logger | None = None
"""The log of overwritten keys, once somebody has asked for it: most runs have nothing to log."""

_DEBUG, _WARNING = 10, 30
"""The levels, as in `logging`."""


_ANSWERS: dict[int, bool] = {}
_answered: Callable[..., bool] = _ANSWERS.get

logs_debug = partial(_answered, _DEBUG, True)
"""Whether overwritten keys may be logged, asked once a run: True also where the log has to be asked."""


@stands_for("asking the logger")
def share_answers(log: Logger, answers: dict[int, bool]) -> None:
    """Let a logger keep in ``answers`` whether it logs, by level, which it forgets when some level is changed.

    One that does not answer as loggers do keeps nothing there.
    """
    import logging

    if type(log).isEnabledFor is logging.Logger.isEnabledFor:
        vars(log)["_cache"] = answers


def _found_log() -> Logger:
    global _log
    import logging

    _log = logging.getLogger("cwc.flow")
    share_answers(_log, _ANSWERS)
    return _log


def warn_overwritten(message: str) -> None:
    (_log or _found_log()).warning(message)


def warn_collisions(index: int, name: str, met: Mapping[str, bool]) -> None:
    _log_collisions(_WARNING, index, name, met)


def debug_collisions(index: int, name: str, met: Mapping[str, bool]) -> None:
    # It is asked whatever is met, so that the next run knows the answer.
    if (_log or _found_log()).isEnabledFor(_DEBUG):
        _log_collisions(_DEBUG, index, name, met)


def refuse_collisions(index: int, name: str, met: Mapping[str, bool]) -> None:
    """Raise Collision naming every key whose write meets one that is there."""
    keys = [key for key, is_met in met.items() if is_met]
    if keys:
        raise Collision(index, name, keys)


def merge_warn(index: int, name: str, context: Outputs, outputs: Outputs) -> Outputs:
    """Merge outputs of which not every key is known at build time; one warning for each key they overwrite."""
    warn_collisions(index, name, {key: key in context for key in outputs})
    return {**context, **outputs}


def merge_debug(index: int, name: str, context: Outputs, outputs: Outputs) -> Outputs:
    debug_collisions(index, name, {key: key in context for key in outputs})
    return {**context, **outputs}


def merge_error(index: int, name: str, context: Outputs, outputs: Outputs) -> Outputs:
    refuse_collisions(index, name, {key: key in context for key in outputs})
    return {**context, **outputs}


def _log_collisions(level: int, index: int, name: str, met: Mapping[str, bool]) -> None:
    keys = [key for key, is_met in met.items() if is_met]
    if keys and (log := _log or _found_log()).isEnabledFor(level):
        for key in keys:
            log.log(level, "Step %d (%s): context key '%s' overwritten", index, name, key)
