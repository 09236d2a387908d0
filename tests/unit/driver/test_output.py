"""Writing files: whole, or as they were."""

from __future__ import annotations

import errno
import os
import py_compile
import stat
import sys
from collections.abc import Callable
from importlib.util import cache_from_source
from pathlib import Path

import pytest

from cwc.diagnostics.model import Report
from cwc.driver.writing.output import Changes, apply, write_atomic

posix_only = pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX files")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def contents(folder: Path) -> dict[str, bytes]:
    """Every file below a folder, temporary ones included."""
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def applied(changes: Changes) -> list[str]:
    """The messages of an application; its verdict must agree."""
    report = Report()
    assert apply(changes, report) is not bool(report.diagnostics)
    return [f"{diagnostic.slug}: {diagnostic.message}" for diagnostic in report]


def failing(after: int, error: BaseException) -> Callable[..., None]:
    """`os.replace`, but that it raises once, after so many calls."""
    replace = os.replace
    calls = 0

    def call(source: str | Path, target: str | Path) -> None:
        nonlocal calls
        calls += 1
        if calls == after + 1:
            raise error
        replace(source, target)

    return call


def test_write_atomic(folder: Path) -> None:
    write_atomic(folder / "a", b"one")
    write_atomic(Path("a"), b"two")
    assert contents(folder) == {"a": b"two"}
    with pytest.raises(OSError, match="nowhere"):
        write_atomic(folder / "nowhere" / "a", b"")


def test_write_atomic_leaves_what_was_there(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_atomic(folder / "a", b"one")
    monkeypatch.setattr(os, "fsync", lambda descriptor: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        write_atomic(folder / "a", b"two")
    assert contents(folder) == {"a": b"one"}


@posix_only
def test_modes_are_those_of_new_files(folder: Path) -> None:
    umask = os.umask(0o027)
    try:
        write_atomic(folder / "a", b"")
        applied(Changes(out=folder / "out", write={"b": b""}))
    finally:
        os.umask(umask)
    assert [stat.S_IMODE(Path(name).stat().st_mode) for name in ("a", "out/b")] == [0o640, 0o640]


def test_changes_are_made(folder: Path) -> None:
    out = folder / "x" / "out"
    assert applied(Changes(out=out, write={"a": b"1", "sub/b": b"2"})) == []
    assert contents(out) == {"a": b"1", "sub/b": b"2"}
    before = (out / "a").stat()
    assert applied(Changes(out=out, write={"c": b"3"}, remove=("sub/b", "gone"), unchanged=("a",))) == []
    assert contents(out) == {"a": b"1", "c": b"3"}
    assert (out / "a").stat() == before


def test_bytecode_of_a_module_that_is_replaced_is_not_run(folder: Path) -> None:
    """Python takes bytecode for that of a module of the same size and second."""
    module = folder / "module.py"
    module.write_bytes(b"value = 1\n")
    code = Path(cache_from_source(module))
    py_compile.compile(str(module), str(code), doraise=True)
    assert apply(Changes(out=folder, write={"module.py": b"value = 2\n"}), Report())
    assert not code.exists()


def test_nothing_to_do_touches_nothing(folder: Path) -> None:
    changes = Changes(out=folder / "out", unchanged=("a",), refused=("b",))
    assert not changes
    assert applied(changes) == []
    assert not changes.out.exists()


@pytest.mark.parametrize("after", range(4))
def test_a_failure_leaves_the_folder_as_it_was(folder: Path, monkeypatch: pytest.MonkeyPatch, after: int) -> None:
    out = folder / "out"
    applied(Changes(out=out, write={"a": b"1", "b": b"1", "old": b"1"}))
    for name in ("a", "b", "old"):
        os.utime(out / name, (1, 1))
    monkeypatch.setattr(os, "replace", failing(after, OSError(errno.ENOSPC, "No space left on device")))
    changes = Changes(out=out, write={"a": b"2", "b": b"2", "new": b"2"}, remove=("old",))
    messages = applied(changes)
    if after == 3:
        assert messages == []
        assert contents(out) == {"a": b"2", "b": b"2", "new": b"2"}
        return
    name = ("a", "b", "new")[after]
    assert messages == [f"write_failed: cannot write 'out/{name}': no space left on device"]
    assert contents(out) == {"a": b"1", "b": b"1", "old": b"1"}
    assert {path.stat().st_mtime for path in out.iterdir()} == {1}


def test_a_failure_before_the_first_file_is_replaced(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out = folder / "out"
    applied(Changes(out=out, write={"a": b"1"}))
    before = (out / "a").stat()
    monkeypatch.setattr(os, "fsync", lambda descriptor: (_ for _ in ()).throw(OSError(errno.ENOSPC, "full")))
    assert applied(Changes(out=out, write={"a": b"2"})) == ["write_failed: cannot write 'out/a': full"]
    assert (out / "a").stat() == before
    assert contents(out) == {"a": b"1"}


@pytest.mark.parametrize("after", range(3))
def test_an_interrupt_leaves_the_folder_as_it_was(folder: Path, monkeypatch: pytest.MonkeyPatch, after: int) -> None:
    out = folder / "out"
    applied(Changes(out=out, write={"a": b"1", "old": b"1"}))
    monkeypatch.setattr(os, "replace", failing(after, KeyboardInterrupt()))
    changes = Changes(out=out, write={"a": b"2", "b": b"2", "c": b"2"}, remove=("old",))
    with pytest.raises(KeyboardInterrupt):
        apply(changes, Report())
    assert contents(out) == {"a": b"1", "old": b"1"}


def test_a_folder_in_the_way(folder: Path) -> None:
    out = folder / "out"
    (out / "b").mkdir(parents=True)
    assert applied(Changes(out=out, write={"a": b"1", "b": b"1"})) == [
        "write_failed: cannot write 'out/b': a folder is in the way"
    ]
    assert contents(out) == {}


def test_a_file_where_the_folder_should_be(folder: Path) -> None:
    (folder / "out").write_bytes(b"")
    (message,) = applied(Changes(out=folder / "out", write={"a": b""}))
    assert message.startswith("write_failed: cannot write 'out'")
    (message,) = applied(Changes(out=folder / "out" / "below", write={"a": b""}))
    assert message.startswith("write_failed: cannot write 'out/below'")


def test_folders_made_for_nothing_go_again(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "replace", failing(0, OSError(errno.EROFS, "Read-only file system")))
    assert applied(Changes(out=folder / "x" / "out", write={"a": b""})) != []
    assert list(folder.iterdir()) == []


@posix_only
def test_a_link_is_replaced_and_not_what_it_leads_to(folder: Path) -> None:
    (folder / "mine").write_bytes(b"mine")
    (folder / "out").mkdir()
    (folder / "out" / "a").symlink_to(folder / "mine")
    assert applied(Changes(out=folder / "out", write={"a": b"1"})) == []
    assert (folder / "mine").read_bytes() == b"mine"
    assert not (folder / "out" / "a").is_symlink()
