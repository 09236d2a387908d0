"""The command line. Verbs live in modules of their own that are imported when they are used."""

from __future__ import annotations

import atexit
import os
import signal
import sys
from contextlib import suppress
from typing import NoReturn

INTERRUPTED = 130
"""The exit code after Ctrl-C: 128 and the number of SIGINT."""


def main() -> None:
    """Run `cwc`. Exit codes: 0 clean, 1 an error remains, 2 usage or project error, 3 a bug in cwc, 130 Ctrl-C."""
    # Registered first, so run last: Python gives SIGINT back to the system before it has torn down its modules.
    atexit.register(_ignore_interrupts)
    try:
        _main()
    except KeyboardInterrupt:
        _end_interrupted()


def _main() -> None:
    """What can be interrupted at any time, and raises KeyboardInterrupt then, whatever it was doing."""
    _open_streams()
    try:
        _run()
    except SystemExit as end:
        if end.code == INTERRUPTED:
            _end_at_once()
        if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
            # All is done: nothing is left to be undone, but threads that tools have begun may still be waited for.
            signal.signal(signal.SIGINT, lambda *_: _end_interrupted())
        raise
    except Exception as error:
        if os.environ.get("CWC_DEBUG"):
            raise
        if isinstance(error, OSError) and _is_of_output(error):
            _give_up_output(error)
        if isinstance(error, OSError) and not _has_folder():
            _end_without_folder()
        _report_bug(error)


def _open_streams() -> None:
    """Where an output is closed, what is written to it goes nowhere."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, "w"))  # noqa: SIM115 -- open as long as the process runs


def _run() -> None:
    import gc

    # A build makes many objects and drops few of them: looking for garbage as often as usual would find none.
    gc.set_threshold(100_000, 50, 100)

    import click

    from cwc.cli.group import cwc

    try:
        code = cwc(prog_name="cwc", standalone_mode=False)
    except click.Abort:
        raise KeyboardInterrupt from None
    except click.ClickException as error:
        error.show()
        code = error.exit_code
    sys.exit(code)


def _end_interrupted() -> NoReturn:
    """End where no verb runs, without the modules that may be half imported."""
    _ignore_interrupts()
    with suppress(OSError, ValueError):
        sys.stderr.write("cwc: interrupted\n")
    _end_at_once()


def _end_at_once() -> NoReturn:
    """Were Python to end in order, the process might still die of the signal: of a second one, and of the first if that
    had met code that is compiled at run time."""
    _ignore_interrupts()
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):
            stream.flush()
    os._exit(INTERRUPTED)


def _ignore_interrupts() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _is_of_output(error: OSError) -> bool:
    """Whether it was the standard output, or the standard error, that could not be written."""
    import traceback

    last = traceback.extract_tb(error.__traceback__)[-1]
    return last.name == "echo" and os.path.basename(os.path.dirname(last.filename)) == "click"


def _give_up_output(error: OSError) -> NoReturn:
    with open(os.devnull, "w") as nowhere, suppress(OSError):
        # What is still to be flushed at the end of the process would fail again.
        os.dup2(nowhere.fileno(), 1)
    with suppress(OSError):
        sys.stderr.write(f"cwc: cannot write the output: {(error.strerror or str(error)).lower()}\n")
    sys.exit(2)


def _has_folder() -> bool:
    """Whether there is a working directory; it may have been removed, or be out of reach."""
    try:
        os.getcwd()
    except OSError:
        return False
    return True


def _end_without_folder() -> NoReturn:
    with suppress(OSError):
        sys.stderr.write("cwc: the working directory is gone, or cannot be reached\n")
    sys.exit(2)


def _report_bug(error: Exception) -> NoReturn:
    import traceback

    last = traceback.extract_tb(error.__traceback__)[-1]
    sys.stderr.write(
        f"cwc: internal error, please report: {type(error).__name__}: {error} ({last.name}, line {last.lineno})\n"
        "cwc: set CWC_DEBUG=1 to see where it came from\n"
    )
    sys.exit(3)
