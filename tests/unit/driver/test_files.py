"""Finding flow files and reading them, whatever the file system holds."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from cwc.diagnostics.model import Report
from cwc.driver.files import display_path, find_flows, is_flow_file, read_bytes

posix_only = pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX files")
not_root = pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read anything")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def touch(*names: str) -> None:
    for name in names:
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_bytes(b"x")


def found(*paths: str) -> list[str]:
    report = Report()
    flows = find_flows(map(Path, paths), report)
    assert not report.diagnostics
    return [flow.as_posix() for flow in flows]


def slugs(report: Report) -> list[str]:
    return [diagnostic.slug for diagnostic in report]


def test_folders_are_walked_and_sorted() -> None:
    touch("f/b.flow.yaml", "f/a/z.flow.json", "f/A.FLOW.YML", "f/notes.yaml", "f/flow.yaml", "f/a/x.flow.yaml.bak")
    assert found("f") == ["f/A.FLOW.YML", "f/a/z.flow.json", "f/b.flow.yaml"]
    assert found("f/b.flow.yaml", "f/a") == ["f/a/z.flow.json", "f/b.flow.yaml"]


def test_hidden_names_are_left_out_unless_they_are_named() -> None:
    touch("f/.git/a.flow.yaml", "f/.b.flow.yaml", "f/generated/c.flow.yaml", ".hidden/d.flow.yaml")
    assert found("f") == ["f/generated/c.flow.yaml"]
    assert found(".hidden", "f/.b.flow.yaml") == [".hidden/d.flow.yaml", "f/.b.flow.yaml"]


def test_a_file_named_twice_counts_once(folder: Path) -> None:
    touch("f/a.flow.yaml", "f/b.flow.yaml")
    again = str(folder / "f" / "b.flow.yaml")
    assert found("f/b.flow.yaml", "f", again, "f/../f/a.flow.yaml") == ["f/a.flow.yaml", "f/b.flow.yaml"]


@posix_only
def test_links_are_followed_once_and_loops_end() -> None:
    touch("f/a.flow.yaml", "elsewhere/b.flow.yaml")
    Path("f/loop").symlink_to(Path("..") / "f", target_is_directory=True)
    Path("f/self").symlink_to("self")
    Path("f/other").symlink_to(Path("..") / "elsewhere", target_is_directory=True)
    Path("f/z.flow.yaml").symlink_to("a.flow.yaml")
    assert found("f") == ["f/a.flow.yaml", "f/other/b.flow.yaml"]


def test_a_folder_may_be_named_as_a_flow_file() -> None:
    touch("f/x.flow.yaml/a.flow.yaml")
    assert found("f") == ["f/x.flow.yaml/a.flow.yaml"]


def test_a_deep_folder_is_walked() -> None:
    deep = "/".join(["d"] * 400)
    touch(f"{deep}/a.flow.yaml")
    assert found("d") == [f"{deep}/a.flow.yaml"]


def test_no_flows_is_no_mistake() -> None:
    Path("empty").mkdir()
    assert found("empty") == []


@pytest.mark.parametrize("name", ["nope", "a.flow.yaml/below", "a\0b"])
def test_a_path_that_does_not_exist(name: str) -> None:
    touch("a.flow.yaml")
    report = Report()
    assert find_flows([Path(name)], report) == []
    assert slugs(report) == ["path_not_found"]
    assert report.diagnostics[0].primary is not None


def test_a_close_name_is_suggested() -> None:
    touch("f/double.flow.yaml")
    report = Report()
    find_flows([Path("f/duoble.flow.yaml")], report)
    assert report.diagnostics[0].help == ("did you mean 'f/double.flow.yaml'?",)


def test_a_file_of_another_name() -> None:
    touch("a.yaml")
    report = Report()
    assert find_flows([Path("a.yaml")], report) == []
    assert slugs(report) == ["not_a_flow_file"]
    assert is_flow_file("A.Flow.Json")
    assert not is_flow_file("a.yaml")


@posix_only
def test_special_files_do_not_block(folder: Path) -> None:
    touch("f/a.flow.yaml")
    os.mkfifo("f/pipe.flow.yaml")
    report = Report()
    assert find_flows([Path("f/pipe.flow.yaml"), Path("/dev/null")], report) == []
    flows = find_flows([Path("f")], report)
    assert [read_bytes(flow, report) for flow in flows] == [b"x", None]
    assert slugs(report) == ["unreadable_path"] * 3


@posix_only
def test_links_that_lead_nowhere() -> None:
    Path("gone.flow.yaml").symlink_to("nowhere")
    Path("self.flow.yaml").symlink_to("self.flow.yaml")
    report = Report()
    assert [read_bytes(flow, report) for flow in find_flows([Path()], report)] == [None, None]
    assert sorted(slugs(report)) == ["path_not_found", "unreadable_path"]


@posix_only
@not_root
def test_what_may_not_be_read() -> None:
    touch("f/a.flow.yaml", "g/b.flow.yaml")
    Path("f").chmod(0)
    Path("g/b.flow.yaml").chmod(0)
    report = Report()
    try:
        assert [read_bytes(flow, report) for flow in find_flows([Path("f"), Path("g")], report)] == [None]
        assert [diagnostic.message for diagnostic in report] == [
            "cannot read 'f': permission denied",
            "cannot read 'g/b.flow.yaml': permission denied",
        ]
    finally:
        Path("f").chmod(0o700)


def test_reading() -> None:
    touch("a")
    report = Report()
    assert read_bytes(Path("a"), report) == b"x"
    assert not report.diagnostics
    assert read_bytes(Path(), report) is None
    assert read_bytes(Path("gone"), report) is None
    assert slugs(report) == ["unreadable_path", "path_not_found"]


def test_the_limit_is_inclusive() -> None:
    Path("a").write_bytes(b"12345")
    report = Report()
    assert read_bytes(Path("a"), report, limit=5) == b"12345"
    assert read_bytes(Path("a"), report, limit=4) is None
    assert slugs(report) == ["oversized_file"]


def test_an_oversized_file_is_not_read() -> None:
    with Path("sparse").open("wb") as file:
        file.truncate(2**40)
    report = Report()
    assert read_bytes(Path("sparse"), report) is None
    assert slugs(report) == ["oversized_file"]


def test_paths_are_shown_relative_to_the_working_directory(folder: Path) -> None:
    assert display_path(folder / "f" / "a") == "f/a"
    assert display_path(Path("f/./a")) == "f/a"
    assert display_path(folder.parent / "b") == "../b"


@posix_only
def test_a_working_directory_that_is_gone(folder: Path) -> None:
    gone = folder / "gone"
    gone.mkdir()
    os.chdir(gone)
    gone.rmdir()
    assert display_path(Path("a")) == "a"


@posix_only
def test_names_that_are_no_text() -> None:
    name = os.fsdecode(b"\xff.flow.yaml")
    touch(name)
    assert found(".") == [name]
