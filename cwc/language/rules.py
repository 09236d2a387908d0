"""Rules of the flow language that are more than a type: how a model refuses a value, and types that carry a rule."""

from __future__ import annotations

import builtins
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator
from pydantic_core import PydanticCustomError

from cwc.diagnostics.model import Definition, define
from cwc.language.references import parse_reference
from cwc.syntax.quoting import quoted

BAD_REFERENCE = define("CWC114", "invalid_reference", "error", "A reference is not of the form module:qualname")

RULE = "flow_rule"
"""The Pydantic error type of every refusal."""


def refuse(
    definition: Definition, message: str, *, at: tuple[str, ...] = (), involves: tuple[str, ...] = (), help: str = ""
) -> PydanticCustomError:
    """The error by which a validator refuses a value.

    ``at`` leads from the validated value to the place of the mistake, ``involves`` names the fields of the validated
    model that the rule compares.
    """
    context = {"definition": definition, "message": message, "at": at, "involves": involves, "help": help}
    return PydanticCustomError(RULE, "{message}", context)


def _check_reference(text: str) -> str:
    reference = parse_reference(text)
    if isinstance(reference, str):
        message = f"{quoted(text)} is no reference: {reference}"
        builtin = getattr(builtins, text, None)
        is_error = isinstance(builtin, type) and issubclass(builtin, BaseException)
        help = f"write builtins:{text}" if is_error else "write module:Class, such as my_flows.models:NumberInput"
        raise refuse(BAD_REFERENCE, message, help=help)
    return text


def _in_order(value: object) -> object:
    """The order of a set depends on hashing, and what is built from a flow file must not."""
    return sorted(value, key=repr) if isinstance(value, set | frozenset) else value


ClassReference = Annotated[str, AfterValidator(_check_reference)]
"""``module:qualname``; whether it leads to a class is not known here."""

Texts = Annotated[tuple[str, ...], BeforeValidator(_in_order)]
ClassReferences = Annotated[tuple[ClassReference, ...], BeforeValidator(_in_order)]
