"""DET202: the time of day and other clocks."""

from __future__ import annotations

import ast

from cwc.contract.rules.rule import Rule, Use, banned, defined, lacks


def _says_now(use: Use) -> bool:
    """``numpy.datetime64("now")``."""
    return use.call is not None and any(
        isinstance(each, ast.Constant) and each.value in ("now", "today") for each in use.call.args
    )


RULE = Rule(
    definition=defined("DET202", "wall_clock", "error", "A clock is read"),
    instead="inject `now` as an input of the flow",
    members={
        **banned("""
            time.time time.time_ns time.monotonic time.monotonic_ns time.perf_counter time.perf_counter_ns
            time.process_time time.process_time_ns time.thread_time time.thread_time_ns time.clock_gettime
            time.clock_gettime_ns time.clock datetime.datetime.now datetime.datetime.utcnow datetime.datetime.today
            datetime.date.today asyncio.AbstractEventLoop.time email.utils.make_msgid
            pendulum.now pendulum.today pendulum.yesterday pendulum.tomorrow arrow.now arrow.utcnow arrow.Arrow.now
            arrow.Arrow.utcnow pandas.Timestamp.now pandas.Timestamp.today pandas.Timestamp.utcnow pandas.Period.now
            django.utils.timezone.now django.utils.timezone.localtime whenever.Instant.now maya.now delorean.utcnow
            os.times resource.getrusage timeit.* sched.scheduler asyncio.Loop.time freezegun.* moment.now
            anyio.current_time trio.current_time
        """),
        **banned("time.localtime time.gmtime time.ctime time.asctime", when=lacks(0)),
        **banned("time.strftime", when=lacks(1, "t")),
        **banned("email.utils.formatdate", when=lacks(0, "timeval")),
        **banned("email.utils.localtime", when=lacks(0, "dt")),
        **banned("numpy.datetime64 pandas.Timestamp pandas.to_datetime", when=_says_now),
    },
)  # fmt: skip
