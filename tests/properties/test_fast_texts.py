"""Texts and answers that are found the short way are those of the long one."""

from __future__ import annotations

import logging
from functools import partial
from typing import Any

from hypothesis import event, given
from hypothesis import strategies as st

from cwc.runtime.collisions import share_answers
from cwc.runtime.stores.encoding import flat_text, packed_text

PLAINEST = (
    st.none() | st.booleans() | st.integers() | st.sampled_from((2**63 - 1, -(2**63), 2**63)) | st.text('a"\\\n\x7f')
)


@given(st.dictionaries(st.text('ab$"é', max_size=3), PLAINEST | st.floats() | st.text() | st.lists(st.none())))
def test_the_text_of_a_flat_dict_is_that_of_packing_it(value: dict[str, Any]) -> None:
    text = flat_text(value)
    event("another way" if text is None else "flat")
    assert text is None or text == packed_text(value)


LEVELS = st.sampled_from((logging.NOTSET, logging.DEBUG, logging.INFO))


@given(st.lists(st.tuples(st.sampled_from(("own", "above", "all", "disabled", "ask")), LEVELS), max_size=8))
def test_a_logger_is_told_what_it_would_log(changes: list[tuple[str, int]]) -> None:
    above, log = logging.Logger("above", logging.DEBUG), logging.Logger("above.own")
    log.parent, above.parent = above, None
    log.manager = above.manager = manager = logging.Manager(logging.RootLogger(logging.WARNING))
    manager.loggerDict.update(above=above, own=log)
    answers: dict[int, bool] = {}
    share_answers(log, answers)
    may_log = partial(answers.get, logging.DEBUG, True)
    for what, level in changes:
        match what:
            case "own":
                log.setLevel(level)
            case "above":
                above.setLevel(level)
            case "all":
                manager.disable = level
                manager._clear_cache()  # type: ignore[attr-defined]
            case "disabled":
                log.disabled = bool(level)
            case _:
                log.isEnabledFor(logging.DEBUG)
        assert may_log() or not log.isEnabledFor(logging.DEBUG)
        logs = log.isEnabledFor(logging.DEBUG)
        # What it does not know it has learnt now.
        assert may_log() == logs or log.disabled


def test_a_logger_of_a_class_of_its_own_is_asked() -> None:
    class Switched(logging.Logger):
        logs = False

        def isEnabledFor(self, level: int) -> bool:
            return self.logs

    log = Switched("switched", logging.DEBUG)
    answers: dict[int, bool] = {}
    share_answers(log, answers)
    assert not log.isEnabledFor(logging.DEBUG)
    assert answers == {}
