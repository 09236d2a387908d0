"""Texts that would do harm if they got out of their quotes, and every place of a flow that can hold text."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable
from typing import Any

CANARY: list[str] = []
"""What runs when a text gets out of its quotes appends to this list."""

SING = "__import__('tests.properties.hostile',fromlist=['x']).CANARY.append('sung')"

TEXTS = (
    SING, f"'+{SING}+'", f'"+{SING}+"', f"'''+{SING}+'''", f'"""+{SING}+"""', f"\\'+{SING}+\\'", f"\\\\'+{SING}#",
    f"\n{SING}\n", f"\r{SING}\r", f"\r\n{SING}", f"\x0b{SING}", f"\x0c{SING}", f"\x1c{SING}", f"\x85{SING}",
    f"\u2028{SING}", f"\u2029{SING}", f"# \n{SING}", f"x\n    {SING}", f"');{SING};('", f"\");{SING};(\"",
    f"{{{{ {SING} }}}}", f"{{% set x = {SING} %}}", "{{ 7 * 7 }}", "{# comment #}", "{{ plan.__class__ }}", "{0}", "{}",
    "{plan}", "{0.__class__.__mro__}", "%s", "%(x)s", "$x", f"f'{{{SING}}}'", "\x00", "a\x00b", "\ud800",
    "\udfff\ud800",
    "\\", "\\\\", "\\n", "\\x41", "\\u0041", "\\N{BULLET}", "'", '"', "'''", '"""', "`id`", "$(id)", "../../etc/passwd",
    "/etc/passwd", "..", ".", "C:\\x", "con", "a/b", "~", "class", "None", "lambda", "import", "match", "json", "os",
    "sys", "random", "__builtins__", "__import__", "__class__", "_", "9", "ｅｖａｌ", "ｏｓ", "ﬁ", "K", "日本語", "é",
    "e\u0301", "\u202e}{", "\u200b", "\ufeff", "😀", "", " ", "\t", "fallback:", "builtins:eval", "os:system",
    "tools:double", "fallback:double", "#@0 call", "x  #@0 call", "9" * 5000, "a" * 90_000, "type: Flow",
    "&a *a", "!!python/x",
    "out_0", "step_0", "initial", "steps", "FLOW", "run", "body", "ABSENT", "clock", "bind_tool", "tool_double",
    "error", "coding: utf-7", "coding=utf-7", "-*- coding: utf-7 -*-", "vim: set fileencoding=utf-7 :",
    "coding: rot13", "coding: no-such",
)  # fmt: skip

UTF_7_TEXTS = tuple(f"+{b64encode(text.encode('utf-16-be')).decode().rstrip('=')}-" for text in TEXTS[1:6])
"""Texts that get out of their quotes where somebody reads the module as UTF-7."""


def flow() -> dict[str, Any]:
    """A flow in which every place is filled."""
    return {
        "type": "Flow",
        "name": "example",
        "version": "1.0",
        "description": "An example.",
        "on_context_collision": "overwrite",
        "steps": [
            {
                "tool_name": "double",
                "input_mapping": {"number": "number", "thing": [{"deep": "text"}]},
                "output_mapping": {"doubled": "value"},
            },
            {"tool_name": "show", "input_mapping": {"thing": "doubled"}},
        ],
    }


def _item(target: Any, part: Any) -> Any:
    return target[part]


def _at(*path: str | int) -> Callable[[dict[str, Any], str], None]:
    def put(target: Any, text: str) -> None:
        for part in path[:-1]:
            target = target.setdefault(part, {}) if isinstance(target, dict) else _item(target, part)
        target[path[-1]] = text

    return put


def _key(*path: str | int) -> Callable[[dict[str, Any], str], None]:
    def put(target: Any, text: str) -> None:
        for part in path:
            target = target[part]
        target[text] = target.pop(next(iter(target)))

    return put


def _read_back(target: dict[str, Any], text: str) -> None:
    """A key that one step writes and the next one reads."""
    target["steps"][0]["output_mapping"] = {text: "value"}
    target["steps"][1]["input_mapping"] = {"thing": text}


def _pointer(target: dict[str, Any], text: str) -> None:
    tokens = text.replace("~", "~0").replace("/", "~1")
    target["steps"][1]["input_mapping"] = {"thing": f"/{tokens}/{tokens}"}


PLACES: dict[str, Callable[[dict[str, Any], str], None]] = {
    "type": _at("type"),
    "name": _at("name"),
    "version": _at("version"),
    "description": _at("description"),
    "status": _at("status"),
    "policy": _at("on_context_collision"),
    "input schema": _at("input_schema_ref"),
    "output schema": _at("output_schema_ref"),
    "context schema": _at("context_schema_ref"),
    "dynamic parameter": lambda target, text: target.update(dynamic_params=[text]),
    "hash of a tool": lambda target, text: target.update(tool_schema_hashes={text: text}),
    "trigger condition": lambda target, text: target.update(trigger_conditions={text: [text]}),
    "owner": _at("governance", "owner"),
    "unknown field": lambda target, text: target.update({text: text}),
    "tool name": _at("steps", 0, "tool_name"),
    "unknown field of a step": lambda target, text: target["steps"][0].update({text: text}),
    "input": _key("steps", 1, "input_mapping"),
    "source": _at("steps", 1, "input_mapping", "thing"),
    "key written and read": _read_back,
    "pointer": _pointer,
    "text in a literal": _at("steps", 0, "input_mapping", "thing", 0, "deep"),
    "key in a literal": _key("steps", 0, "input_mapping", "thing", 0),
    "context key": _key("steps", 0, "output_mapping"),
    "output": _at("steps", 0, "output_mapping", "doubled"),
    "fallback": lambda target, text: target["steps"][0].update(on_error=f"fallback:{text}"),
    "on_error": _at("steps", 0, "on_error"),
    "retried error": lambda target, text: target["steps"][0].update(retry={"retryable_errors": [f"builtins:{text}"]}),
    "retried module": lambda target, text: target["steps"][0].update(retry={"retryable_errors": [f"{text}:x"]}),
    "input contract": _at("steps", 0, "input_contract"),
    "output contract": _at("steps", 0, "output_contract"),
    "candidate": lambda target, text: target["steps"][0].update(decision_candidates=["double", text]),
}
