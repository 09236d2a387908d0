"""Validating and dumping a tool's output in one pass: a typed dict with the very fields of the output model.

A twin accepts less than its model and never more: what it gives for a mapping is what validating it into the model and
dumping that would give. It exists only for models that are shown to be plain, node by node of their core schema; what
it refuses goes the plain way, which also words the error.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from weakref import WeakKeyDictionary

from pydantic import BaseModel, ValidationError
from pydantic_core import SchemaValidator, core_schema

from cwc.runtime.fast import stands_for

Node = Mapping[str, Any]
Validate = Callable[[Any], dict[str, Any]]

_SCALARS = frozenset({
    "bool", "bytes", "date", "datetime", "decimal", "enum", "float", "int", "literal", "none", "str", "time",
    "timedelta", "uuid",
})  # fmt: skip
"""Nodes whose values are dumped as they are: validation is all there is to them."""

_ATOMS = frozenset({"bool", "bytes", "float", "int", "str"})
"""Types of which an object is exactly of one, or of none."""

_PLAIN = frozenset({type(None), bool, int, float, str, bytes})
_EMPTY = (list, dict, set)
"""Types of defaults: of any value, and of empty ones."""

_REFERRING = ("definitions", "definition-ref")
_MODEL_KEYS = frozenset({
    "type", "cls", "schema", "config", "ref", "metadata", "generic_origin", "custom_init", "root_model", "frozen",
})  # fmt: skip
_FIELDS_KEYS = frozenset({"type", "fields", "model_name", "computed_fields", "ref", "metadata"})
_DEFAULT_KEYS = frozenset({
    "type", "schema", "default", "default_factory", "default_factory_takes_data", "copy_default", "ref", "metadata",
})  # fmt: skip
_FIELD_KEYS = frozenset({"type", "schema", "frozen", "metadata"})
_CONFIG = {"strict": False, "extra_fields_behavior": "ignore"}
"""Settings that say what holds without them."""


class NoTwin(Exception):
    """A model that is not shown to be plain; the message names what stands in the way."""


@stands_for("model_validate and model_dump")
def twin_of(model: type[BaseModel]) -> Validate | None:
    """What validates a mapping into the dumped mapping of ``model``; None where the two are not shown to be one."""
    known = _TWINS.get(model)
    if known is None or known[0] is not model.__pydantic_core_schema__:
        known = _TWINS[model] = model.__pydantic_core_schema__, _made(model)
    return known[1]


_TWINS: WeakKeyDictionary[type[BaseModel], tuple[object, Validate | None]] = WeakKeyDictionary()
"""The twins made so far, each with the schema that it was made of, until somebody rebuilds the model."""


def _made(model: type[BaseModel]) -> Validate | None:
    try:
        schema = twin_schema(model.__pydantic_core_schema__)
    except NoTwin:
        return None
    validate: Validate = SchemaValidator(schema).validate_python
    return validate


def twin_schema(schema: Node) -> Any:
    """The core schema of a twin, made of a model's own. Raises NoTwin."""
    twins = _Twins()
    return twins.model(twins.resolved(schema))


def outermost(model: type[BaseModel]) -> Node:
    """The node that a model's own core schema begins with: the model, or what validators are around it."""
    node: Node = model.__pydantic_core_schema__
    definitions: dict[str, Node] = {}
    while node["type"] in _REFERRING:
        definitions.update((each["ref"], each) for each in node.get("definitions", ()))
        node = node["schema"] if "schema" in node else definitions[node["schema_ref"]]
    return node


def plain_fields(model: type[BaseModel]) -> Mapping[str, Node] | None:
    """The core schemas of a model's fields, where making it of a mapping is that and nothing else; otherwise None."""
    schema = model.__pydantic_core_schema__
    try:
        fields = _Twins().fields(schema)
        for field in fields.values():
            _expect(field, _FIELD_KEYS)
    except NoTwin:
        return None
    return {name: field["schema"] for name, field in fields.items()}


