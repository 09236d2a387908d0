"""The example projects: each one's README is run as it stands, and what its flow comes to is checked once more."""

from __future__ import annotations

import importlib
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType

import pytest

from tests import literate
from tests.projects import ROOT, inside

EXAMPLES = ROOT / "docs" / "examples"
NAMES = sorted(path.parent.name for path in EXAMPLES.glob("*/pyproject.toml"))


@contextmanager
def built(name: str, folder: Path) -> Iterator[None]:
    """A copy of an example, built by its README, as the working directory."""
    project = folder / name
    shutil.copytree(EXAMPLES / name, project, ignore=shutil.ignore_patterns("generated", ".cwc_cache"))
    if name == "document_search":
        shutil.copytree(ROOT / "docs", project / "docs", ignore=shutil.ignore_patterns("examples"))
    assert literate.run(project / "README.md", project) > 1
    with inside(project):
        yield


def generated(name: str) -> ModuleType:
    return importlib.import_module(f"generated.{name}")


def test_every_example_is_listed_and_tested() -> None:
    listed = (EXAMPLES / "README.md").read_text("utf-8")
    assert all(f"({name}/README.md)" in listed for name in NAMES)
    assert all(f"built({name!r}".replace("'", '"') in Path(__file__).read_text("utf-8") for name in NAMES)


def test_extract_transform_load(tmp_path: Path) -> None:
    with built("csv_etl", tmp_path):
        flow = generated("regional_totals")
        missing = flow.run({"source": "data/none.csv", "target": "out/none.csv"})
        assert (missing.success, missing.execution_log[-1].tool_name) == (False, "extract")
        assert not Path("out/none.csv").exists()
        assert Path("out/totals.csv").read_text("utf-8") == "region,total\nnorth,59.70\nsouth,297.00\nwest,84.80\n"
        assert not list(Path("out").glob("*.part"))


def test_release_readiness(tmp_path: Path) -> None:
    with built("release_readiness", tmp_path):
        scratch, flow = importlib.import_module("scratch"), generated("readiness")
        fresh = Path("fresh")
        scratch.make(fresh)
        assert flow.run({"repository": "fresh"}).final_output["reasons"] == []
        scratch.git(fresh, "tag", "v1.1")
        released = flow.run({"repository": "fresh"}).final_output
        assert released["reasons"] == ["nothing was committed since v1.1", "1.1 is released already"]
        scratch.commit(fresh, "Third", {"pyproject.toml": scratch.PROJECT.format("1.2")})
        unsaid = flow.run({"repository": "fresh"}).final_output
        assert (unsaid["commits"], unsaid["reasons"]) == (["Third"], ["the changelog says nothing of 1.2"])


@pytest.mark.parametrize("lane", ["sync", "async"])
def test_fan_out(lane: str, tmp_path: Path) -> None:
    import asyncio

    with built("fan_out", tmp_path):
        shop, flow = importlib.import_module("shop"), generated("offer")
        with shop.open_shop() as (address, asked):
            given = {"shop": address, "article": "lamp"}
            result = flow.run(given) if lane == "sync" else asyncio.run(flow.run_async(given))
        assert result.success
        assert result.final_output["fresh"] is False
        assert [record.retry_count for record in result.execution_log] == [0, 2, 3, 0]
        assert asked.total() == 8


def test_document_search(tmp_path: Path) -> None:
    with built("document_search", tmp_path):
        flow = generated("search")
        for question, page in {
            "move a project from ChainWeaver": "guide/from-chainweaver.md",
            "which code families of diagnostics are there": "design.md",
        }.items():
            hits = flow.run({"folder": "docs", "question": question, "limit": 5}).final_output["hits"]
            assert page in [hit["page"] for hit in hits]
            assert [hit["score"] for hit in hits] == sorted((hit["score"] for hit in hits), reverse=True)
        nothing = flow.run({"folder": "flows", "question": "anything", "limit": 1}).final_output["hits"]
        assert nothing == []
