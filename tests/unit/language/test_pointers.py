"""Values of input mappings are keys, JSON pointers or literals."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cwc.language.pointers import KeyLookup, LiteralValue, PointerLookup, read_mapping_value


@pytest.mark.parametrize("text", ["value", "", "a/b", "~1", " /a", "user.name", "\ud800"])
def test_text_is_a_key(text: str) -> None:
    assert read_mapping_value(text) == KeyLookup(text)


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("/", ("",)),
        ("/a", ("a",)),
        ("/user/address/0", ("user", "address", "0")),
        ("//", ("", "")),
        ("/a/", ("a", "")),
        ("/~1raw", ("/raw",)),
        ("/m~0n", ("m~n",)),
        ("/~01", ("~1",)),
        ("/~10", ("/0",)),
        ("/~2~", ("~2~",)),
        ("/c%d e\n", ("c%d e\n",)),
    ],
)
def test_text_with_a_leading_slash_is_a_json_pointer(text: str, tokens: tuple[str, ...]) -> None:
    assert read_mapping_value(text) == PointerLookup(tokens)


@pytest.mark.parametrize("value", [None, True, 3, 1.5, [], ["/a"], {"a": "b"}, b"/a", 10**4000])
def test_anything_else_is_itself(value: object) -> None:
    assert read_mapping_value(value) == LiteralValue(value)


@given(st.lists(st.text(), min_size=1))
def test_tokens_that_are_escaped_come_back(tokens: list[str]) -> None:
    text = "".join("/" + token.replace("~", "~0").replace("/", "~1") for token in tokens)
    assert read_mapping_value(text) == PointerLookup(tuple(tokens))
