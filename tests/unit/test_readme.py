"""The README's own example: its flow and tools are built, its code is run, and what it shows is what comes out."""

from __future__ import annotations

import re
from pathlib import Path

from cwc.diagnostics.model import Report
from cwc.diagnostics.text import render_text
from cwc.driver.project import Request, build_project
from tests.projects import ROOT, inside

README = (ROOT / "README.md").read_text("utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)


def project(folder: Path) -> None:
    (folder / "flows").mkdir()
    (folder / "tools.py").write_text(blocks("python")[0], "utf-8")
    (folder / "flows" / "double_and_add.flow.yaml").write_text(blocks("yaml")[0], "utf-8")


def test_the_first_flow(tmp_path: Path) -> None:
    project(tmp_path)
    report = Report()
    with inside(tmp_path):
        build_project(Request(tools=("tools",)), report, force=False)
        assert list(report) == []
        generated = (tmp_path / "generated" / "double_and_add.py").read_text("utf-8")
        assert blocks("text")[0] in generated
        for program in blocks("python")[1:]:
            exec(compile(program, "README.md", "exec"), {})


def test_the_mistake(tmp_path: Path) -> None:
    project(tmp_path)
    flow = tmp_path / "flows" / "double_and_add.flow.yaml"
    flow.write_text(flow.read_text("utf-8").replace("value: doubled", "value: doubeld"), "utf-8")
    report = Report()
    with inside(tmp_path):
        build_project(Request(tools=("tools",)), report, force=False)
        from cwc.diagnostics.model import SeveritySettings

        shown = render_text(report, SeveritySettings(), color=False)
    assert blocks("text")[1].rstrip() in shown


def test_the_commands_are_real() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    for target in re.findall(r"make (\w+)", README):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target