class _Twins:
    """The making of one twin. ``open`` are the definitions that the node at hand stands in."""

    def __init__(self) -> None:
        self.definitions: dict[str, Node] = {}
        self.open: list[str] = []

    def resolved(self, node: Node) -> Node:
        while node["type"] in _REFERRING:
            _expect(node, {"type", "schema", "definitions", "schema_ref", "ref", "metadata"})
            self.definitions.update((each["ref"], each) for each in node.get("definitions", ()))
            node = node["schema"] if "schema" in node else self.definitions[node["schema_ref"]]
        return node

    def node(self, node: Node) -> Any:
        """A node whose validated value is its dump."""
        node = self.resolved(node)
        ref = node.get("ref")
        if ref in self.open:
            raise NoTwin("a model that holds itself")
        if ref is not None:
            self.open.append(ref)
        made = self._made(node)
        if ref is not None:
            self.open.pop()
        return made

    def _made(self, node: Node) -> Any:
        if "serialization" in node:
            raise NoTwin("a serializer of its own")
        kind = node["type"]
        if kind == "int":
            # Of members of an enum that are no numbers, Pydantic makes their values, whatever those are.
            return _without_ref(node) | {"strict": True}
        if kind in _SCALARS:
            return _without_ref(node)
        match kind:
            case "nullable":
                return _without_ref(node) | {"schema": self.node(node["schema"])}
            case "default":
                return self._default(node)
            case "union":
                return self._union(node)
            case "list" | "dict" | "tuple" | "set" | "frozenset":
                return self._container(node)
            case "model":
                return self.model(node)
        raise NoTwin(f"a node of the kind {kind!r}")

    def model(self, node: Node) -> Any:
        fields = {name: self._field(field) for name, field in self.fields(node).items()}
        # Strict: of an iterator, say, there would be nothing left to go the plain way with.
        return core_schema.typed_dict_schema(fields, strict=True)

    def fields(self, node: Node) -> Mapping[str, Node]:
        """The fields of a model that is nothing but them."""
        if node["type"] != "model":
            raise NoTwin(f"a model within {node['type']!r}")
        _expect(node, _MODEL_KEYS)
        if node.get("custom_init") or node.get("root_model") or not is_plain_model(node["cls"]):
            raise NoTwin("a model that is made or dumped in its own way")
        _expect({key: value for key, value in node.get("config", {}).items() if _CONFIG.get(key) != value}, {"title"})
        inner = self.resolved(node["schema"])
        if inner["type"] != "model-fields" or inner.get("computed_fields"):
            raise NoTwin("validators of a whole model, or computed fields")
        _expect(inner, _FIELDS_KEYS)
        fields: Mapping[str, Node] = inner["fields"]
        return fields

    def _field(self, field: Node) -> Any:
        _expect(field, _FIELD_KEYS)
        schema = self.node(field["schema"])
        return core_schema.typed_dict_field(schema, required=schema["type"] != "default")

    def _default(self, node: Node) -> Any:
        _expect(node, _DEFAULT_KEYS)
        inner = self.node(node["schema"])
        if "default_factory" in node:
            if node["default_factory"] not in _EMPTY or node.get("default_factory_takes_data"):
                raise NoTwin("a default that is made")
            value = node["default_factory"]()
        else:
            value = node["default"]
        if type(value) not in _PLAIN and not (type(value) in _EMPTY and not value):
            raise NoTwin("a default that may be dumped as something else")
        try:
            # What its field would not accept is dumped with a warning.
            SchemaValidator(inner).validate_python(value, strict=True)
        except ValidationError:
            raise NoTwin("a default that its field would not accept") from None
        if type(value) is dict and _may_be_model(inner):
            raise NoTwin("a default that is no instance of its field's model")
        return _without_ref(node) | {"schema": inner}

    def _union(self, node: Node) -> Any:
        _expect(node, {"type", "choices", "mode", "auto_collapse", "ref", "metadata"})
        choices = [choice[0] if isinstance(choice, tuple) else choice for choice in node["choices"]]
        if any(self.resolved(choice)["type"] not in _SCALARS for choice in choices):
            raise NoTwin("a union of more than scalars")
        made = [self.node(choice) for choice in choices]
        if any(choice["type"] == "int" for choice in made):
            # Among strict choices an int loses nothing that another would then take.
            if node.get("mode") == "left_to_right" or not all(_is_atom(choice) for choice in made):
                raise NoTwin("a union with an int, and more than bare types")
            made = [choice | {"strict": True} for choice in made]
        return _without_ref(node) | {"choices": made}

    def _container(self, node: Node) -> Any:
        made = _without_ref(node) | {"strict": True}
        inner = {"list": ["items_schema"], "dict": ["keys_schema", "values_schema"], "tuple": []}
        for key in inner.get(node["type"], ["items_schema"]):
            if key not in node:
                raise NoTwin("items of any kind")
            made[key] = self.node(node[key])
        if node["type"] == "tuple":
            made["items_schema"] = [self.node(each) for each in node["items_schema"]]
        hashed = {"set": "items_schema", "frozenset": "items_schema", "dict": "keys_schema"}.get(node["type"])
        if hashed is not None and made[hashed]["type"] not in _SCALARS:
            raise NoTwin("keys that are no scalars")
        return made


def _is_atom(twin: Node) -> bool:
    return twin["type"] in _ATOMS and twin.keys() <= {"type", "strict"}


def _may_be_model(twin: Node) -> bool:
    return twin["type"] == "typed-dict" or (twin["type"] in ("nullable", "default") and _may_be_model(twin["schema"]))


def is_plain_model(model: type[BaseModel]) -> bool:
    """Whether a model validates, dumps and is made by Pydantic's own methods."""
    has_own = is_own(model, "model_validate") and is_own(model, "model_dump")
    return has_own and all(getattr(model, name) is getattr(object, name) for name in ("__new__", "__getattribute__"))


def is_own(model: type[BaseModel], method: str) -> bool:
    """Whether a method of a model is Pydantic's."""
    found, own = getattr(model, method), vars(BaseModel)[method]
    return getattr(found, "__func__", found) is getattr(own, "__func__", own)


def _expect(node: Node, keys: frozenset[str] | set[str]) -> None:
    for key, value in node.items():
        if key not in keys and value is not None:
            raise NoTwin(f"the setting {key!r}")


def _without_ref(node: Node) -> dict[str, Any]:
    return {key: value for key, value in node.items() if key not in ("ref", "metadata")}
