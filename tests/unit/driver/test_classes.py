"""References to models and exception classes."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from cwc.driver.config import ProjectConfig
from cwc.driver.tools.classes import allowed_modules
from cwc.driver.tools.imports import forget_project_modules
from cwc.driver.tools.toolbox import resolve_references
from cwc.language.references import Reference, parse_reference
from cwc.plan.tools import ModelSpec, Toolbox, Unresolved

MODELS = """\
from pydantic import BaseModel
print("imported")
sys = 1

class Number(BaseModel):
    number: int
    class Inner(BaseModel):
        text: str

class Broken(BaseModel):
    later: "Nowhere"

class Oops(Exception): ...
class Nasty(type):
    def __getattr__(cls, name): raise RuntimeError
class Odd(metaclass=Nasty): ...
def function(): ...
"""


@pytest.fixture(autouse=True)
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "my").mkdir()
    (tmp_path / "my" / "__init__.py").touch()
    (tmp_path / "my" / "models.py").write_text(MODELS)
    (tmp_path / "my" / "broken.py").write_text("1/0")
    yield tmp_path
    forget_project_modules()


def config(tools: tuple[str, ...] = ("my.tools",), allowed: tuple[str, ...] | None = None) -> ProjectConfig:
    return ProjectConfig(root=Path.cwd(), flows=(), out=Path(), tools=tools, schema_ref_modules=allowed)


def parsed(*texts: str) -> dict[str, Reference]:
    references = {text: parse_reference(text) for text in texts}
    return {text: reference for text, reference in references.items() if isinstance(reference, Reference)}


def resolved(*models: str, errors: tuple[str, ...] = (), project: ProjectConfig | None = None) -> Toolbox:
    return resolve_references({}, parsed(*models), parsed(*errors), project or config())


def reason(text: str, *, error: bool = False, project: ProjectConfig | None = None) -> str:
    toolbox = resolved(errors=(text,), project=project) if error else resolved(text, project=project)
    found = (toolbox.errors if error else toolbox.models)[text]
    assert isinstance(found, Unresolved)
    return found.reason


def test_models_and_errors_are_found(capfd: pytest.CaptureFixture[str]) -> None:
    toolbox = resolved(
        "my.models:Number",
        "my.models:Number.Inner",
        errors=("my.models:Oops", "builtins:ValueError", "cwc.runtime.errors:ToolTimeoutError"),
    )
    names = [found.name for found in toolbox.models.values() if isinstance(found, ModelSpec)]
    assert names == ["Number", "Inner"]
    assert toolbox.errors["builtins:ValueError"] is ValueError
    assert toolbox.errors["my.models:Oops"] is sys.modules["my.models"].Oops
    assert all(isinstance(found, type) for found in toolbox.errors.values())
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("my.modles:Number", "there is no module 'my.modles'"),
        ("my.broken:Number", "module 'my.broken' cannot be imported, ZeroDivisionError: division by zero"),
        ("my.models:Numbr", "'my.models' has no 'Numbr'; did you mean 'Number'?"),
        ("my.models:Number.Iner", "'my.models.Number' has no 'Iner'; did you mean 'Inner'?"),
        ("my.models:Odd.thing", "'my.models.Odd' has no 'thing'"),
        ("my.models:function", "it is an object of 'function', not a Pydantic model"),
        ("my.models:Oops", "it is the class 'Oops', not a Pydantic model"),
        ("my.models:Broken", "Pydantic cannot complete the model, name 'Nowhere' is not defined"),
        ("os:environ", "module 'os' may not be imported; add it to schema_ref_modules in [tool.cwc]"),
        ("mystery:X", "module 'mystery' may not be imported; add it to schema_ref_modules in [tool.cwc]"),
    ],
)
def test_what_leads_to_no_model_says_why(text: str, expected: str) -> None:
    assert reason(text) == expected


def test_what_leads_to_no_exception_says_why() -> None:
    assert reason("my.models:Number", error=True) == "it is the class 'Number', not an exception class"
    assert reason("builtins:int", error=True) == "it is the class 'int', not an exception class"
    assert reason("builtins:zzzz", error=True) == "'builtins' has no 'zzzz'"
    assert reason("os:error", error=True).startswith("module 'os' may not")


def test_nothing_that_is_not_allowed_runs(root: Path) -> None:
    (root / "evil.py").write_text("import pathlib; pathlib.Path('ran').touch()")
    assert "schema_ref_modules" in reason("evil:X")
    assert not Path("ran").exists()


def test_the_allow_list_is_one_of_prefixes() -> None:
    assert allowed_modules(config()) == ("my.tools", "my", "builtins", "cwc.runtime.errors")
    assert allowed_modules(config(allowed=())) == ()
    assert "may not" in reason("my.models:Number", project=config(allowed=("my.model", "my.models.x")))
    assert isinstance(
        resolved("my.models:Number", project=config(allowed=("my.models",))).models["my.models:Number"], ModelSpec
    )


def test_without_a_project_any_module_may_be_imported() -> None:
    toolbox = resolve_references({}, parsed("pydantic:SecretStr"), parsed("os:error"), None)
    assert toolbox.errors == {"os:error": OSError}
    found = toolbox.models["pydantic:SecretStr"]
    assert isinstance(found, Unresolved)
    assert "not a Pydantic model" in found.reason
