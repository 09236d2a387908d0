"""What a tool may do to the world outside, and how it behaves when it is called again."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, model_validator

SideEffects = Literal["none", "read", "write", "external", "destructive"]
Stability = Literal["stable", "best_effort", "unstable"]
Determinism = Literal["full", "partial", "none"]

_READING = ("none", "read")


class Safety(BaseModel):
    """What a tool declares of its effects. The defaults are those of a pure function.

    ``side_effects`` goes from none to destructive. ``read_only`` follows from it where it is left out, and must agree
    with it where it is not. ``requires_review`` is an older name of ``requires_approval``. Contradictions and unknown
    names raise pydantic.ValidationError.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    side_effects: SideEffects = "none"
    read_only: bool = True
    stability: Stability = "stable"
    determinism_level: Determinism = "full"
    idempotent: bool = True
    cacheable: bool = True
    safe_to_retry: bool = True
    supports_dry_run: bool = False
    requires_approval: bool = False
    approval_reason: str | None = None

    @classmethod
    def of(cls, contract: object) -> Self:
        """A declaration with the values of any object of these attributes; ValueError without side_effects."""
        if isinstance(contract, cls):
            return contract
        if not hasattr(contract, "side_effects"):
            raise ValueError(f"{contract!r} is no declaration of safety")
        return cls.model_validate(
            {name: _plain(getattr(contract, name)) for name in cls.model_fields if hasattr(contract, name)}
        )

    @model_validator(mode="before")
    @classmethod
    def _complete(cls, data: object) -> object:
        if not isinstance(data, dict):
            return data
        given = dict(data)
        if "requires_review" in given:
            legacy = given.pop("requires_review")
            if given.setdefault("requires_approval", legacy) != legacy:
                raise ValueError("requires_review and requires_approval contradict each other")
        given.setdefault("read_only", given.get("side_effects", "none") in _READING)
        return given

    @model_validator(mode="after")
    def _agree(self) -> Self:
        if self.read_only != (self.side_effects in _READING):
            raise ValueError(f"read_only={self.read_only} contradicts side_effects={self.side_effects!r}")
        return self


def declared_safety(
    safety: object | None,
    *,
    cacheable: bool = True,
    read_only: bool | None = None,
    idempotent: bool | None = None,
    safe_to_retry: bool | None = None,
) -> Safety:
    """The safety of a tool from a declaration, if there is one, and the shorthands, where they are not None.

    A shorthand adds to a declaration that is silent on its field; where the declaration speaks they must agree. Without
    a declaration ``read_only`` stands for side effects of ``read`` or ``write``. A tool is cacheable if both say so.
    Raises ValueError on contradictions.
    """
    fields: dict[str, object] = {}
    if safety is not None:
        declared = Safety.of(safety)
        fields = {name: getattr(declared, name) for name in declared.model_fields_set}
    elif read_only is not None:
        fields["side_effects"] = "read" if read_only else "write"
    shorthands = {"read_only": read_only, "idempotent": idempotent, "safe_to_retry": safe_to_retry}
    for name, value in shorthands.items():
        if value is not None and fields.setdefault(name, value) != value:
            raise ValueError(f"{name}={value} contradicts {name}={fields[name]} of its safety")
    fields["cacheable"] = cacheable and fields.get("cacheable", True)
    return Safety.model_validate(fields)


def _plain(value: object) -> object:
    """The value of an enumeration's member; anything else as it is."""
    return getattr(value, "value", value)
