"""The manifest, and that cwc touches no file but those it lists."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cwc.diagnostics.model import Report
from cwc.driver.writing.manifest import FILE_NAME, Entry, Manifest, Origin, is_inside, plan_changes, read_manifest
from cwc.driver.writing.output import Changes, apply
from cwc.source import digest_of

posix_only = pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX files")
OUT = Path("out")
A = Origin("a", "1.0.0", "flows/a.flow.yaml", "d" * 64)
B = Origin("b", "1.0.0", "flows/b.flow.yaml", "e" * 64)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


class Build:
    """One build: the planned changes and what was reported."""

    def __init__(
        self,
        wanted: Mapping[str, bytes],
        *,
        force: bool = False,
        origins: Mapping[str, Origin] | None = None,
        keep: tuple[str, ...] = (),
    ) -> None:
        self.report = Report()
        manifest = read_manifest(OUT, self.report)
        assert manifest is not None
        self.changes: Changes = plan_changes(
            OUT, wanted, manifest, force=force, report=self.report, origins=origins, keep=keep
        )
        self.slugs = [diagnostic.slug for diagnostic in self.report]

    def applied(self) -> Build:
        assert apply(self.changes, self.report)
        return self


def on_disk() -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in OUT.iterdir() if path.name != FILE_NAME}


def listed() -> set[str]:
    manifest = read_manifest(OUT, Report())
    assert manifest is not None
    return set(manifest.files)


def test_a_first_build_writes_all_and_the_manifest_last() -> None:
    build = Build({"b.py": b"b", "a.py": b"a"}, origins={"a.py": A}).applied()
    assert list(build.changes.write) == ["a.py", "b.py", FILE_NAME]
    assert json.loads((OUT / FILE_NAME).read_bytes()) == {
        "format": 1,
        "files": [
            {
                "path": "a.py",
                "sha256": digest_of(b"a"),
                "flow": {
                    "name": "a",
                    "version": "1.0.0",
                    "source": "flows/a.flow.yaml",
                    "digest": "d" * 64,
                },
            },
            {"path": "b.py", "sha256": digest_of(b"b"), "flow": None},
        ],
    }


def test_a_second_build_changes_nothing() -> None:
    Build({"a.py": b"a"}).applied()
    build = Build({"a.py": b"a"})
    assert not build.changes
    assert build.changes.unchanged == ("a.py",)


def test_only_what_changed_is_written_and_what_is_stale_goes() -> None:
    Build({"a.py": b"a", "b.py": b"b", "c.py": b"c"}).applied()
    build = Build({"a.py": b"a", "b.py": b"B"}).applied()
    assert list(build.changes.write) == ["b.py", FILE_NAME]
    assert build.changes.remove == ("c.py",)
    assert on_disk() == {"a.py": b"a", "b.py": b"B"}
    assert listed() == {"a.py", "b.py"}


def test_a_file_that_is_gone_is_written_again() -> None:
    Build({"a.py": b"a", "b.py": b"b"}).applied()
    (OUT / "a.py").unlink()
    (OUT / "b.py").unlink()
    assert list(Build({"a.py": b"a"}).applied().changes.write) == ["a.py", FILE_NAME]
    assert listed() == {"a.py"}


def test_the_last_file_takes_the_manifest_with_it() -> None:
    Build({"a.py": b"a"}).applied()
    assert Build({}).applied().changes.remove == ("a.py", FILE_NAME)
    assert list(OUT.iterdir()) == []
    assert not Build({}).changes


def test_files_of_others_are_never_touched() -> None:
    OUT.mkdir()
    (OUT / "a.py").write_bytes(b"mine")
    (OUT / "other.py").write_bytes(b"mine")
    build = Build({"a.py": b"a", "b.py": b"b"}).applied()
    assert (build.slugs, build.changes.refused) == (["unmanaged_file"], ("a.py",))
    assert on_disk() == {"a.py": b"mine", "b.py": b"b", "other.py": b"mine"}
    assert listed() == {"b.py"}
    assert Build({"a.py": b"a", "b.py": b"b"}, force=True).applied().slugs == []
    assert on_disk() == {"a.py": b"a", "b.py": b"b", "other.py": b"mine"}


def test_a_file_of_the_wanted_content_is_taken_over() -> None:
    OUT.mkdir()
    (OUT / "a.py").write_bytes(b"a")
    assert list(Build({"a.py": b"a"}).applied().changes.write) == [FILE_NAME]
    assert listed() == {"a.py"}


@pytest.mark.parametrize("wanted", [{"a.py": b"new", "b.py": b"b"}, {"b.py": b"b"}])
def test_files_edited_by_hand_are_kept_without_force(wanted: dict[str, bytes]) -> None:
    Build({"a.py": b"a", "b.py": b"b"}).applied()
    (OUT / "a.py").write_bytes(b"edited")
    for _ in range(2):
        build = Build(wanted).applied()
        assert (build.slugs, build.changes.refused) == (["edited_file"], ("a.py",))
        assert "'out/a.py'" in build.report.diagnostics[0].message
        assert on_disk() == {"a.py": b"edited", "b.py": b"b"}
    assert Build(wanted, force=True).applied().slugs == []
    assert on_disk() == wanted


def test_line_ends_of_a_checkout_are_no_edit() -> None:
    Build({"a.py": b"a\nb\n"}).applied()
    for path in OUT.iterdir():
        path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert not Build({"a.py": b"a\nb\n"}).changes
    assert Build({"a.py": b"c\n"}).applied().slugs == []
    assert on_disk() == {"a.py": b"c\n"}


def test_a_folder_in_the_way_is_not_ours() -> None:
    Build({"a.py": b"a", "b.py": b"b"}).applied()
    for name in ("a.py", "b.py"):
        (OUT / name).unlink()
        (OUT / name).mkdir()
    assert Build({"a.py": b"a"}).slugs == ["edited_file", "edited_file"]
    build = Build({"a.py": b"a"}, force=True)
    assert "b.py" not in build.changes.remove
    assert not apply(build.changes, build.report)


def test_flows_with_errors_keep_their_files() -> None:
    Build({"a.py": b"a", "b.py": b"b"}, origins={"a.py": A, "b.py": B}).applied()
    build = Build({"a.py": b"A"}, origins={"a.py": A}, keep=(B.source,)).applied()
    assert build.slugs == []
    assert on_disk() == {"a.py": b"A", "b.py": b"b"}
    assert listed() == {"a.py", "b.py"}


def test_another_flow_does_not_take_the_name_of_one_with_errors() -> None:
    first, second = Origin("a", "1", "one", ""), Origin("a", "2", "two", "")
    Build({"a.py": b"2", "a__1.py": b"1"}, origins={"a.py": second, "a__1.py": first}).applied()
    build = Build({"a.py": b"1"}, origins={"a.py": first}, keep=("two",)).applied()
    assert build.slugs == []
    assert on_disk() == {"a.py": b"2", "a__1.py": b"1"}
    assert listed() == {"a.py", "a__1.py"}


def test_nor_the_name_in_other_letters_which_may_be_the_same_file() -> None:
    Build({"b.py": b"b"}, origins={"b.py": B}).applied()
    build = Build({"B.py": b"B"}, origins={"B.py": A}, keep=(B.source,)).applied()
    assert build.slugs == []
    assert on_disk() == {"b.py": b"b"}
    assert listed() == {"b.py"}


@posix_only
def test_a_link_out_of_the_folder_is_not_followed(folder: Path) -> None:
    (folder / "elsewhere").mkdir()
    (folder / "elsewhere" / "a.py").write_bytes(b"a")
    OUT.mkdir()
    (OUT / "sub").symlink_to(folder / "elsewhere", target_is_directory=True)
    (OUT / FILE_NAME).write_bytes(Manifest({"sub/a.py": Entry(digest_of(b"a"))}).render())
    for force in (False, True):
        assert Build({}, force=force).changes.remove == ()
    assert Build({"sub/a.py": b"b"}).changes.refused == ("sub/a.py",)


@pytest.mark.parametrize(
    "name",
    [
        "../a",
        "/etc/passwd",
        "a/../../b",
        "a//b",
        ".",
        "",
        "..",
        "a\\..\\b",
        "C:a",
        "a\0b",
        "CWC-Manifest.json",
        "a/",
        "...",
    ],
)
def test_a_hostile_manifest_is_refused(name: str) -> None:
    assert not is_inside(name)
    OUT.mkdir()
    (OUT / FILE_NAME).write_bytes(Manifest({name: Entry(digest_of(b""))}).render())
    assert_refused()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"[]",
        b"\xff",
        b"<<<<<<< HEAD",
        b'{"format": 2, "files": []}',
        b'{"format": "1", "files": []}',
        b'{"format": 1, "files": {}}',
        b'{"format": 1, "files": [], "more": 1}',
        b'{"format": 1, "files": [{}]}',
        b'{"format": 1, "files": [{"path": "a", "sha256": 1, "flow": null}]}',
        b'{"format": 1, "files": [{"path": "a", "sha256": "", "flow": {"name": "a"}}]}',
        b'{"format": 1, "files": [' + b",".join([b'{"path": "a", "sha256": "", "flow": null}'] * 2) + b"]}",
        b"[" * 100_000,
        b"1" * 10_000,
    ],
)
def test_a_corrupt_manifest_is_refused(data: bytes) -> None:
    OUT.mkdir()
    (OUT / FILE_NAME).write_bytes(data)
    assert_refused()


def assert_refused() -> None:
    report = Report()
    assert read_manifest(OUT, report) is None
    assert [diagnostic.slug for diagnostic in report] == ["invalid_manifest"]


def test_a_manifest_that_is_no_file() -> None:
    (OUT / FILE_NAME).mkdir(parents=True)
    report = Report()
    assert read_manifest(OUT, report) is None
    assert [diagnostic.slug for diagnostic in report] == ["unreadable_path"]


texts = st.text(st.characters())
origins = st.none() | st.builds(Origin, texts, texts, texts, texts)


@given(st.dictionaries(texts.filter(is_inside), st.builds(Entry, texts, origins)))
def test_manifests_are_read_as_they_were_written(files: dict[str, Entry]) -> None:
    Path(FILE_NAME).write_bytes(Manifest(files).render())
    assert read_manifest(Path(), Report()) == Manifest(files)
    assert Manifest(dict(reversed(files.items()))).render() == Manifest(files).render()
