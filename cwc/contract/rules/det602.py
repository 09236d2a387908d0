"""DET602: the time zone of the machine."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from cwc.contract.closure.facts import Object, Unknown
from cwc.contract.rules.rule import Found, Look, Rule, banned, defined, lacks

_ZONES = "the time zone of the machine decides"


def _call(node: ast.AST, look: Look) -> Iterator[Found]:
    """``x.astimezone()`` and ``x.timestamp()`` of a time without zone."""
    assert isinstance(node, ast.Call)
    if not isinstance(node.func, ast.Attribute) or node.func.attr != "astimezone":
        return
    zone = node.args[0] if node.args else next((each.value for each in node.keywords if each.arg == "tz"), None)
    if zone is not None and not (isinstance(zone, ast.Constant) and zone.value is None):
        return
    facts = look.facts(node.func.value)
    if not any(isinstance(fact, Object) for fact in facts) and (facts or Unknown() in facts):
        yield Found(node, _ZONES)


RULE = Rule(
    definition=defined("DET602", "local_timezone", "warning", "The time zone of the machine decides"),
    instead="name the zone: `tz=UTC`, `astimezone(zone)`, `calendar.timegm`",
    members={
        **banned("datetime.datetime.fromtimestamp", when=lacks(1, "tz")),
        **banned(
            "time.mktime time.tzname time.timezone time.altzone time.daylight time.tzset tzlocal.* dateutil.tz.tzlocal"
        ),
        **banned("datetime.date.fromtimestamp"),
        **banned("email.utils.localtime", when=lambda use: use.call is not None and bool(use.call.args)),
    },
    checks={ast.Call: _call},
)
