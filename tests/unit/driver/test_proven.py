"""Shapes that keep the contract are known to the next build, in the user's own cache only."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from cwc.contract.generated import CLEAN
from cwc.driver.rebuilding import proven
from cwc.driver.rebuilding.proven import remembering_shapes


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    (tmp_path / "project").mkdir()
    monkeypatch.chdir(tmp_path / "project")
    before = CLEAN.copy()
    yield tmp_path / "cache" / "cwc"
    CLEAN.clear()
    CLEAN.update(before)


def learn(*shapes: str, root: Path) -> set[str]:
    """A build that proves shapes; those that it knew before."""
    CLEAN.clear()
    with remembering_shapes(root):
        known = CLEAN.copy()
        CLEAN.update(shapes)
    return known


def test_what_was_proven_is_known_to_the_next_build(tmp_path: Path) -> None:
    assert learn("a", "b", root=tmp_path / "project") == set()
    assert learn("c", root=tmp_path / "project") == {"a", "b"}
    assert learn(root=tmp_path / "project") == {"a", "b", "c"}


def test_nothing_is_learnt_of_a_build_that_fails(tmp_path: Path) -> None:
    def fail() -> None:
        with remembering_shapes(tmp_path / "project"):
            CLEAN.add("a")
            raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        fail()
    assert learn(root=tmp_path / "project") == set()


def test_a_cache_within_the_project_is_not_believed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "project" / "cache"))
    learn("a", root=tmp_path / "project")
    assert not (tmp_path / "project" / "cache").exists()


def test_shapes_do_not_pile_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(proven, "MOST", 3)
    learn("a", "b", root=tmp_path / "project")
    learn("c", "d", root=tmp_path / "project")
    assert learn(root=tmp_path / "project") == {"c", "d"}


def test_an_entry_under_another_name_is_none(tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    learn("a", root=tmp_path / "project")
    (entry,) = cache.glob("shapes-*")
    monkeypatch.setattr(proven, "_grammar", lambda: "other")
    entry.rename(cache / "shapes-other")
    assert learn(root=tmp_path / "project") == set()
