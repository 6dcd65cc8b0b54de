"""Spark's `StructType` as JSON, both ways.

What Spark has no word for goes into a field's `metadata` under `json_schema`, where Spark keeps it
but does not enforce it; lists, maps and the top level have no metadata, so there it is lost.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from weir.core.errors import UsageError
from weir.registry.exchange.scalars import Scalar, scalar_of, schema_of
from weir.registry.exchange.shape import Shape, whole
from weir.registry.exchange.tables import TableWriter, nullable
from weir.registry.findings import did_you_mean, escape
from weir.registry.tree import ArrayNode, MapNode, Node, ObjectNode, ScalarNode, Tree
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
_DECIMAL = re.compile(r"^decimal(?:\((\d+), *(-?\d+)\))?$")
_SIZED = re.compile(r"^(char|varchar)\((\d+)\)$")
_FIELD = ("name", "type", "nullable", "metadata")
_KEYS = {"struct": ("type", "fields"), "array": ("type", "elementType", "containsNull"),
         "map": ("type", "keyType", "valueType", "valueContainsNull")}  # fmt: skip
CARRIED = "json_schema"
AS_JSON = "json"
MAX_PRECISION = 38


def read_spark(source: Any) -> tuple[dict[str, Any], list[Loss]]:
    """Return the JSON Schema of a Spark struct, and what it cannot carry.

    Raises:
        UsageError: if it is no struct.
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
        self._surplus(kind, _KEYS["struct"], at)
        properties = {f["name"]: self.field(f, f"{at}/fields/{i}") for i, f in enumerate(fields)}
        required = [field["name"] for field in fields if field.get("nullable", True) is False]
        own = {"type": "object", "properties": properties}
        return own | ({"required": required} if required else {})

    def field(self, field: Mapping[str, Any], at: str) -> dict[str, Any]:
        metadata = field.get("metadata") or {}
        self._surplus(field, _FIELD, at)
        carried = metadata.get(CARRIED, {})
        if metadata.get(AS_JSON) is True and isinstance(carried, dict):
            own = dict(carried)
        else:
            own = self.type(field["type"], f"{at}/type")
            own = nullable(own) if field.get("nullable", True) else own
            own |= carried if isinstance(carried, dict) else {}
        if isinstance(metadata.get("comment"), str):
            own["description"] = metadata["comment"]
        known = ("comment", CARRIED, AS_JSON)
        for key in metadata.keys() - known:
            what = f"The metadata `{key}` has no place in a JSON Schema."
            remedy = "Write what matters into the description."
            self.losses.append(Loss(f"{at}/metadata/{escape(key)}", what, remedy))
        return own

    def type(self, kind: Any, at: str) -> dict[str, Any]:
        if isinstance(kind, str):
            return self._scalar(kind, at)
        name = kind.get("type") if isinstance(kind, dict) else None
        if name == "struct":
            return self.struct(kind, at)
        if name == "array":
            self._surplus(kind, _KEYS["array"], at)
            items = self.type(kind.get("elementType"), f"{at}/elementType")
            return {"type": "array", "items": nullable(items) if kind.get("containsNull", True) else items}  # fmt: skip
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
        values = nullable(values) if kind.get("valueContainsNull", True) else values
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
        kind = scalar_of(node) if isinstance(node, ScalarNode) else Scalar("json")
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
        return self.kind(shape), shape.nullable


def _is_field(field: Any) -> bool:
    return isinstance(field, dict) and isinstance(field.get("name"), str) and "type" in field
