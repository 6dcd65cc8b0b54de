"""Spark's `StructType` as JSON, both ways.

What Spark has no word for goes into a field's `metadata` under `json_schema`, where Spark keeps it
but does not enforce it; lists, maps and the top level have no metadata, so there it is lost.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from weir.core.errors import UsageError
from weir.registry.exchange.scalars import Scalar, schema_of
from weir.registry.exchange.shape import Shape, whole
from weir.registry.exchange.tables import TableWriter, bounded, check_unique, nullable
from weir.registry.findings import did_you_mean, escape, show
from weir.registry.tree import ArrayNode, MapNode, Node, ObjectNode, Tree
from weir.registry.tree.losses import Loss

_TYPES = {
    "string": "string", "binary": "binary", "boolean": "boolean", "byte": "int8", "short": "int16",
    "integer": "int32", "long": "int64", "double": "double", "date": "date",
    "timestamp": "timestamp", "timestamp_ntz": "local_timestamp", "void": "null",
}  # fmt: skip
_WRITE = {kind: name for name, kind in _TYPES.items()} | {
    "uuid": "string", "time": "string", "json": "string",
}  # fmt: skip
_OTHER_NAMES = {"null": "void", "int": "integer", "bigint": "long", "tinyint": "byte",
                "smallint": "short", "timestamp_ltz": "timestamp"}  # fmt: skip
_DECIMAL = re.compile(r"^decimal(?:\((\d{1,9}), *(-?\d{1,9})\))?$")
_SIZED = re.compile(r"^(char|varchar)\((\d{1,9})\)$")
_FIELD = ("name", "type", "nullable", "metadata")
_KEYS = {"struct": ("type", "fields"), "array": ("type", "elementType", "containsNull"),
         "map": ("type", "keyType", "valueType", "valueContainsNull")}  # fmt: skip
CARRIED = "json_schema"
AS_JSON = "json"
MAX_PRECISION = 38
_METADATA: Mapping[str, Callable[[Any], bool]] = {
    "comment": lambda value: isinstance(value, str),
    CARRIED: lambda value: isinstance(value, dict),
    AS_JSON: lambda value: value is True,
}
"""The metadata that are understood, and of what kind their values must be."""


def read_spark(source: Any) -> tuple[dict[str, Any], list[Loss]]:
    """Return the JSON Schema of a Spark struct, and what it cannot carry.

    Raises:
        UsageError: if it is no struct, has two fields of one name, or a decimal that Spark has not.
    """
    if not isinstance(source, dict) or source.get("type") != "struct":
        raise UsageError(
            "This is no Spark schema.", 'Give `df.schema.json()`: {"type": "struct", …}.'
        )
    reader = _Reader()
    return reader.struct(source, ""), reader.losses


def write_spark(tree: Tree) -> tuple[dict[str, Any], list[Loss]]:
    """Return a tree as a Spark struct, and what it cannot carry.

    Raises:
        UsageError: if its top level is no object with properties.
    """
    writer = _Writer(tree)
    shape, _ = writer.top()
    result = writer.kind(shape)
    writer.lose(writer.extras(shape), shape, "The top level of a Spark schema has no metadata.")
    return result, writer.close()


class _Reader:
    def __init__(self) -> None:
        self.losses: list[Loss] = []

    def struct(self, kind: Mapping[str, Any], at: str) -> dict[str, Any]:
        fields = kind.get("fields")
        if not isinstance(fields, list) or not all(_is_field(field) for field in fields):
            raise UsageError(f"The struct at `{at or '/'}` has no list of fields.",
                             "Each field has a `name` and a `type`.")  # fmt: skip
        check_unique(fields, f"{at}/fields")
        self._surplus(kind, _KEYS["struct"], at)
        properties = {f["name"]: self.field(f, f"{at}/fields/{i}") for i, f in enumerate(fields)}
        required = [field["name"] for field in fields if field.get("nullable") is False]
        own = {"type": "object", "properties": properties}
        return own | ({"required": required} if required else {})

    def field(self, field: Mapping[str, Any], at: str) -> dict[str, Any]:
        metadata = self._metadata(field, f"{at}/metadata")
        self._surplus(field, _FIELD, at)
        carried = metadata.get(CARRIED, {})
        if AS_JSON in metadata:
            own = dict(carried)
        else:
            own = self.type(field["type"], f"{at}/type")
            own = nullable(own) if self._flag(field, "nullable", at) else own
            own |= carried
        if "comment" in metadata:
            own["description"] = metadata["comment"]
        return own

    def _metadata(self, field: Mapping[str, Any], at: str) -> dict[str, Any]:
        """Return what is understood of a field's metadata, and list the rest."""
        given = field.get("metadata")
        given = {} if given is None else given
        if not isinstance(given, dict):
            what = f"The metadata at `{at}` are no object but {show(given)}."
            raise UsageError(what, 'Give an object: {"comment": "…"}.')
        known = {
            key: given[key] for key, fits in _METADATA.items() if key in given and fits(given[key])
        }
        for key in sorted(given.keys() - known):
            what = f"The metadata `{key}` has no place in a JSON Schema."
            remedy = "Write what matters into the description."
            self.losses.append(Loss(f"{at}/{escape(key)}", what, remedy))
        return known

    def _flag(self, given: Mapping[str, Any], key: str, at: str) -> bool:
        """Return whether null is allowed: it is, unless the schema says otherwise."""
        value = given.get(key, True)
        if not isinstance(value, bool):
            self._lost(f"{at}/{key}", f"`{key}`: {show(value)}", "It is read as true.")
        return value is not False

    def type(self, kind: Any, at: str) -> dict[str, Any]:
        if isinstance(kind, str):
            return self._scalar(kind, at)
        name = kind.get("type") if isinstance(kind, dict) else None
        if name == "struct":
            return self.struct(kind, at)
        if name == "array":
            self._surplus(kind, _KEYS["array"], at)
            items = self.type(kind.get("elementType"), f"{at}/elementType")
            null = self._flag(kind, "containsNull", at)
            return {"type": "array", "items": nullable(items) if null else items}
        if name == "map":
            return self._map(kind, at)
        if name == "udt":
            self._lost(at, "A user-defined type", "It is read as what it is stored as.")
            return self.type(kind.get("sqlType"), f"{at}/sqlType")
        return self._unknown(name or kind, at)

    def _map(self, kind: Mapping[str, Any], at: str) -> dict[str, Any]:
        self._surplus(kind, _KEYS["map"], at)
        if kind.get("keyType") != "string":
            self._lost(
                f"{at}/keyType", f"A key of type `{kind.get('keyType')}`", "JSON's keys are text."
            )
        values = self.type(kind.get("valueType"), f"{at}/valueType")
        values = nullable(values) if self._flag(kind, "valueContainsNull", at) else values
        return {"type": "object", "additionalProperties": values}

    def _scalar(self, name: str, at: str) -> dict[str, Any]:
        name = _OTHER_NAMES.get(name, name)
        decimal, sized = _DECIMAL.match(name), _SIZED.match(name)
        if decimal:
            return self._decimal(int(decimal[1] or 10), int(decimal[2] or 0), at)
        if sized:
            if sized[1] == "char":
                self._lost(
                    at, "The padding of `char`", "It is read as text of at most that length."
                )
            return {"type": "string", "maxLength": int(sized[2])}
        if name == "float":
            self._lost(at, "That it is a 32-bit number", "JSON's numbers are read as 64-bit ones.")
            return {"type": "number"}
        return schema_of(_TYPES[name]) if name in _TYPES else self._unknown(name, at)

    def _decimal(self, precision: int, scale: int, at: str) -> dict[str, Any]:
        if not 0 <= scale <= precision:
            self._lost(at, f"The scale {scale} of a decimal", "It is read as a number.")
            return {"type": "number"}
        bounded(precision, MAX_PRECISION, "precision", at)
        return schema_of("decimal", (precision, scale))

    def _unknown(self, name: Any, at: str) -> dict[str, Any]:
        if name == "variant":
            return {}
        remedy = f"Any value is allowed there. {did_you_mean(str(name), _TYPES)}"
        self._lost(at, f"The type `{name}`", remedy)
        return {}

    def _surplus(self, given: Mapping[str, Any], known: tuple[str, ...], at: str) -> None:
        for key in given.keys() - known:
            self._lost(f"{at}/{escape(key)}", f"`{key}`", did_you_mean(key, known))

    def _lost(self, at: str, what: str, remedy: str) -> None:
        self.losses.append(Loss(at, f"{what} cannot be carried.", remedy))


