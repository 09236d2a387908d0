"""Every file, command and piece of code of the guide is run, and its tables of fields and settings are those of the
models."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from cwc.driver.config import settings_schema
from cwc.emit.names import file_name
from tests import field_tables, literate
from tests.projects import ROOT

RUN = ("checkpoints.md", "what-cwc-proves.md")
GUIDE = [*sorted((ROOT / "docs" / "guide").glob("*.md")), *(ROOT / "docs" / name for name in RUN)]
PAGES = sorted((ROOT / "docs").rglob("*.md"))


@pytest.mark.parametrize("page", GUIDE, ids=lambda path: path.stem)
def test_page(page: Path, tmp_path: Path) -> None:
    assert literate.run(page, tmp_path) > 0


@pytest.mark.parametrize("page", [*PAGES, ROOT / "README.md"], ids=lambda path: path.name)
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text("utf-8")):
        assert (page.parent / target).exists(), target


def test_the_tables_of_fields_are_those_of_the_models(request: pytest.FixtureRequest) -> None:
    path = field_tables.path_of_page(ROOT)
    page = path.read_text("utf-8")
    made = field_tables.with_tables(page)
    if request.config.getoption("--accept"):
        path.write_text(made, "utf-8")
    else:
        assert page == made


def test_the_table_of_modules_tells_where_they_stand() -> None:
    _, _, table = field_tables.path_of_page(ROOT).read_text("utf-8").partition("<!-- modules -->")
    rows = re.findall(
        r"^\| `(.+?)` \| `(.+?)`(.*?) \| `generated/(.+)` \|$", table.partition("\n\nTwo")[0], re.MULTILINE
    )
    assert len(rows) == 7
    for name, version, beside, file in rows:
        assert file_name(name, version, latest=not beside) == file


def test_the_table_of_settings_is_that_of_the_model() -> None:
    page = (ROOT / "docs" / "every-day.md").read_text("utf-8")
    rows = {
        name: (default, told) for name, default, told in re.findall(r"^\| `(\w+)` \| (.+?) \| (.+) \|$", page, re.M)
    }
    schema = settings_schema()
    known = schema["properties"]
    assert isinstance(known, dict)
    assert rows.keys() == known.keys()
    for name, setting in known.items():
        default = setting["default"]
        assert rows[name][0] == ("not set" if default is None else f"`{json.dumps(default)}`"), name
    choices = {name: re.findall(r"`(\w+)`", told) for name, (_, told) in rows.items()}
    assert choices["lane"] == known["lane"]["enum"]
    assert choices["schedule"] == known["schedule"]["enum"]
    assert choices["async_constructs"] == known["async_constructs"]["items"]["enum"]
    assert choices["severity"] == known["severity"]["additionalProperties"]["enum"]
    of_a_flow = known["flow"]["additionalProperties"]["$ref"].rpartition("/")[2]
    definitions = schema["$defs"]
    assert isinstance(definitions, dict)
    assert set(choices["flow"]) == definitions[of_a_flow]["properties"].keys()
