"""References to classes, ``module:qualname`` → the classes, as far as the project lets their modules be imported."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from contextlib import nullcontext
from dataclasses import dataclass, replace
from difflib import get_close_matches
from pathlib import Path

from pydantic import BaseModel

from cwc.driver.config import ProjectConfig
from cwc.driver.tools.imports import ImportFailure, foreign_code, import_module, importing_from
from cwc.driver.unlisted import unlisted_module
from cwc.language.references import Reference
from cwc.plan.shapes import describe_model
from cwc.plan.tools import ModelSpec, Toolbox, ToolSpec, Unresolved


def resolve_references(
    specs: Mapping[str, ToolSpec],
    models: Mapping[str, Reference],
    errors: Mapping[str, Reference],
    config: ProjectConfig | None,
) -> Toolbox:
    """The toolbox of the tools ``specs`` and of references, by their text, to models and to exception classes.

    Of a project, only modules that `allowed_modules` names, or whose packages it names, are imported, from its root
    first; without a project, any. What modules print is dropped. What cannot be resolved says why.
    """
    root = None if config is None else config.root
    by_tools = config is not None and config.schema_ref_modules is None
    lookup = _Lookup(root, None if config is None else allowed_modules(config), by_tools)
    with nullcontext() if root is None else importing_from(root):
        return Toolbox(
            tools=specs,
            models={text: _model(lookup.find(models[text])) for text in sorted(models)},
            errors={text: _error(lookup.find(errors[text])) for text in sorted(errors)},
        )


def allowed_modules(config: ProjectConfig) -> tuple[str, ...]:
    """The prefixes of modules that references may import: as configured, else those of the tools and exceptions."""
    if config.schema_ref_modules is not None:
        return config.schema_ref_modules
    packages = (name.partition(".")[0] for name in config.tools)
    return tuple(dict.fromkeys((*config.tools, *packages, "builtins", "cwc.runtime.errors")))


def refusal_of(module: str, allowed: Collection[str]) -> Unresolved | None:
    """Why a module may not be imported, or None if it may."""
    if any(f"{module}.".startswith(f"{prefix}.") for prefix in allowed):
        return None
    why = f"module {module!r} may not be imported; add it to schema_ref_modules in [tool.cwc]"
    return Unresolved(why, by_settings=True)


@dataclass(frozen=True, slots=True)
class _Lookup:
    """``by_tools``: the modules of tools decide which may be imported."""

    root: Path | None
    allowed: Collection[str] | None
    by_tools: bool = False

    def find(self, reference: Reference) -> object:
        """What a reference names, or `Unresolved`."""
        module = reference.module
        if self.allowed is not None and (refused := refusal_of(module, self.allowed)) is not None:
            return self._with_remedy(module, refused)
        value: object
        value, _ = import_module(module, self.root)
        if isinstance(value, ImportFailure):
            return Unresolved(
                value.reason if value.missing else f"module {module!r} cannot be imported, {value.reason}"
            )
        path = module
        *_, last = parts = reference.qualname.split(".")
        for part in parts:
            try:
                with foreign_code():
                    value = getattr(value, part)
            except Exception:
                close = _close(value, part)
                hint = "" if close is None else f"; did you mean {close!r}?"
                return Unresolved(f"{path!r} has no {part!r}{hint}", close if part is last else None)
            path = f"{path}.{part}"
        return value

    def _with_remedy(self, module: str, refused: Unresolved) -> Unresolved:
        """What is said of a module that may not be imported, where it is one of tools that nobody has named."""
        file = unlisted_module(module, self.root) if self.by_tools and self.root is not None else None
        if file is None:
            return refused
        why = f"module {module!r} may not be imported; {file!r} has tools: add {module!r} to tools in [tool.cwc]"
        return replace(refused, reason=why)


def _close(value: object, part: str) -> str | None:
    """The public name in a module or class that is closest to one that it does not have."""
    close = get_close_matches(part, [name for name in getattr(value, "__dict__", ()) if not name.startswith("_")], n=1)
    return close[0] if close else None


def _model(value: object) -> ModelSpec | Unresolved:
    if isinstance(value, Unresolved):
        return value
    if not (isinstance(value, type) and issubclass(value, BaseModel)):
        return Unresolved(f"it is {_kind(value)}, not a Pydantic model")
    try:
        with foreign_code():
            return describe_model(value)
    except Exception as error:
        return Unresolved("Pydantic cannot complete the model, " + str(error).partition("\n")[0])


def _error(value: object) -> type[BaseException] | Unresolved:
    if isinstance(value, Unresolved):
        return value
    if isinstance(value, type) and issubclass(value, BaseException):
        return value
    return Unresolved(f"it is {_kind(value)}, not an exception class")


def _kind(value: object) -> str:
    return f"the class {value.__name__!r}" if isinstance(value, type) else f"an object of {type(value).__name__!r}"
