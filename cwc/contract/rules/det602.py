"""DET602: the time zone of the machine."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from cwc.contract.closure.facts import Object, Unknown
from cwc.contract.rules.rule import Found, Look, Rule, Use, banned, defined, lacks

_ZONES = "the time zone of the machine decides"


def _of_a_moment(use: Use) -> bool:
    """With a moment it is no clock, but a zone; without one it is a clock (DET202)."""
    return use.call is not None and not lacks(0)(use)


def _call(node: ast.AST, look: Look) -> Iterator[Found]:
    """``x.astimezone()`` and ``x.timestamp()`` of a time without zone."""
    assert isinstance(node, ast.Call)
    if not isinstance(node.func, ast.Attribute):
        return
    if node.func.attr == "timestamp" and _is_naive(node.func.value, look):
        yield Found(node, _ZONES)
    if node.func.attr != "astimezone":
        return
    zone = node.args[0] if node.args else next((each.value for each in node.keywords if each.arg == "tz"), None)
    if zone is not None and not (isinstance(zone, ast.Constant) and zone.value is None):
        return
    facts = look.facts(node.func.value)
    if not any(isinstance(fact, Object) for fact in facts) and (facts or Unknown() in facts):
        yield Found(node, _ZONES)


def _is_naive(node: ast.expr, look: Look) -> bool:
    """``datetime(…)`` without a zone."""
    if not isinstance(node, ast.Call) or "datetime.datetime" not in look.names(node.func):
        return False
    has_zone = len(node.args) > 7 or any(keyword.arg in ("tzinfo", None) for keyword in node.keywords)
    return not has_zone and not any(isinstance(each, ast.Starred) for each in node.args)


RULE = Rule(
    definition=defined("DET602", "local_timezone", "warning", "The time zone of the machine decides"),
    instead="name the zone: `tz=UTC`, `astimezone(zone)`, `calendar.timegm`",
    members={
        **banned("datetime.datetime.fromtimestamp", when=lacks(1, "tz")),
        **banned("time.localtime time.ctime", when=_of_a_moment),
        **banned(
            "time.mktime time.tzname time.timezone time.altzone time.daylight time.tzset tzlocal.* dateutil.tz.tzlocal"
        ),
        **banned("datetime.date.fromtimestamp"),
        **banned("email.utils.localtime", when=lambda use: use.call is not None and bool(use.call.args)),
    },
    heeds={ast.Call: frozenset({"timestamp", "astimezone"})},
    checks={ast.Call: _call},
)
