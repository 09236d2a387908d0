"""Configurations that are not as they should be."""
# ruff: noqa: E501

from __future__ import annotations

import os

from tests.unit.cli.bad_inputs.row import Row


def configured(name: str, text: str | bytes, *arguments: str) -> Row:
    return Row(f"configuration: {name}", arguments or ("build",), {"pyproject.toml": text})


TOOLS = 'tools = ["tools"]\n'
SETTINGS = (
    "flows = 5", 'flows = [""]', "flows = [5]", 'flows = ["nowhere"]', 'flows = ["a\\u0000b"]', "out = 5", 'out = ""',
    'out = "tools.py"', 'out = "."', 'out = ".."', 'out = "/dev/null/x"', 'out = "flows"', 'tools = "tools"', "tools = [5]",
    'tools = ["nowhere"]', 'tools = [""]', 'tools = ["tools.py"]', 'tools = ["flows/tools"]', 'tools = ["../tools"]',
    'tools = ["class"]', 'tools = [".tools"]', 'tools = ["flows"]', 'tools = ["tools", "tools"]', 'tools = ["tools.double"]',
    'tools = ["os"]', 'tools = ["ｔools"]', 'lane = "sideways"', "lane = []", "max_step_concurrency = 0",
    'max_step_concurrency = "many"', "max_step_concurrency = 1.5", "strict = 1", 'strict_types = "yes"', 'schedule = "never"',
    'async_constructs = ["everything"]', 'schema_ref_modules = "tools"', "schema_ref_modules = [5]", "severity = []",
    'severity = {nope = "error"}', 'severity = {CWC405 = "loud"}', "severity = {CWC405 = 5}", "contract = 5", "flow = 5",
    "flow = {x = 5}", 'flow = {nope = {lane = "sync"}}', "unheard_of = 1", 'Tools = ["tools"]',
)  # fmt: skip

ROWS = (
    *(
        configured(setting, f"[tool.cwc]\n{setting}\n" + TOOLS * ("tools =" not in setting.lower()))
        for setting in SETTINGS
    ),
    configured("broken", "[tool.cwc\n"),
    configured("a key twice", "[tool.cwc]\nout = 'a'\nout = 'b'\n"),
    configured("tool is no table", "tool = 5\n"),
    configured("cwc is no table", "[tool]\ncwc = 5\n"),
    configured("cwc is a list of tables", "[[tool.cwc]]\n"),
    configured("not UTF-8", b"[tool.cwc]\n# \xff\n"),
    configured("a byte order mark", b"\xef\xbb\xbf[tool.cwc]\n"),
    configured("NUL", "[tool.cwc]\n# \0\n"),
    configured("empty", ""),
    configured("nested", "x = " + "[" * 50_000),
    configured("digits", "[tool.cwc]\nx = " + "9" * 5000),
    configured("large", b"#" * (17 * 2**20)),
    Row("configuration: a folder", files={"pyproject.toml": None}, prepare=lambda: os.mkdir("pyproject.toml")),
    Row("configuration: a pipe", files={"pyproject.toml": None}, prepare=lambda: os.mkfifo("pyproject.toml")),
    Row(
        "configuration: a link to itself",
        files={"pyproject.toml": None},
        prepare=lambda: os.symlink("pyproject.toml", "pyproject.toml"),
    ),
    Row("configuration: none", files={"pyproject.toml": None}),
)
