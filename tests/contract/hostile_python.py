"""Python files that are meant to break whoever reads them: by size, depth, encoding, or by what a constant folds to."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

DIRTY = b"import time\n\ndef now():\n    return time.time()\n"

# What cannot be read as Python, and so cannot be taken to be clean.
UNREADABLE: Mapping[str, bytes] = {
    "syntax_error": b"def f(:\n",
    "python_2": b"print 'hello'\nexec 'x = 1'\n",
    "unclosed_string": b'text = """\n',
    "tabs_and_spaces": b"if True:\n\tx = 1\n        y = 2\n",
    "not_utf_8": b"name = '\xff\xfe'\n",
    "utf_16": "x = 1\n".encode("utf-16"),
    "unknown_encoding": b"# -*- coding: no-such-encoding -*-\nx = 1\n",
    "not_a_text_encoding": b"# -*- coding: base64 -*-\nx = 1\n",
    "bom_and_another_encoding": b"\xef\xbb\xbf# -*- coding: latin-1 -*-\nx = 1\n",
    "nul": b"x = 1\x00\n",
    "nul_in_a_string": b"x = 'a\x00b'\n",
    "lone_surrogate": b"x = '\xed\xa0\x80'\n",
    "brackets": b"x = " + b"(" * 10_000 + b")" * 10_000 + b"\n",
    "lists": b"x = " + b"[" * 10_000 + b"]" * 10_000 + b"\n",
    "open_brackets": b"x = " + b"{" * 10_000,
    "blocks": "".join(f"{' ' * depth}if x:\n" for depth in range(300)).encode() + b" " * 300 + b"x\n",
    "integer": b"x = " + b"9" * 50_000 + b"\n",
    "binary": bytes(range(256)) * 8,
}
# What can be read, oddly as it is written; the clock in it is found.
READABLE: Mapping[str, bytes] = {
    "bom": b"\xef\xbb\xbf" + DIRTY,
    "latin_1": b"# -*- coding: latin-1 -*-\n# caf\xe9\n" + DIRTY,
    "encoding_in_line_2": b"#!/usr/bin/env python\n# vim: set fileencoding=cp1252 :\nx = '\x80'\n" + DIRTY,
    "carriage_returns": DIRTY.replace(b"\n", b"\r\n"),
    "old_mac": DIRTY.replace(b"\n", b"\r"),
    "form_feed": b"\x0c\n" + DIRTY,
    "no_last_newline": DIRTY.rstrip(b"\n"),
    "line_separators_in_text": "x = '\u2028\u2029\x85\x0b\x1c'\n".encode() + DIRTY,
    "continuations": b"import time\n\ndef now():\n    return time \\\n        . \\\n        time()\n",
    "semicolons": b"import time; now = lambda: time.time()\n",
    "a_long_line": b"TABLE = [" + b"1, " * 50_000 + b"]\n" + DIRTY,
    "long_comments": b"# nothing to see here, and more of the same\n" * 120_000 + DIRTY,
    "many_functions": b"".join(b"def f%d(x):\n    return f%d(x)\n" % (n, (n + 1) % 3000) for n in range(3000)) + DIRTY,
    "deep_attribute": b"def f(x):\n    return x" + b".a" * 300 + b"\n" + DIRTY,
    "deep_call": b"def f(x):\n    return x" + b"()" * 300 + b"\n" + DIRTY,
    "a_long_sum": b"x = " + b" + ".join([b"1"] * 300) + b"\n" + DIRTY,
    "a_long_text_sum": b"x = " + b" + ".join([b"'a'"] * 300) + b"\n" + DIRTY,
    "many_elifs": b"def f(x):\n    if x: pass\n" + b"    elif x: pass\n" * 300 + DIRTY,
    "deep_lambdas": b"f = " + b"lambda: " * 90 + b"1\n" + DIRTY,
    "self": b"x = x\nclass A(A): pass\nf = f()\ndef g(h=g): return g(g)\n" + DIRTY,
    "itself_in_itself": b"a = []\na.append(a)\na[0] = a\nb = {'b': a}\nb['b'] = b\nb['b']['b']['b']()\n" + DIRTY,
    "doubling_tuples": b"x0 = (print, len)\n"
    + b"".join(b"x%d = (x%d, x%d)\n" % (n + 1, n, n) for n in range(200))
    + DIRTY,
    "doubling_calls": b"def f0(x): return x\n"
    + b"".join(b"def f%d(x): return f%d(f%d(x))\n" % (n + 1, n, n) for n in range(60))
    + b"f60(print)\n"
    + DIRTY,
    "doubling_choices": b"x0 = print\n" + b"".join(b"x%d = x%d or x%d\n" % (n + 1, n, n) for n in range(200)) + DIRTY,
    "doubling_classes": b"class C0: pass\n"
    + b"".join(b"class C%d(C%d):\n    up = C%d\n" % (n + 1, n, n) for n in range(200))
    + DIRTY,
    "everyone_calls_everyone": b"".join(
        b"def f%d(x):\n    return " % n + b", ".join(b"f%d(x)" % m for m in range(60)) + b"\n" for n in range(60)
    )
    + DIRTY,
    "folding_a_power": b"import time\ngetattr(time, str(9 ** 9 ** 9))\n" + DIRTY,
    "folding_a_repeat": b"import time\ngetattr(time, 'x' * 10 ** 12)\n" + DIRTY,
    "folding_a_shift": b"import time\ngetattr(time, chr(1 << 10 ** 12))\n" + DIRTY,
    "folding_a_width": b"import time\ngetattr(time, f\"{'x':1000000000000}\")\n" + DIRTY,
    "folding_a_percent": b"import time\ngetattr(time, '%1000000000000d' % 1)\n" + DIRTY,
    "folding_a_format": b"import time\ngetattr(time, '{:1000000000000}'.format(1))\n" + DIRTY,
    "folding_a_join": b"import time\ngetattr(time, ''.join(['x'] * 10 ** 12))\n" + DIRTY,
    "folding_a_replace": b"import time\nx = 'a'\n"
    + b"".join(b"x = x.replace('a', 'aaaaaaaaaa')\n" for _ in range(20))
    + b"getattr(time, x)\n"
    + DIRTY,
    "folding_doubled_text": b"import time\nx0 = 'a'\n"
    + b"".join(b"x%d = x%d + x%d\n" % (n + 1, n, n) for n in range(60))
    + b"getattr(time, x60)\n"
    + DIRTY,
}

