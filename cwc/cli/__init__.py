"""The command line. Verbs live in modules of their own that are imported when they are used."""

from __future__ import annotations

import os
import sys


def main() -> None:
    """Run `cwc`. Exit codes: 0 clean, 1 an error remains, 2 usage or project error, 3 a bug in cwc, 130 Ctrl-C."""
    import gc

    from cwc.cli.group import cwc

    # A build makes many objects and drops few of them: looking for garbage as often as usual would find none.
    gc.set_threshold(100_000, 50, 100)
    try:
        cwc(prog_name="cwc", standalone_mode=True)
    except Exception as error:
        if os.environ.get("CWC_DEBUG"):
            raise
        _report_bug(error)


def _report_bug(error: Exception) -> None:
    import traceback

    last = traceback.extract_tb(error.__traceback__)[-1]
    sys.stderr.write(
        f"cwc: internal error, please report: {type(error).__name__}: {error} ({last.name}, line {last.lineno})\n"
        "cwc: set CWC_DEBUG=1 to see where it came from\n"
    )
    sys.exit(3)
