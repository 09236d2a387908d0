"""What a flow says of itself to people and registries. Compiled code does not depend on it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from pydantic import AliasChoices, BaseModel, ConfigDict, Field, model_validator

from cwc.diagnostics.model import define
from cwc.language.rules import Texts, refuse

CONFLICT = define("CWC116", "conflicting_fields", "error", "Two fields of a safety contract contradict each other")

Lifecycle = Literal["observed", "suggested", "draft", "reviewed", "active", "ignored", "archived"]
SideEffects = Literal["none", "read", "write", "external", "destructive"]


class Governance(BaseModel):
    """Where a flow stands in its owner's process, and what it saves (estimates, per run)."""

    # Built on first use, as all models of documents: most flows have no use for most of them.
    model_config = ConfigDict(frozen=True, defer_build=True)

    lifecycle: Lifecycle = "active"
    owner: str | None = None
    replaces_tools: Texts = ()
    estimated_model_calls_removed: int = Field(default=0, ge=0)
    estimated_token_savings: int | None = Field(default=None, ge=0)
    reviewed_by: str | None = None
    review_notes: str | None = None


class Safety(BaseModel):
    """What running a flow may do to the world. ``side_effects`` rises from none to destructive.

    ``read_only`` follows from ``side_effects`` where it is left out; ``requires_review`` is an older name of
    ``requires_approval``.
    """

    model_config = ConfigDict(frozen=True, defer_build=True)

    side_effects: SideEffects = "none"
    read_only: bool = True
    stability: Literal["stable", "best_effort", "unstable"] = "stable"
    determinism_level: Literal["full", "partial", "none"] = "full"
    idempotent: bool = True
    cacheable: bool = True
    safe_to_retry: bool = True
    supports_dry_run: bool = False
    requires_approval: bool = Field(
        default=False, validation_alias=AliasChoices("requires_approval", "requires_review")
    )
    approval_reason: str | None = None

    @model_validator(mode="before")
    @classmethod
    def _complete(cls, data: object) -> object:
        if not isinstance(data, Mapping):
            return data
        if (
            "requires_review" in data
            and data.get("requires_approval", data["requires_review"]) != data["requires_review"]
        ):
            message = "'requires_review' is the older name of 'requires_approval', and the two disagree"
            raise refuse(CONFLICT, message, at=("requires_review",), involves=("requires_approval",))
        return data if "read_only" in data else {**data, "read_only": data.get("side_effects", "none") in _READING}

    @model_validator(mode="after")
    def _agree(self) -> Safety:
        if self.read_only is not (self.side_effects in _READING):
            message = f"'read_only' is {str(self.read_only).lower()}, but the side effects are {self.side_effects!r}"
            raise refuse(
                CONFLICT,
                message,
                at=("read_only",),
                involves=("side_effects",),
                help="leave 'read_only' out: it follows",
            )
        return self


_READING = ("none", "read")
