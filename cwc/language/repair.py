"""A mapping with mistakes → a model all the same: what is wrong is noted and left out, so that defaults step in."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from cwc.language.mistakes import Mistake, Path, mistake_of

Model = TypeVar("Model", bound=BaseModel)


def validate(
    model: type[Model],
    data: dict[object, object],
    fallbacks: Mapping[str, object],
    note: Callable[[Mistake], None],
) -> Model | None:
    """A model made of ``data``, after every mistake in it has been noted once and left out.

    ``data`` is changed: wrong values go, and required fields that are missing or wrong are taken from ``fallbacks``,
    whose values must be valid. None if a required field has no fallback. Each round changes something, so it ends.
    """
    noted: set[Path] = set()
    while True:
        try:
            return model.model_validate(data)
        except ValidationError as error:
            mistakes = [mistake_of(details) for details in error.errors(include_url=False)]
        # A rule that compares fields says nothing new where one of them was wrong by itself.
        for mistake in [mistake for mistake in mistakes if noted.isdisjoint((mistake.at, *mistake.involves))]:
            note(mistake)
            noted.add(mistake.at)
        changes = [_leave_out(data, mistake.at, fallbacks) for mistake in mistakes]
        if not any(changes):
            return None
        noted.update(change for change in changes if change)


def _leave_out(data: dict[object, object], at: Path, fallbacks: Mapping[str, object]) -> Path | None:
    """Remove the value at a place, or else the field that holds it; the place that was changed, if any."""
    if not at:
        return None
    field, inner = at[0], data.get(at[0])
    if len(at) > 1 and isinstance(inner, dict) and at[1] in inner:
        del inner[at[1]]
        return at[:2]
    if field in data:
        del data[field]
        return (field,)
    if field in fallbacks:
        data[field] = fallbacks[str(field)]
        return (field,)
    return None
