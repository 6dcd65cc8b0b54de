"""A parameter schema as the generator is to see it: only what decides a type, every type named.

Bounds, patterns and formats are the collector's to check. What a type cannot say is widened, never
narrowed: `not` is left out, and an object with typed extra keys keeps its declared ones.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from weir.registry.keywords import is_map, types_of

Shape = dict[str, Any]

_ROOT = ("description", "properties", "required")
_PLACEHOLDER = re.compile(r"([Qq])z([a-p]{4})j")


class Names:
    """Gives every type of one event a name of its own, which no other event can have.

    The generator restyles names (`Api` to `API`), so it gets placeholders that it leaves alone;
    `restore` puts the names in.
    """

    def __init__(self) -> None:
        self._names: list[str] = []
        self._alike: dict[str, str] = {}

    def give(self, name: str, alike: object = None) -> str:
        """Return the placeholder of a name: one and the same for the alternatives of one place.

        Args:
            name: the name.
            alike: what the type is made of, where the generator writes equal types once: the first
                name given to it is then the name.
        """
        if alike is not None:
            name = self._alike.setdefault(json.dumps(alike, sort_keys=True), name)
        if name not in self._names:
            self._names.append(name)
        code, rest = "", self._names.index(name)
        for _ in range(4):
            code, rest = chr(ord("a") + rest % 16) + code, rest // 16
        return f"Qz{code}j"

    def restore(self, text: str, *, snake: bool = False) -> str:
        """Return a generated text with the names in place of the placeholders."""

        def name(found: re.Match[str]) -> str:
            number = 0
            for letter in found[2]:
                number = number * 16 + ord(letter) - ord("a")
            given = self._names[number]
            if found[1] == "Q":
                return given
            return snake_case(given) if snake else given[0].lower() + given[1:]

        return _PLACEHOLDER.sub(name, text)


def pascal_case(name: str) -> str:
    """Return a name as a type's name.

    >>> pascal_case("purchase_item_shop"), pascal_case("2nd-key"), pascal_case("ü")
    ('PurchaseItemShop', 'X2ndKey', 'X')
    """
    words = re.findall(r"[A-Za-z0-9]+", name)
    joined = "".join(word[0].upper() + word[1:] for word in words)
    return joined if joined[:1].isalpha() else f"X{joined}"


def camel_case(name: str) -> str:
    """Return an event's name as a function's name.

    >>> camel_case("purchase_item_shop")
    'purchaseItemShop'
    """
    pascal = pascal_case(name)
    return pascal[0].lower() + pascal[1:]


def snake_case(name: str) -> str:
    """Return a type's name as a Python name.

    >>> snake_case("PurchaseItemShop")
    'purchase_item_shop'
    """
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


def shape(schema: Mapping[str, Any], name: str, names: Names, *, unions: bool) -> Shape:
    """Return the schema of one event's parameters as the generator is to see it.

    Args:
        schema: the parameters' schema.
        name: the name of its type; those of inner types begin with it.
        names: gives the placeholders.
        unions: whether the language writes a value of several types as JSON does; else such a
            value is any value.
    """
    declared = {key: value for key, value in _merged(schema).items() if key in _ROOT}
    closed = {"properties": {}, **declared, "type": "object", "additionalProperties": False}
    return _Shaper(names, unions=unions).node(closed, name)


class _Shaper:
    def __init__(self, names: Names, *, unions: bool) -> None:
        self._names, self._unions = names, unions

    def node(self, schema: Any, name: str) -> Shape:
        """Return the shape of one schema."""
        if not isinstance(schema, Mapping):
            return {}
        found = self._typed(_merged(schema), name)
        if isinstance(text := schema.get("description"), str):
            found["description"] = text
        return found

    def _typed(self, schema: Mapping[str, Any], name: str) -> Shape:
        if "enum" in schema or "const" in schema:
            return self._values(schema.get("enum", [schema.get("const")]), name)
        types = _types(schema)
        if not types:
            return self._alternatives(schema, name)
        if len([t for t in types if t != "null"]) > 1 and not self._unions:
            return {}
        result: Shape = {"type": types if len(types) > 1 else types[0]}
        if "object" in types:
            result |= self._object(schema, name)
        if "array" in types:
            result["items"] = self.node(schema.get("items", True), f"{name}Item")
        if len(types) > 1:
            result.setdefault("title", self._names.give(name, _plain(result)))
        return result

    def _object(self, schema: Mapping[str, Any], name: str) -> Shape:
        if is_map(schema):
            value = self.node(schema["additionalProperties"], f"{name}Value")
            return {"additionalProperties": value}
        declared = schema.get("properties")
        if declared is None and schema.get("additionalProperties") is not False:
            return {}
        inner = {k: v for k, v in (declared or {}).items() if v is not False}
        title = self._names.give(name)
        return {
            "title": title,
            "properties": {k: self.node(v, name + pascal_case(k)) for k, v in inner.items()},
            "required": [k for k in schema.get("required", ()) if k in inner],
            "additionalProperties": False,
        }

    def _alternatives(self, schema: Mapping[str, Any], name: str) -> Shape:
        choices = [
            c for key in ("anyOf", "oneOf") for c in schema.get(key, ()) if isinstance(c, Mapping)
        ]
        return self._either([self.node(choice, name) for choice in choices], name)

    def _either(self, shapes: list[Shape], name: str) -> Shape:
        """Return the shape of a value that has one of several: of one kind, they become one.

        The generator would do the same, and name what it makes after nothing of ours.
        """
        if not shapes or not all(shapes):
            return {}
        unlike = list({json.dumps(_plain(one), sort_keys=True): one for one in shapes}.values())
        for key in ("properties", "items", "additionalProperties"):
            same = [one for one in unlike if isinstance(one.get(key), dict)]
            if len(same) > 1:
                unlike = [one for one in unlike if one not in same]
                unlike.append(self._together(same, key, name))
        real = [one for one in unlike if one.get("type") != "null"]
        if len(unlike) == 1:
            return unlike[0]
        if len(real) > 1 and not self._unions:
            return {}
        alike = sorted(json.dumps(_plain(one), sort_keys=True) for one in unlike)
        return {"anyOf": unlike, "title": self._names.give(name, alike)}

    def _together(self, shapes: list[Shape], key: str, name: str) -> Shape:
        types = sorted({t for one in shapes for t in types_of(one)})
        first = shapes[0] | {"type": types if len(types) > 1 else types[0]}
        inner = [one[key] for one in shapes]
        if key != "properties":
            part = "Item" if key == "items" else "Value"
            return first | {key: self._either(inner, name + part)}
        keys = dict.fromkeys(k for one in inner for k in one)
        given = {k: [one[k] for one in inner if k in one] for k in keys}
        needed = [set(one.get("required", ())) for one in shapes]
        return first | {
            "properties": {k: self._either(v, name + pascal_case(k)) for k, v in given.items()},
            "required": sorted(set.intersection(*needed)),
        }

    def _values(self, values: list[Any], name: str) -> Shape:
        texts = [value for value in values if isinstance(value, str)]
        types = list(dict.fromkeys(_type_of(value) for value in values))
        real = [t for t in types if t != "null"]
        if real == ["string"]:
            kind: Any = ["string", "null"] if "null" in types else "string"
            return {"type": kind, "enum": texts, "title": self._names.give(name, sorted(texts))}
        if "object" in real or "array" in real or (len(real) > 1 and not self._unions):
            return {}
        if len(types) == 1:
            return {"type": types[0]}
        return {"type": types, "title": self._names.give(name, sorted(types))}


def _plain(node: Any) -> Any:
    """Return a shape without its descriptions."""
    if isinstance(node, list):
        return [_plain(inner) for inner in node]
    if not isinstance(node, dict):
        return node
    return {
        key: {name: _plain(inner) for name, inner in value.items()}
        if key == "properties"
        else _plain(value)
        for key, value in node.items()
        if key != "description"
    }


def _type_of(value: Any) -> str:
    kinds = {bool: "boolean", int: "integer", float: "number", str: "string", type(None): "null"}
    return kinds.get(type(value), "array" if isinstance(value, list) else "object")


def _types(schema: Mapping[str, Any]) -> list[str]:
    """Return the types of a schema, also where only its keywords tell them."""
    types = list(types_of(schema))
    if not types and ("properties" in schema or is_map(schema)):
        types = ["object"]
    if not types and "items" in schema:
        types = ["array"]
    return [t for t in types if t != "integer" or "number" not in types]


def _merged(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a schema with the parts of its `allOf` laid over each other."""
    result = {key: value for key, value in schema.items() if key != "allOf"}
    for part in schema.get("allOf", ()):
        if not isinstance(part, Mapping):
            continue
        part = _merged(part)  # noqa: PLW2901 - a part may have parts
        for key in ("properties", "required"):
            if key in part:
                result[key] = _union(result.get(key), part[key])
        result = {**part, **result}
    return result


def _union(left: Any, right: Any) -> Any:
    if isinstance(right, Mapping):
        return {**right, **(left or {})}
    return list(dict.fromkeys([*(left or ()), *right]))
