"""Command lines that ask for what cannot be."""
# ruff: noqa: E501

from __future__ import annotations

import os

from tests.unit.cli.bad_inputs.row import Row, link

FLOW = "double_and_format"
BAD_NAMES = (
    "",
    "nope",
    "nowhere.flow.yaml",
    "tools.py",
    "generated",
    "flows",
    "a\nb",
    "a\0b",
    "x" * 10_000,
    "\ud800",
    "..",
    "/dev/zero",
    "--",
)

LINES: tuple[tuple[str, ...], ...] = (
    ("chekc",), ("",), ("--nope",), ("build", "--nope"), ("build", "--jobs", "0"), ("build", "--jobs", "many"),
    ("build", "--jobs", "9" * 5000), ("build", "--max-step-concurrency", "-1"), ("build", "--lane", "x"),
    ("build", "--schedule", "x"), ("build", "--format", "x"), ("build", "--check", "--diff"), ("build", "--out"),
    ("check", "--fix", "nowhere"), ("check", "--out", "x"), ("explain", "CWC9999"), ("explain", ""),
    ("explain", "../model"), ("explain", "x" * 10_000), ("explain", "a\0b"), ("explain", "CWC101", "CWC102"),
    ("schema",), ("schema", "nope"), ("schema", "../flow"), ("flows",), ("flows", "nope"), ("flows", "list", "x"),
    ("flows", "status"), ("flows", "status", "nope", "active"), ("flows", "status", FLOW, "gone"),
    ("flows", "status", FLOW), ("flows", "accept-drift", "nope"), ("flows", "drift", "--nope"), ("runs",),
    ("runs", "list"), ("runs", "list", "--store", "nowhere.db"), ("runs", "list", "--store", "tools.py"),
    ("runs", "list", "--store", "flows"), ("runs", "list", "--store", ""), ("runs", "list", "--store", "a\0b"),
    ("runs", "resume", "x", "--store", "nowhere.db"),
    ("runs", "discard", "x", "--store", "tools.py"), ("lock", "--tools", "nowhere"), ("lock", "extra"),
    ("doctor", "extra"), ("doctor", "--format", "x"), ("import",), ("import", "nowhere"), ("import", ""),
    ("import", "tools.py"), ("import", "tools"), ("import", "a\0b"), ("import", "tools", "--to", "tools.py"),
    ("import", "tools", "--as", "x"), ("contract",), ("contract", "nowhere"), ("contract", ""), ("contract", "a\0b"),
    ("contract", "flows"), ("contract", "tools.py", "--config", "nowhere.toml"),
    ("contract", "tools.py", "--config", "tools.py"), ("contract", "tools.py", "--config", "flows"),
    ("contract", "/dev/zero"), ("contract", "x" * 10_000), ("clean", "--out", "nowhere"), ("clean", "--out", "tools.py"),
    ("clean", "--out", "/"), ("clean", "--out", "a\0b"), ("init", "tools.py"), ("init", "a\0b"), ("init", "x" * 10_000),
    ("init", "tools.py/x"), ("run",), ("run", FLOW, "--input", "{"), ("run", FLOW, "--input", ""),
    ("run", FLOW, "--input", "[]"), ("run", FLOW, "--input", "null"), ("run", FLOW, "--input", "@"),
    ("run", FLOW, "--input", "@nowhere"), ("run", FLOW, "--input", "@flows"), ("run", FLOW, "--input", "@a\0b"),
    ("run", FLOW, "--input", "@" + "x" * 10_000), ("run", FLOW, "--input", '{"number": "x"}'),
    ("run", FLOW, "--input", '{"number": 1, "number": 2}'), ("run", FLOW, "--input", '{"number": NaN}'),
    ("run", FLOW, "--input", '{"number": 1e999}'), ("run", FLOW, "--input", '{"number": ' + "9" * 5000 + "}"),
    ("run", FLOW, "--input", '{"number": ' + "9" * 4000 + "}"), ("run", FLOW, "--input", '{"number": 1, "\\ud800": "\\ud800"}'),
    ("run", FLOW, "--input", "[" * 100_000), ("run", FLOW, "--input", '{"number": 1, "x": "' + "y" * 2_000_000 + '"}'),
    ("run", FLOW, "--input", '{"a":' * 500 + "1" + "}" * 500), ("run", FLOW, "--input", '{"number": 1, "__class__": 1}'),
    ("run", FLOW, "--lane", "x"), ("run", FLOW, "--tools", "nowhere"), ("run", FLOW, "x"),
    ("run", "generated/__init__.py"), ("run", "generated/cwc-manifest.json"), ("run", "canary.py"),
    ("graph",), ("graph", FLOW, "--as", "png"), ("graph", FLOW, "--tools", "nowhere"), ("diff",), ("diff", FLOW),
    ("diff", "HEAD:flows/x.flow.yaml", FLOW), ("diff", "--upload-pack=x:y.flow.yaml", FLOW),
    ("diff", "-x:flows/double_and_format.flow.yaml", FLOW), ("diff", "a\nb:c.flow.yaml", FLOW), ("diff", FLOW, FLOW, "--format", "x"),
    ("watch", "--nope"),
)  # fmt: skip


