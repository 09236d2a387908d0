"""The type-tagged JSON in which a journal records values, so that they come back with the types that they had.

What JSON has a form for stands as itself; anything else is an object with the one key ``$``: its tag and its parts.
"""

from __future__ import annotations

import json
import math
from json.encoder import encode_basestring
from typing import Any

from pydantic import Secret, SecretBytes, SecretStr

from cwc.runtime.fast import stands_for
from cwc.runtime.stores.encoding_kinds import Kind, kind_named, kind_of
from cwc.runtime.stores.not_kept import NotKept

_TAG = "$"
_WRITER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))
_SMALL = 1 << 63
"""Whole numbers beyond are recorded in hexadecimal: decimal text of more than some thousand digits is refused."""


class UndecodableError(Exception):
    """A recorded text is not what `encode` writes, or names a class that is not there any more."""


def encode(value: Any, *, store_secrets: bool = False) -> str:
    """A value as text, from which `decode` makes an equal value of equal types; this is tried out.

    Raises NotKept for a value of which that is not true, and for a secret without ``store_secrets``.
    """
    try:
        packed = _packed(value, store_secrets)
        text = json.dumps(packed, ensure_ascii=False, separators=(",", ":"), check_circular=False)
        again = decode(text)
    except UndecodableError as error:
        raise NotKept(f"it cannot be read back: {error}") from error
    except RecursionError:
        raise NotKept("it is nested too deep, or holds itself") from None
    if not _same(value, again):
        raise NotKept("it would not come back equal")
    return text


def fingerprint(value: Any) -> str:
    """A value as text that tells it from all others that are not equal to it; not tried out.

    Plain values are their JSON. Raises NotKept for a value that has no such text, and for secrets.
    """
    flat = flat_text(value)
    if flat is not None:
        return flat
    try:
        return packed_text(value)
    except (RecursionError, ValueError):
        raise NotKept("it is nested too deep, or holds itself") from None


def packed_text(value: Any) -> str:
    """The fingerprint of any value. Raises as `fingerprint`, RecursionError and ValueError for what holds itself."""
    return _WRITER.encode(_packed(value, False))


@stands_for("packing a value, and writing that as JSON")
def flat_text(value: Any) -> str | None:
    """The fingerprint of a dict of the plainest values under plain names; None for any other value."""
    if type(value) is not dict:
        return None
    parts = []
    for key, item in value.items():
        cls = type(item)
        if type(key) is not str or key == _TAG or not key.isascii():
            return None
        if cls is str and item.isascii():
            text = encode_basestring(item)
        elif cls is int and -_SMALL < item < _SMALL:
            text = repr(item)
        elif item is None or cls is bool:
            text = _WORDS[item]
        else:
            return None
        parts.append(f"{encode_basestring(key)}:{text}")
    return "{" + ",".join(parts) + "}"


_WORDS = {None: "null", True: "true", False: "false"}


def decode(text: str) -> Any:
    """The value of a text that `encode` has made; nothing is validated. Raises UndecodableError."""
    try:
        return _unpacked(json.loads(text))
    except Exception as error:
        raise UndecodableError(f"{type(error).__name__}: {error}") from error


def _packed(value: Any, secrets: bool) -> Any:
    """A value as what ``json`` writes."""
    cls = type(value)
    if cls is str:
        return value if value.isascii() else _packed_text(value)
    if cls is int:
        return value if -_SMALL < value < _SMALL else {_TAG: ["int", hex(value)]}
    if value is None or cls is bool:
        return value
    if cls is float:
        return value if math.isfinite(value) else {_TAG: ["float", repr(value)]}
    if cls is dict:
        return _packed_dict(value, secrets)
    if cls is list:
        return [_inside(str(index), item, secrets) for index, item in enumerate(value)]
    if isinstance(value, SecretStr | SecretBytes | Secret) and not secrets:
        raise NotKept("it is a secret, and the checkpointer was made without store_secrets=True")
    return _packed_kind(kind_of(value), value, secrets)


def _packed_text(text: str) -> Any:
    try:
        text.encode()
    except UnicodeEncodeError:
        # JSON would join two halves of a surrogate pair, and no store takes one half.
        return {_TAG: ["text", text.encode("utf-8", "surrogatepass").hex()]}
    return text


def _packed_dict(value: dict[Any, Any], secrets: bool) -> Any:
    if _TAG not in value and all(type(key) is str and (key.isascii() or _packed_text(key) is key) for key in value):
        return {key: _inside(key, item, secrets) for key, item in value.items()}
    return {_TAG: ["dict", [[_packed(key, secrets), _inside(str(key), item, secrets)] for key, item in value.items()]]}


def _packed_kind(kind: Kind, value: Any, secrets: bool) -> Any:
    parts = kind.apart(value)
    try:
        return {_TAG: [kind.tag, _packed(parts, secrets)]}
    except NotKept as error:
        if kind.tag not in _INDEXED:
            error.tokens.clear()
        raise


_INDEXED = frozenset({"tuple", "set", "frozenset"})
"""Kinds whose parts are their items: a pointer leads on into them."""


def _inside(token: str, value: Any, secrets: bool) -> Any:
    try:
        return _packed(value, secrets)
    except NotKept as error:
        error.tokens.append(token)
        raise


def _unpacked(value: Any) -> Any:
    if isinstance(value, list):
        return [_unpacked(item) for item in value]
    if not isinstance(value, dict):
        return value
    if _TAG not in value:
        return {key: _unpacked(item) for key, item in value.items()}
    tag, parts = value[_TAG]
    match tag:
        case "dict":
            return {_unpacked(key): _unpacked(item) for key, item in parts}
        case "int":
            return int(parts, 16)
        case "float":
            return float(parts)
        case "text":
            return bytes.fromhex(parts).decode("utf-8", "surrogatepass")
        case _:
            return kind_named(tag).again(_unpacked(parts))


def _same(one: Any, other: Any) -> bool:
    """Whether two values are equal down to the types of their parts; nan equals nan, and -0.0 is not 0.0."""
    cls = type(one)
    if cls is not type(other):
        return False
    if one is None or cls in (str, int, bool):
        return bool(one == other)
    if cls is float:
        return repr(one) == repr(other)
    if cls is list:
        return len(one) == len(other) and all(map(_same, one, other))
    if cls is dict:
        return len(one) == len(other) and all(
            _same(*keys) and _same(one[keys[0]], other[keys[1]]) for keys in zip(one, other, strict=True)
        )
    if cls in (set, frozenset):
        return sorted(map(_canonical, one)) == sorted(map(_canonical, other))
    kind = kind_of(one)
    return _same(kind.apart(one), kind.apart(other))


def _canonical(value: Any) -> str:
    return json.dumps(_packed(value, True), sort_keys=True)
