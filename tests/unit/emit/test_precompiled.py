"""Templates are compiled once, and kept in the user's own cache; what is damaged there is compiled again."""

from __future__ import annotations

from pathlib import Path

import jinja2
import pytest

from cwc._resources import templates_folder
from cwc.emit.render import environment

NAME = "module/step.py.j2"


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    environment(templates_folder()).get_template(NAME)
    return tmp_path / "cwc"


def compiled_again(monkeypatch: pytest.MonkeyPatch) -> bool:
    compiled: list[str] = []
    compile_ = jinja2.Environment.compile

    def noted(self: jinja2.Environment, source: str, name: str | None, filename: str | None) -> object:
        compiled.append(source)
        return compile_(self, source, name, filename)

    with monkeypatch.context() as patch:
        patch.setattr(jinja2.Environment, "compile", noted)
        environment(templates_folder()).get_template(NAME)
    return bool(compiled)


def test_a_template_is_compiled_once(monkeypatch: pytest.MonkeyPatch) -> None:
    assert not compiled_again(monkeypatch)


@pytest.mark.parametrize("how", ["cut", "changed", "gone", "another"])
def test_what_is_damaged_is_compiled_again(how: str, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (entry,) = cache.glob("template-*")
    data = entry.read_bytes()
    match how:
        case "cut":
            entry.write_bytes(data[:-1])
        case "changed":
            entry.write_bytes(data[:100] + bytes([data[100] ^ 1]) + data[101:])
        case "gone":
            entry.unlink()
        case "another":
            environment(templates_folder()).get_template("module/body.py.j2")
            (other,) = [path for path in cache.glob("template-*") if path != entry]
            entry.write_bytes(other.read_bytes())
    assert compiled_again(monkeypatch)
    assert not compiled_again(monkeypatch)