def typed(line: tuple[str, ...]) -> str:
    """A command line, shortened, on one line."""
    text = " ".join(ascii(word)[1:-1] if word else "''" for word in line)
    return f"$ cwc {text}" if len(text) < 70 else f"$ cwc {text[:60]}... ({len(text):,})"


ROWS = (
    *(Row(typed(line), line) for line in LINES),
    *(Row(typed((verb, name)), (verb, name)) for verb in ("run", "graph") for name in BAD_NAMES),
    *(Row(typed(("diff", FLOW, name)), ("diff", FLOW, name)) for name in BAD_NAMES),
    Row("an input that is a pipe", ("run", FLOW, "--input", "@pipe"), prepare=lambda: os.mkfifo("pipe")),
    Row("an input that is a device", ("run", FLOW, "--input", "@/dev/zero")),
    Row("an input that is a link to itself", ("run", FLOW, "--input", "@l"), prepare=link("l", "l")),
    Row("an input that is not UTF-8", ("run", FLOW, "--input", "@l"), {"l": b"\xff"}),
    Row("an input with a byte order mark", ("run", FLOW, "--input", "@l"), {"l": b'\xef\xbb\xbf{"number": 1}'}),
    Row("an input of 20 MB", ("run", FLOW, "--input", "@l"), {"l": b" " * (20 * 2**20)}),
    Row("a module of syntax mistakes", ("contract", "bad.py"), {"bad.py": "def (:"}),
    Row("a module with NUL", ("contract", "bad.py"), {"bad.py": "\0"}),
    Row("a module that is not UTF-8", ("contract", "bad.py"), {"bad.py": b"\xff"}),
    Row("a module of an unknown encoding", ("contract", "bad.py"), {"bad.py": "# coding: no-such\n"}),
    Row("a module of 5,000 digits", ("contract", "bad.py"), {"bad.py": "x = " + "9" * 5000}),
    Row("a module with a byte order mark", ("contract", "bad.py"), {"bad.py": b"\xef\xbb\xbfx = 1\n"}),
    Row("a module that is a pipe", ("contract", "bad.py"), prepare=lambda: os.mkfifo("bad.py")),
    Row("a module that is a folder", ("contract", "bad.py"), prepare=lambda: os.mkdir("bad.py")),
    Row("a module that imports itself", ("contract", "bad.py"), {"bad.py": "import bad\nfrom bad import *\n"}),
    Row("a module that imports from beyond", ("contract", "bad.py"), {"bad.py": "from ....... import x\n"}),
    Row("a broken contract.toml", ("contract", "tools.py", "--config", "c.toml"), {"c.toml": "["}),
    Row("a contract.toml of wrong types", ("contract", "tools.py", "--config", "c.toml"), {"c.toml": "contract = 5\nroots = {}\n"}),
    Row("a flow of drawn mistakes", ("graph", "flows/bad.flow.yaml"), {"flows/bad.flow.yaml": "type: Flow\nname: x\nsteps: 5\n"}),
    Row("a drawing of what is no YAML", ("graph", "flows/bad.flow.yaml"), {"flows/bad.flow.yaml": "{"}),
    Row("a store that is empty", ("runs", "list", "--store", "s.db"), {"s.db": ""}),
    Row("a store of another program", ("runs", "list", "--store", "s.db"), {"s.db": b"SQLite format 3\0" + bytes(4080)}),
)  # fmt: skip

BOTTOMLESS = (
    Row("a module nested deeply", ("contract", "bad.py"), {"bad.py": "(" * 5000 + ")" * 5000}),
    Row("a module of many operators", ("contract", "bad.py"), {"bad.py": "x = " + "-" * 20_000 + "1"}),
    Row("a module of a long sum", ("contract", "bad.py"), {"bad.py": "x = 1" + "+1" * 20_000}),
    Row("a module of a long chain", ("contract", "bad.py"), {"bad.py": "x" + ".y" * 20_000}),
    Row("a module of many elifs", ("contract", "bad.py"), {"bad.py": "if x: pass\n" + "elif x: pass\n" * 3000}),
)  # fmt: skip