class _Writer(TableWriter):
    def says(self, kind: Scalar) -> bool:
        if kind.kind == "decimal":
            return kind.size[0] <= MAX_PRECISION
        return kind.kind in _TYPES.values()

    def kind(self, shape: Shape) -> Any:
        """Return the Spark type of a shape."""
        node = shape.node
        if shape.is_json:
            return "string"
        if isinstance(node, ArrayNode) and isinstance(node.items, Node):
            kind, null = self._inner(node.items, f"{shape.at}/items", shape)
            return {"type": "array", "elementType": kind, "containsNull": null}
        if isinstance(node, MapNode) and isinstance(node.rest, Node):
            kind, null = self._inner(node.rest, f"{shape.at}/additionalProperties", shape)
            value = {"valueType": kind, "valueContainsNull": null}
            return {"type": "map", "keyType": "string", **value}
        if isinstance(node, ObjectNode):
            fields = [self._field(name, inner, shape) for name, inner in node.properties or ()]
            return {"type": "struct", "fields": fields}
        kind = shape.scalar
        if kind.kind == "decimal":
            return f"decimal({kind.size[0]},{kind.size[1]})" if self.says(kind) else "double"
        return _WRITE[kind.kind]

    def _field(self, name: str, node: Node, parent: Shape) -> dict[str, Any]:
        shape, required = self.property(name, node, parent)
        kind, metadata = self.kind(shape), self._metadata(shape)
        return {"name": name, "type": kind, "nullable": not required, "metadata": metadata}

    def _metadata(self, shape: Shape) -> dict[str, Any]:
        if shape.is_json:
            return {AS_JSON: True, CARRIED: whole(shape)}
        extras = self.extras(shape)
        said = isinstance(extras.get("description"), str)
        metadata = {"comment": extras.pop("description")} if said else {}
        return metadata | ({CARRIED: extras} if extras else {})

    def _inner(self, node: Node, at: str, parent: Shape) -> tuple[Any, bool]:
        shape = self.shaper.shape(node, at, parent.inside)
        lost = shape.keywords() if shape.is_json else self.extras(shape)
        self.lose(lost, shape, "The items of a Spark list or map have no metadata.")
        if shape.is_json:
            what = "That values of any type, or of several, are allowed cannot be carried."
            self.losses.append(Loss(shape.at, what, "Each item is text that holds JSON."))
        return self.kind(shape), shape.nullable


def _is_field(field: Any) -> bool:
    return isinstance(field, dict) and isinstance(field.get("name"), str) and "type" in field
