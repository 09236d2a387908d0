"""What tools, results and errors import: the standard library, pydantic, and what pydantic brings."""

from __future__ import annotations

import subprocess
import sys

import pytest

MODULES = ["errors", "tools", "definition", "signatures", "schema_hash", "safety", "records", "results"]
SCRIPT = """
import sys
import cwc.runtime.{module}
foreign = {{name.partition(".")[0] for name in sys.modules}} - set(sys.stdlib_module_names)
print(*sorted(foreign))
"""


def loaded(script: str) -> set[str]:
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


@pytest.fixture(scope="module")
def brought() -> set[str]:
    """What is loaded by pydantic alone, and by this environment's start-up."""
    uses = "from pydantic import BaseModel, create_model\nclass M(BaseModel): x: int\nM(x=1).model_json_schema()"
    return loaded(uses + SCRIPT.format(module="__no__").replace("import cwc.runtime.__no__\n", ""))


@pytest.mark.parametrize("module", MODULES)
def test_only_the_standard_library_and_pydantic_are_imported(module: str, brought: set[str]) -> None:
    assert loaded(SCRIPT.format(module=module)) - brought <= {"cwc"}


def test_results_do_not_load_the_models_of_records() -> None:
    script = "import sys, cwc.runtime.results\nprint('cwc.runtime.records' in sys.modules)"
    assert loaded(script) == {"False"}
