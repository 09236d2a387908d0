"""Reading ``[tool.cwc]``."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cwc.diagnostics.model import Report
from cwc.driver.config import ProjectConfig, load_config
from cwc.driver.toml_places import span_of_key


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def loaded(text: str, start: str = ".") -> ProjectConfig:
    Path("pyproject.toml").write_text(dedent(text), encoding="utf-8")
    report = Report()
    config = load_config(Path(start), report)
    assert not report.diagnostics
    assert config is not None
    return config


def mistakes(text: str | bytes) -> list[tuple[str, str, str]]:
    """Slug, message and marked text of what is wrong."""
    data = dedent(text).encode() if isinstance(text, str) else text
    Path("pyproject.toml").write_bytes(data)
    report = Report()
    assert load_config(Path(), report) is None
    return [(diagnostic.slug, diagnostic.message, marked(report, index)) for index, diagnostic in enumerate(report)]


def marked(report: Report, index: int) -> str:
    place = report.place(report.diagnostics[index].primary)
    if place is None:
        return ""
    return f"{place.line}:" + report.sources[place.path].line_text(place.line)[place.column - 1 : place.end_column - 1]


def test_the_defaults(folder: Path) -> None:
    config = loaded("[tool.cwc]")
    assert config == ProjectConfig(root=folder, flows=(folder / "flows",), out=folder / "generated")
    assert config.schema_ref_modules is None


def test_every_setting(folder: Path) -> None:
    config = loaded("""
        [tool.cwc]
        flows = ["a", "b"]
        out = "src/flows"
        tools = ["my.tools"]
        lane = "both"
        max_step_concurrency = 4
        schedule = "dataflow"
        strict = true
        strict_types = true
        async_constructs = ["subflows", "branches"]
        schema_ref_modules = []

        [tool.cwc.severity]
        CWC401 = "warning"
        undeclared_input = "off"

        [tool.cwc.contract]
        allow = ["DET304"]

        [tool.cwc.flow."my flow"]
        lane = "sync"
    """)
    assert config == ProjectConfig(
        root=folder,
        flows=(folder / "a", folder / "b"),
        out=folder / "src/flows",
        tools=("my.tools",),
        lane="both",
        max_step_concurrency=4,
        schedule="dataflow",
        strict=True,
        strict_types=True,
        async_constructs=("subflows", "branches"),
        schema_ref_modules=(),
        severity={"CWC401": "warning", "undeclared_input": "off"},
        contract={"allow": ["DET304"]},
        flow_overrides={"my flow": {"lane": "sync"}},
    )


def test_one_folder_of_flows_needs_no_list(folder: Path) -> None:
    assert loaded('[tool.cwc]\nflows = "src"').flows == (folder / "src",)


def test_the_nearest_project_is_found(folder: Path) -> None:
    below = folder / "a" / "b"
    below.mkdir(parents=True)
    (folder / "a" / "pyproject.toml").write_text("[tool.other]")
    assert loaded("[tool.cwc]\nstrict = true", start="a/b").root == folder


def test_without_a_project_the_folder_is_the_root(folder: Path) -> None:
    config = loaded("[project]\nname = 'x'")
    assert (config.root, config.strict) == (folder, False)


def test_severities_may_name_what_is_known() -> None:
    assert loaded('[tool.cwc.severity]\nCWC401 = "off"').severity == {"CWC401": "off"}
    assert mistakes('[tool.cwc.severity]\nCWC041 = "off"\nmissing_tol = "off"') == [
        (
            "unknown_setting",
            "tool.cwc.severity.CWC041 is neither the code nor the slug of a diagnostic",
            "2:CWC041",
        ),
        (
            "unknown_setting",
            "tool.cwc.severity.missing_tol is neither the code nor the slug of a diagnostic",
            "3:missing_tol",
        ),
    ]


def test_all_mistakes_are_reported_each_at_its_key() -> None:
    assert mistakes("""
        [project]
        name = "x"
        [tool.cwc]
        strikt = true
        lane = "fast"
        tools = "tools"
        max_step_concurrency = 0
        strict = 1
        out = ""
        flows = ["a", 1]
        severity.CWC401 = "fatal"
        contract = 1
        [tool.cwc.flow]
        x = 1
    """) == [
        ("invalid_setting", "tool.cwc.flows[1] must be a string, and is 1", "11:flows"),
        (
            "invalid_setting",
            "tool.cwc.out must be a string of at least one character, without NUL, and is ''",
            "10:out",
        ),
        ("invalid_setting", "tool.cwc.tools must be a list of strings, and is 'tools'", "7:tools"),
        ("invalid_setting", "tool.cwc.lane must be 'auto', 'sync', 'async' or 'both', and is 'fast'", "6:lane"),
        ("invalid_setting", "tool.cwc.max_step_concurrency must be at least 1, and is 0", "8:max_step_concurrency"),
        ("invalid_setting", "tool.cwc.strict must be true or false, and is 1", "9:strict"),
        (
            "invalid_setting",
            "tool.cwc.severity.CWC401 must be 'error', 'warning', 'note' or 'off', and is 'fatal'",
            "12:severity.CWC401",
        ),
        ("invalid_setting", "tool.cwc.contract must be a table, and is 1", "13:contract"),
        ("invalid_setting", "tool.cwc.flow.x must be a table, and is 1", "15:x"),
        ("unknown_setting", "tool.cwc.strikt is not a setting", "5:strikt"),
    ]


def test_a_close_setting_is_suggested() -> None:
    Path("pyproject.toml").write_text("[tool.cwc]\nstrikt = true")
    report = Report()
    load_config(Path(), report)
    assert report.diagnostics[0].help == ("did you mean 'strict'?",)


@pytest.mark.parametrize("text", ["[tool]\ncwc = 1", "[[tool.cwc]]\nlane = 'auto'"])
def test_the_settings_must_be_a_table(text: str) -> None:
    ((slug, message, _),) = mistakes(text)
    assert (slug, message.split(",")[0]) == ("invalid_setting", "tool.cwc must be a table")


@pytest.mark.parametrize(
    ("data", "place"),
    [
        (b"[tool.cwc]\nlane = auto\n", "2:a"),
        (b"[tool.cwc", "1:"),
        (b"\xff", ""),
        (b"x = " + b"[" * 100_000, ""),
        (b"x = 1" + b"0" * 10_000, ""),
    ],
)
def test_what_is_no_toml(data: bytes, place: str) -> None:
    ((slug, _, shown),) = mistakes(data)
    assert (slug, shown) == ("invalid_pyproject", place)


def test_a_file_that_cannot_be_read() -> None:
    Path("pyproject.toml").write_bytes(b"#" * (17 * 2**20))
    report = Report()
    assert load_config(Path(), report) is None
    assert [diagnostic.slug for diagnostic in report] == ["oversized_file"]


@pytest.mark.parametrize(
    ("path", "key"),
    [
        (("tool", "cwc"), "tool.cwc"),
        (("tool", "cwc", "lane"), "lane"),
        (("tool", "cwc", "nothing"), "tool.cwc"),
        (("tool", "cwc", "severity", "CWC401"), "severity . 'CWC401'"),
        (("tool", "cwc", "flow", "a.b", "lane"), '"lane"'),
        (("tool", "cwc", "flow", "a.b", "other"), 'tool . cwc.flow."a.b"'),
        (("tool", "cwc", "flow", "c"), "flow.c.lane"),
        (("project",), None),
    ],
)
def test_the_place_of_a_key(path: tuple[str, ...], key: str | None) -> None:
    text = dedent("""
        [tool.other]
        lane = 1
        [ tool.cwc ]  # comment
          lane = 1
        severity . 'CWC401' = 1
        flow.c.lane = 1
        not a key
        [tool . cwc.flow."a.b"]
        "lane" = 1
        "bad \\q" = 1
    """)
    span = span_of_key(text, path)
    assert (None if span is None else text[span.start : span.end]) == key


@given(st.text(alphabet='[]."=abtoolcwc\\\n\r \u2028#'))
def test_any_text_can_be_searched(text: str) -> None:
    span = span_of_key(text, ("tool", "cwc"))
    assert span is None or text[span.start : span.end].strip() != ""
