"""Shell completion: as the guide says, for three shells, and without importing a verb for its name."""

from __future__ import annotations

import re

import pytest

from cwc.cli.group import VERBS
from tests.projects import ROOT, run_cwc
from tests.unit.test_imports import loaded_after

GUIDE = (ROOT / "docs" / "every-day.md").read_text("utf-8")
SHELLS = re.findall(r"_CWC_COMPLETE=(\w+)_source", GUIDE)


def completed(words: str) -> list[str]:
    """What bash is offered for the last word."""
    position = str(len(words.split(" ")) - 1)
    env = {"_CWC_COMPLETE": "bash_complete", "COMP_WORDS": words, "COMP_CWORD": position}
    done = run_cwc(cwd=ROOT, env=env)
    assert done.returncode == 0
    return [line.partition(",")[2] for line in done.stdout.splitlines()]


def test_the_guide_names_the_shells_that_click_knows() -> None:
    assert SHELLS == ["bash", "zsh", "fish"]


@pytest.mark.parametrize("shell", SHELLS)
def test_the_script_of_a_shell(shell: str) -> None:
    done = run_cwc(cwd=ROOT, env={"_CWC_COMPLETE": f"{shell}_source"})
    if "Bash version" in done.stderr:
        pytest.skip("the bash of this machine is older than click's completion")
    assert done.returncode == 0
    assert "_CWC_COMPLETE" in done.stdout


def test_verbs_options_and_values() -> None:
    assert completed("cwc ") == list(VERBS)
    assert completed("cwc fl") == ["flows"]
    assert completed("cwc flows ac") == ["accept-drift"]
    assert "--locked" in completed("cwc build --lo")
    assert completed("cwc build --lane as") == ["async"]
    assert "manifest" in completed("cwc schema ma")
    assert "disabled" in completed("cwc flows status x di")


def test_completing_verbs_loads_click_only() -> None:
    code = (
        "import os, cwc.cli\nos.environ.update(_CWC_COMPLETE='bash_complete', COMP_WORDS='cwc ', COMP_CWORD='1')\n"
        "import io\nout, sys.stdout = sys.stdout, io.StringIO()\n"
        "try:\n    cwc.cli.main()\nexcept SystemExit:\n    pass\nsys.stdout = out"
    )
    assert loaded_after(code, ROOT) == {"click"}


@pytest.mark.parametrize("verb", ["flows", "lock", "watch", "doctor", "import", "schema"])
def test_the_help_of_a_verb_loads_click_only(verb: str) -> None:
    code = (
        f"import cwc.cli, io\nsys.argv = ['cwc', '{verb}', '--help']\nout, sys.stdout = sys.stdout, io.StringIO()\n"
        "try:\n    cwc.cli.main()\nexcept SystemExit:\n    pass\nsys.stdout = out"
    )
    assert loaded_after(code, ROOT) == {"click"}