# What one version of Python can read and another cannot: read, or refused, or too large; never taken to be clean.
EITHER: Mapping[str, bytes] = {
    "deep_attribute": b"def f(x):\n    return x" + b".a" * 50_000 + b"\n" + DIRTY,
    "deep_call": b"def f(x):\n    return x" + b"()" * 50_000 + b"\n" + DIRTY,
    "deep_minus": b"x = " + b"-" * 50_000 + b"1\n" + DIRTY,
    "a_long_sum": b"x = " + b" + ".join([b"1"] * 50_000) + b"\n" + DIRTY,
    "a_long_power": b"x = " + b" ** ".join([b"1"] * 5_000) + b"\n" + DIRTY,
    "many_elifs": b"def f(x):\n    if x: pass\n" + b"    elif x: pass\n" * 20_000 + DIRTY,
    "deep_lambdas": b"f = " + b"lambda: " * 5_000 + b"1\n" + DIRTY,
    "deep_conditions": b"x = " + b"1 if 1 else " * 5_000 + b"1\n" + DIRTY,
    "deep_blocks": "".join(f"{' ' * depth}if x:\n" for depth in range(99)).encode() + b" " * 99 + b"x\n" + DIRTY,
}
FIVE_MEGABYTES = b"TABLE = [\n" + b"    ('key', 1, 2.5, None),\n" * 200_000 + b"]\n" + DIRTY


def write_files(folder: Path, files: Mapping[str, bytes]) -> None:
    for name, data in files.items():
        (folder / f"{name}.py").write_bytes(data)


def write_odd_places(folder: Path) -> None:
    """Links that lead nowhere or round in circles, and things named like modules that are no files."""
    (folder / "clean.py").write_text("ONE = 1\n")
    (folder / "around").symlink_to(folder, target_is_directory=True)
    (folder / "itself.py").symlink_to("itself.py")
    (folder / "dangling.py").symlink_to("nowhere.py")
    (folder / "endless.py").symlink_to("/dev/zero")
    (folder / "folder.py").mkdir()
    (folder / "folder.py" / "inner.py").write_text("ONE = 1\n")
    os.mkfifo(folder / "pipe.py")
