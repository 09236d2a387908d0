"""What a project says of the contract: settings, comments, profiles, carve-outs and the baseline."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cwc.diagnostics.model import Report
from cwc.driver.config import settings_schema
from cwc.driver.contract.paths import check_contract
from cwc.driver.contract.settings import SETTINGS
from cwc.runtime.generated import FORMAT
from tests.contract.checking import found_in, report_on
from tests.projects import inside

CLOCK = "import time\n\nNOW = time.time()\n"
RANDOM = {"flow.py": "import helper\n", "helper.py": "import dice\n", "dice.py": "import random\n"}

WRONG_SETTINGS = {
    'tools = "x"\nunknown = 1': "tool.cwc.contract.unknown is not a setting",
    "tols = []": "did you mean 'tools'?",
    "tools = [1]": "must be a list of strings",
    'baselin = "x.json"': "did you mean 'baseline'?",
    '[[tool.cwc.contract.carve_out]]\nform = "a"\nto = "b"\nreason = "x"': "did you mean 'from'?",
    '[[tool.cwc.contract.profile]]\npath = ["x"]\nreason = "why"': "did you mean 'paths'?",
    '[[tool.cwc.contract.profile]]\npaths = ["x"]\nallow = ["DET2O2"]\nreason = "x"': "no rule 'DET2O2'; did you mean",
    '[[tool.cwc.contract.profile]]\npaths = ["x"]\nseverity = {DET2 = "off"}\nreason = "y"': "there is no rule 'DET2'",
    '[tool.cwc.severity]\nDET2022 = "off"': "no rule 'DET2022'; did you mean",
    'allow_seeded_random = "yes"': "must be true or false",
    'baseline = ""': "must be a string that is not empty",
    "profile = 1": "must be a list of tables",
    '[[tool.cwc.contract.profile]]\npaths = ["x"]\nallow = ["DET202"]': "tool.cwc.contract.profile.reason must be",
    '[[tool.cwc.contract.profile]]\nreason = "why"': "tool.cwc.contract.profile.paths must be",
    '[[tool.cwc.contract.carve_out]]\nfrom = "a"\nto = "b"\nreason = " "': "tool.cwc.contract.carve_out.reason must be",
    '[[tool.cwc.contract.carve_out]]\nfrom = "a"\nto = "b"\nreason = "x"\nuntil = "y"': "until is not a setting",
}


@pytest.mark.parametrize("config", WRONG_SETTINGS)
def test_wrong_settings_are_refused(config: str, tmp_path: Path) -> None:
    report = report_on({"main.py": CLOCK}, tmp_path, config=config)
    (diagnostic,) = report
    assert diagnostic.code == "CWC806"
    assert WRONG_SETTINGS[config] in diagnostic.message
    assert report.place(diagnostic.primary) is not None


def test_a_table_by_another_name_is_refused(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[tool.cwc.contrct]\ntools = []\n")
    (diagnostic,) = report_on({"main.py": CLOCK}, tmp_path)
    assert (diagnostic.code, diagnostic.message) == (
        "CWC806",
        "tool.cwc.contrct is not a setting; did you mean 'contract'?",
    )


def test_the_settings_of_a_project_are_those_of_its_builds() -> None:
    properties = settings_schema()["properties"]
    assert isinstance(properties, dict)
    assert set(SETTINGS) == set(properties)


@pytest.mark.parametrize(
    "comment", ["# noqa", "# nosec", "# noqa: DET202", "# type: ignore", "# cwc: disable DET202 -- x"]
)
def test_comments_of_others_allow_nothing(comment: str, tmp_path: Path) -> None:
    found = found_in({"main.py": CLOCK.rstrip() + f"  {comment}\n"}, tmp_path)
    assert [code for _, code, _, _ in found] == ["DET202"]


def test_a_comment_in_a_string_allows_nothing(tmp_path: Path) -> None:
    text = 'import time\n\nNOW = time.time(), "# cwc: allow DET202 -- no"\n'
    assert [code for _, code, _, _ in found_in({"main.py": text}, tmp_path)] == ["DET202"]


def test_a_profile_holds_for_its_paths(tmp_path: Path) -> None:
    config = (
        '[[tool.cwc.contract.profile]]\npaths = ["app/**/clock_*.py"]\nallow = ["DET202"]\nreason = "it is the clock"'
    )
    files = {"app/deep/clock_a.py": CLOCK, "app/clock_b.py": CLOCK, "app/other.py": CLOCK}
    found = found_in(files, tmp_path, config=config)
    assert [(code, path) for _, code, path, _ in found] == [("DET202", "app/other.py")]


def test_a_profile_weighs(tmp_path: Path) -> None:
    config = '[[tool.cwc.contract.profile]]\npaths = ["a.py"]\nseverity = {DET202 = "warning"}\nreason = "for now"'
    found = found_in({"a.py": CLOCK, "b.py": CLOCK}, tmp_path, config=config)
    assert {(path, severity) for severity, _, path, _ in found} == {("a.py", "warning"), ("b.py", "error")}


def test_the_chain_is_told_hop_by_hop(tmp_path: Path) -> None:
    report = report_on(RANDOM, tmp_path, ("flow.py",))
    (reached,) = [diagnostic for diagnostic in report if diagnostic.code == "DET110"]
    assert "flow -> helper -> dice -> random (line 1)" in reached.message
    hops = [f"{report.place(label)}: {label.message}" for label in reached.chain]
    assert hops == ["flow.py:1:1: `flow` imports `helper`", "helper.py:1:1: `helper` imports `dice`"]
    (banned,) = [diagnostic for diagnostic in report if diagnostic.code == "DET103"]
    assert [label.path for label in banned.chain] == ["flow.py", "helper.py"]


def test_a_carved_edge_is_not_followed(tmp_path: Path) -> None:
    config = '[[tool.cwc.contract.carve_out]]\nfrom = "helper"\nto = "di*"\nreason = "jitter only"'
    assert found_in(RANDOM, tmp_path, ("flow.py",), config) == []
    assert {code for _, code, _, _ in found_in(RANDOM, tmp_path, (".",), config)} == {"DET103"}


def test_a_comment_carves_an_import_out(tmp_path: Path) -> None:
    files = {**RANDOM, "helper.py": "import dice  # cwc: allow DET110 -- jitter only\n"}
    assert found_in(files, tmp_path, ("flow.py",)) == []


def test_severities_of_the_project_hold(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text('[tool.cwc]\nstrict = true\n[tool.cwc.severity]\nDET202 = "off"\n')
    (tmp_path / "main.py").write_text(CLOCK)
    with inside(tmp_path):
        report = Report()
        outcome = check_contract([Path("main.py")], report)
    assert [outcome.settings.of(diagnostic) for diagnostic in report] == ["off"]
    assert outcome.settings.strict


def test_a_baseline_only_shrinks(tmp_path: Path) -> None:
    config = 'baseline = "known.json"'
    report_on({"main.py": CLOCK + "LATER = time.time()\n"}, tmp_path, config=config)
    with inside(tmp_path):
        check_contract([Path()], Report(), update=True)
    known = json.loads((tmp_path / "known.json").read_text())
    assert [entry["text"] for entry in known["findings"]] == ["LATER = time.time()", "NOW = time.time()"]
    assert found_in({}, tmp_path, config=config) == []

    (tmp_path / "main.py").write_text("\n\n" + CLOCK + "MORE = time.time_ns()\n")
    found = found_in({}, tmp_path, config=config)
    assert {(code, path, line) for _, code, path, line in found} == {
        ("DET202", "main.py", 6),
        ("DET904", "known.json", 0),
    }
    with inside(tmp_path):
        check_contract([Path()], Report(), update=True)
    known = json.loads((tmp_path / "known.json").read_text())
    assert [entry["text"] for entry in known["findings"]] == ["NOW = time.time()"], "nothing comes to it"
    assert [code for _, code, _, _ in found_in({}, tmp_path, config=config)] == ["DET202"]


def test_no_baseline_hides_what_was_not_checked(tmp_path: Path) -> None:
    config = 'baseline = "known.json"'
    unused = "X = 1  # cwc: allow DET202 -- there is no clock here\n"
    broken = {"main.py": CLOCK, "broken.py": "def (:\n", "comment.py": unused}
    report_on(broken, tmp_path, config=config)
    with inside(tmp_path):
        check_contract([Path()], Report(), update=True)
    known = json.loads((tmp_path / "known.json").read_text())
    assert [entry["code"] for entry in known["findings"]] == ["DET202"]
    remaining = {("DET905", "broken.py"), ("DET902", "comment.py")}
    assert {(code, path) for _, code, path, _ in found_in({}, tmp_path, config=config)} == remaining

    for code, path, text in (("DET905", "broken.py", "def (:"), ("DET902", "comment.py", unused.strip())):
        known["findings"].append({"code": code, "path": path, "text": text, "count": 1})
    (tmp_path / "known.json").write_text(json.dumps(known))
    found = {(code, path) for _, code, path, _ in found_in({}, tmp_path, config=config)}
    assert found == remaining | {("DET904", "known.json")}
    with inside(tmp_path):
        check_contract([Path()], Report(), update=True)
    known = json.loads((tmp_path / "known.json").read_text())
    assert [entry["code"] for entry in known["findings"]] == ["DET202"]


def test_edited_modules_are_found(tmp_path: Path) -> None:
    from click.testing import CliRunner

    from cwc.cli.group import cwc

    with inside(tmp_path):
        assert CliRunner().invoke(cwc, ["init", "."]).exit_code == 0
        assert CliRunner().invoke(cwc, ["build"]).exit_code == 0
    assert found_in({}, tmp_path, ("generated",)) == []
    (module,) = (path for path in (tmp_path / "generated").glob("*.py") if path.name != "__init__.py")
    text, expected = module.read_text("utf-8"), f"expect_format({FORMAT})"
    module.write_text(text.replace(expected, f"{expected}\nimport os"), "utf-8")
    assert {code for _, code, _, _ in found_in({}, tmp_path, ("generated",))} == {"DET106", "DET705"}
    module.write_text(text.replace("# Generated by cwc", "# Mine"), "utf-8")
    assert "DET705" in {code for _, code, _, _ in found_in({}, tmp_path, ("generated",))}


def test_a_module_of_another_format_is_told_of_as_one(tmp_path: Path) -> None:
    for number in (FORMAT - 1, FORMAT):
        text = f"# Generated by cwc, format {number}. Do not edit: change the flow and run `cwc build`.\nimport os\n"
        report = report_on({"generated/flow.py": text}, tmp_path, ("generated",))
        told = [each for each in report if "was generated in format" in each.message]
        assert [each.advice for each in told] == ([] if number == FORMAT else [("run `cwc build`",)])
        assert "DET106" in {each.code for each in report}


def test_an_update_without_a_baseline_says_how_to_have_one(tmp_path: Path) -> None:
    from click.testing import CliRunner

    from cwc.cli.group import cwc

    (tmp_path / "main.py").write_text(CLOCK)
    with inside(tmp_path):
        done = CliRunner().invoke(cwc, ["contract", "main.py", "--update-baseline"])
        assert done.exit_code == 2
        assert 'baseline = "contract-baseline.json" under [tool.cwc.contract]' in done.stderr
        (tmp_path / "pyproject.toml").write_text('[tool.cwc.contract]\nbaseline = "contract-baseline.json"\n')
        assert CliRunner().invoke(cwc, ["contract", "main.py", "--update-baseline"]).exit_code == 0
    assert (tmp_path / "contract-baseline.json").exists()
