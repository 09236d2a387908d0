"""What runs and bindings raise where they are called in a way that cannot be meant."""

from __future__ import annotations

from cwc.runtime.error_base import CwcError


class InvalidArgumentError(CwcError, TypeError):
    """An argument is not of the kind that is taken. ``wanted`` says what to pass, ``given`` what was passed."""

    code = "CWC-R037"
    message = "'{argument}' takes {wanted}, and was given {given}."

    def __init__(self, argument: str, wanted: str, given: str) -> None:
        self.argument, self.wanted, self.given = argument, wanted, given


class UnboundToolError(CwcError, KeyError):
    """Something was to be put in the place of a tool that the flow does not call. ``available`` are those it calls."""

    code = "CWC-R038"

    def __init__(self, flow_name: str, tool_name: str, available: list[str]) -> None:
        self.flow_name, self.tool_name, self.available = flow_name, tool_name, available

    def __str__(self) -> str:
        from difflib import get_close_matches

        close = get_close_matches(self.tool_name, self.available, n=1)
        meant = f"; did you mean {close[0]!r}?" if close else "."
        called = ", ".join(map(repr, self.available)) or "no tools"
        return f"Flow '{self.flow_name}' calls {called}, and not '{self.tool_name}'{meant}"
