"""What is raised for a value that would not come back from a record as it was."""

from __future__ import annotations


class NotKept(Exception):
    """A value that would not come back the same. The text says why, ``tokens`` lead to it, the last one first."""

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail
        self.tokens: list[str] = []

    @property
    def pointer(self) -> str:
        """The JSON pointer (RFC 6901) to the value."""
        return "".join("/" + token.replace("~", "~0").replace("/", "~1") for token in reversed(self.tokens))
