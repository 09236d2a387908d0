"""DET404: who finishes first."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from cwc.contract.closure.facts import Unknown
from cwc.contract.rules.rule import Found, Look, Rule, banned, defined

_METHODS = frozenset({"imap_unordered", "as_completed"})


def _attributes(node: ast.AST, look: Look) -> Iterator[Found]:
    assert isinstance(node, ast.Attribute)
    if node.attr in _METHODS and all(isinstance(fact, Unknown) for fact in look.facts(node.value)):
        yield Found(node, f"`{node.attr}` gives results as they come")


def _calls(node: ast.AST, look: Look) -> Iterator[Found]:
    """A callback that collects results collects them in the order in which tasks finish."""
    assert isinstance(node, ast.Call)
    if not isinstance(node.func, ast.Attribute) or node.func.attr != "add_done_callback" or not node.args:
        return
    callback = node.args[0]
    body = callback.body if isinstance(callback, ast.Lambda) else callback
    collects = body.func if isinstance(body, ast.Call) else body
    if isinstance(collects, ast.Attribute) and collects.attr in ("append", "extend", "put_nowait", "insert"):
        yield Found(node, "results are collected as they come")


RULE = Rule(
    definition=defined("DET404", "completion_order", "error", "Results come in the order in which something finishes"),
    instead="use `asyncio.gather`, whose results keep the order of what it was given",
    members=banned("""
        asyncio.wait asyncio.as_completed asyncio.FIRST_COMPLETED asyncio.FIRST_EXCEPTION
        concurrent.futures.as_completed
        concurrent.futures.wait concurrent.futures.FIRST_COMPLETED concurrent.futures.FIRST_EXCEPTION
        asyncio.Queue asyncio.LifoQueue asyncio.PriorityQueue queue.Queue queue.SimpleQueue queue.LifoQueue
        multiprocessing.connection.wait anyio.create_memory_object_stream trio.open_memory_channel
        anyio.as_completed
    """),
    heeds={ast.Attribute: _METHODS, ast.Call: frozenset({"add_done_callback"})},
    checks={ast.Attribute: _attributes, ast.Call: _calls},
)
