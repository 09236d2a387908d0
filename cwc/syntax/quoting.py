"""Text of flow files as messages may show it: short, on one line, and harmless."""

from __future__ import annotations

_LONGEST = 60


def quoted(value: object) -> str:
    """``repr`` of a value, cut to about 60 characters; control characters and lone surrogates come out escaped."""
    if isinstance(value, str | bytes) and len(value) > _LONGEST:
        return repr(value[:_LONGEST]) + "..."
    shown = repr(value)
    return shown if len(shown) <= _LONGEST + 2 else shown[:_LONGEST] + "..."
