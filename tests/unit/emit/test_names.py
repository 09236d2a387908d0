"""Names in generated code and of generated files."""

from __future__ import annotations

import builtins
import keyword
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cwc.emit.names import Names, dotted_name, file_name, module_name

hostile_text = st.text(st.characters(codec=None, exclude_categories=()), max_size=60)


@given(st.lists(hostile_text | st.sampled_from(["class", "print", "out_1", "step_0", "initial", "", "_", "9", "ｉｆ"])))
def test_allocated_names_are_plain_identifiers_and_unique(wanted: list[str]) -> None:
    names = Names(["initial"])
    given_out = [names.allocate(text) for text in wanted]
    assert len(set(given_out)) == len(given_out)
    for name in given_out:
        assert name.isascii()
        assert name.isidentifier()
        assert not name.startswith("_")
        assert not keyword.iskeyword(name)
        assert name not in dir(builtins)
        assert name not in ("initial", "out_1", "step_0")


def test_names_resemble_their_keys() -> None:
    names = Names()
    assert names.allocate("Total price (EUR)") == "Total_price_EUR"
    assert names.allocate("value") == "value"
    assert names.allocate("value") == "value_2"


def test_inner_scopes_shadow_nothing() -> None:
    outer = Names()
    outer.allocate("value")
    inner = outer.inner()
    assert inner.allocate("value") == "value_2"
    assert outer.allocate("value") == "value_2"


@pytest.mark.parametrize("text", ["os.path", "a", "a.b.c"])
def test_dotted_names_pass(text: str) -> None:
    assert dotted_name(text) == text


@pytest.mark.parametrize("text", ["", "a.", "a b", "class", "ｏｓ", "a;b", "a\n", "__import__", "x.__class__", "é"])
def test_other_text_is_no_dotted_name(text: str) -> None:
    with pytest.raises(ValueError, match=r"is not|private"):
        dotted_name(text)


@pytest.mark.parametrize(
    ("flow", "module"),
    [
        ("double_add", "double_add"),
        ("Order intake/v2", "Order_intake_v2"),
        ("", "flow_"),
        ("2fast", "flow_2fast"),
        ("_private", "flow__private"),
        ("class", "flow_class"),
        ("json", "flow_json"),
        ("日本", "flow__"),
        ("../../etc/passwd", "flow__etc_passwd"),
    ],
)
def test_module_names(flow: str, module: str) -> None:
    assert module_name(flow) == module


@given(hostile_text)
def test_module_names_are_importable(flow: str) -> None:
    name = module_name(flow)
    assert name.isidentifier()
    assert name.isascii()
    assert name not in sys.stdlib_module_names


def test_older_versions_have_files_of_their_own() -> None:
    assert file_name("a", "1.0", latest=True) == "a.py"
    assert file_name("a", "1.0rc1+x", latest=False) == "a__1_0rc1_x.py"
