"""Errors: codes, texts, copies, and that docs/errors.md lists them all."""

from __future__ import annotations

import copy
import inspect
import pickle
import re
from pathlib import Path
from typing import Any

import pytest

from cwc.runtime import errors
from cwc.runtime.errors import CwcError, error_code_of
from cwc.runtime.results import ExecutionResult

DOCUMENT = Path(__file__).parents[3] / "docs" / "errors.md"
KINDS = sorted(
    (kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, CwcError)),
    key=lambda kind: kind.code,
)
SAMPLES: dict[str, Any] = {
    "step_index": 3,
    "timeout_seconds": 0.5,
    "timeout_s": 0.5,
    "size": 20,
    "max_size": 10,
    "budget": 4,
    "found": 1,
    "expected": 2,
    "keys": ["value", "text"],
    "available": ["value"],
    "unsupported": ["step 0: branches"],
    "undeclared": ["speed"],
    "deadline_exceeded": True,
    "token_cancelled": True,
}


class NoFlow:
    name, version = "double_add", "0.1.0"

    def build_records(self, result: ExecutionResult[Any]) -> list[Any]:
        return []


def sample(kind: type[CwcError]) -> CwcError:
    """An error of a class, every argument given, with keywords."""
    if kind is CwcError:
        return CwcError("something")
    result = ExecutionResult[Any](NoFlow(), False, None, {}, (), 0, 0, 0)
    parameters = inspect.signature(kind).parameters
    return kind(**{name: result if name == "result" else SAMPLES.get(name, f"a {name}") for name in parameters})


def test_codes_are_stable_and_one_to_a_class() -> None:
    codes = [kind.code for kind in KINDS]
    assert codes == [f"CWC-R{number:03}" for number in range(len(KINDS))]


@pytest.mark.parametrize("kind", KINDS)
def test_a_code_is_found_by_the_name_of_its_class(kind: type[CwcError]) -> None:
    assert error_code_of(kind.__name__) == kind.code


def test_other_names_have_no_code() -> None:
    class Own(errors.ToolTimeoutError):
        pass

    assert error_code_of("ValueError") is None
    assert error_code_of(Own.__name__) is None


@pytest.mark.parametrize("kind", KINDS)
def test_the_text_tells_of_every_attribute(kind: type[CwcError]) -> None:
    error = sample(kind)
    told = str(error)
    unsaid = {"result", "deadline_exceeded", "token_cancelled"}
    if kind in (errors.CheckpointVersionError, errors.SchemaRefPolicyError):
        unsaid |= {"flow_name", "module_path"}
    for name, value in vars(error).items():
        parts = value if isinstance(value, list) else [value]
        assert name in unsaid or all(str(part) in told for part in parts)
    assert "\n" not in told


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy, lambda error: pickle.loads(pickle.dumps(error))])
def test_errors_pickle_and_copy_whole(kind: type[CwcError], copied: Any) -> None:
    error = sample(kind)
    error.add_note("flows/double.flow.yaml:3")
    twin = copied(error)
    assert type(twin) is kind
    assert str(twin) == str(error)
    assert vars(twin) == vars(error)
    assert twin.__notes__ == ["flows/double.flow.yaml:3"]


def test_an_error_may_carry_the_result_so_far() -> None:
    error = errors.ContextKeyCollisionError("flow", 1, "double", ["value"])
    assert error.partial_result is None
    error.partial_result = ExecutionResult(NoFlow(), False, None, {}, (), 0, 0, 0, failure=error)
    twin = pickle.loads(pickle.dumps(error))
    assert twin.partial_result == error.partial_result


def test_texts_do_not_interpret_what_they_quote() -> None:
    assert str(errors.ToolNotFoundError("{code} %s")) == "There is no tool '{code} %s'."


def test_what_mends_it_is_named() -> None:
    assert "`cwc build`" in str(errors.FormatVersionError(1, 2))
    assert "another version of cwc" in str(errors.FormatVersionError(None, 2))
    assert "`cwc build --lane both`" in str(errors.SyncLaneNotBuiltError("flow"))
    assert "force=True" in str(errors.FlowStatusError("flow", "disabled"))


@pytest.mark.parametrize(
    ("reasons", "told"),
    [
        ({}, "it was cancelled"),
        ({"token_cancelled": True}, "it was cancelled"),
        ({"deadline_exceeded": True}, "its deadline has passed."),
        ({"deadline_exceeded": True, "token_cancelled": True}, "its deadline has passed and it was cancelled"),
    ],
)
def test_a_cancellation_tells_its_reasons(reasons: dict[str, bool], told: str) -> None:
    result = ExecutionResult[Any](NoFlow(), False, None, {}, (), 0, 0, 0)
    assert told in str(errors.FlowCancelledError("flow", 1, result=result, **reasons))


def test_the_document_lists_every_error() -> None:
    rows = re.findall(r"^\| `(CWC-R\d+)` \| `(\w+)` \|", DOCUMENT.read_text(encoding="utf-8"), re.MULTILINE)
    assert rows == [(kind.code, kind.__name__) for kind in KINDS]
