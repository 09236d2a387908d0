"""Parts of the output of a tool that streams."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict


class ToolChunk(BaseModel):
    """A part of a tool's output; the final one holds the output as a whole."""

    model_config = ConfigDict(frozen=True)

    data: Any
    is_final: bool = False
