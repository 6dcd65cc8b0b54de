"""BigQuery's schema JSON, both ways: the list of fields of `bq show --schema`.

BigQuery has no place for constraints: what its types and modes do not say is lost, and listed. What
has no one type, a map and a list of lists become a JSON column.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from weir.core.errors import UsageError
from weir.registry.exchange.scalars import INTEGERS, Scalar, scalar_of, schema_of
from weir.registry.exchange.shape import Shape
from weir.registry.exchange.tables import TableWriter, nullable, surplus
from weir.registry.findings import did_you_mean, escape
from weir.registry.tree import ArrayNode, MapNode, Node, ObjectNode, ScalarNode, Tree
from weir.registry.tree.losses import Loss

_TYPES = {
    "STRING": "string", "BYTES": "binary", "INTEGER": "int64", "FLOAT": "double",
    "BOOLEAN": "boolean", "TIMESTAMP": "timestamp", "DATE": "date", "TIME": "time",
    "DATETIME": "local_timestamp",
}  # fmt: skip
_WRITE = {kind: name for name, kind in _TYPES.items()} | dict.fromkeys(INTEGERS, "INTEGER")
_WRITE |= {"uuid": "STRING"}
_OTHER_NAMES = {"INT64": "INTEGER", "FLOAT64": "FLOAT", "BOOL": "BOOLEAN", "STRUCT": "RECORD",
                "DECIMAL": "NUMERIC", "BIGDECIMAL": "BIGNUMERIC"}  # fmt: skip
_DECIMALS = {"NUMERIC": (38, 9, 29), "BIGNUMERIC": (76, 38, 38)}
"""Type → precision and scale if none is given, and the most digits before the point."""
_TEXTS = {"GEOGRAPHY": "text in WKT or GeoJSON", "INTERVAL": "text", "RANGE": "text"}
_KEYS = ("name", "type", "mode", "description", "fields", "maxLength", "precision", "scale")
_MODES = ("NULLABLE", "REQUIRED", "REPEATED")
_COLUMN = re.compile(r"[^A-Za-z0-9_]")
MAX_COLUMN, MAX_DESCRIPTION = 300, 1024
_WHY = "BigQuery has no place for it."


def read_bigquery(source: Any) -> tuple[dict[str, Any], list[Loss]]:
    """Return the JSON Schema of a BigQuery schema, and what it cannot carry.

    Args:
        source: a list of fields, `{"fields": […]}`, or a table with its `schema`.

    Raises:
        UsageError: if it is none of these.
    """
    at, fields = _fields(source)
    if fields is None:
        raise UsageError("This is no BigQuery schema.", "Give what `bq show --schema` prints.")
    reader = _Reader()
    return reader.record(fields, at), reader.losses


def write_bigquery(tree: Tree) -> tuple[list[dict[str, Any]], list[Loss]]:
    """Return a tree as a list of BigQuery fields, and what it cannot carry.

    Raises:
        UsageError: if its top level is no object with properties.
    """
    writer = _Writer(tree)
    shape, node = writer.top()
    fields = writer.fields(shape, node)
    writer.lose_extras(shape, "A BigQuery schema says nothing about the table itself.")
    return fields, writer.close()


def _fields(source: Any) -> tuple[str, list[Any] | None]:
    at = ""
    for key in ("schema", "fields"):
        if isinstance(source, dict) and key in source:
            source, at = source[key], f"{at}/{key}"
    right = isinstance(source, list) and all(_is_field(field) for field in source)
    return at, source if right else None


def _is_field(field: Any) -> bool:
    return isinstance(field, dict) and all(isinstance(field.get(k), str) for k in ("name", "type"))


class _Reader:
    def __init__(self) -> None:
        self.losses: list[Loss] = []

    def record(self, fields: list[Mapping[str, Any]], at: str) -> dict[str, Any]:
        properties = {f["name"]: self._field(f, f"{at}/{i}") for i, f in enumerate(fields)}
        required = [field["name"] for field in fields if _mode(field) == "REQUIRED"]
        own = {"type": "object", "properties": properties}
        return own | ({"required": required} if required else {})

    def _field(self, field: Mapping[str, Any], at: str) -> dict[str, Any]:
        self.losses += surplus(field, _KEYS, at, "A JSON Schema has no place for it.")
        kind, mode = self._type(field, at), _mode(field)
        if mode not in _MODES:
            self._lost(f"{at}/mode", f"The mode `{mode}`", did_you_mean(mode, _MODES))
        if mode == "REPEATED":
            kind = {"type": "array", "items": kind}
        elif mode != "REQUIRED":
            kind = nullable(kind)
        said = field.get("description")
        return kind | ({"description": said} if isinstance(said, str) and said else {})

    def _type(self, field: Mapping[str, Any], at: str) -> dict[str, Any]:
        name = _OTHER_NAMES.get(field["type"].upper(), field["type"].upper())
        if name == "RECORD":
            inner = _fields({"fields": field.get("fields")})[1]
            if inner is None:
                raise UsageError(f"The RECORD at {at} has no fields.", "Give its `fields`.")
            return self.record(inner, f"{at}/fields")
        if name in _DECIMALS:
            return self._decimal(field, name, at)
        kind = self._plain(name, at)
        length = field.get("maxLength")
        if length is not None and name == "STRING" and str(length).isdecimal():
            return {**kind, "maxLength": int(length)}
        self._sizes(field, ("maxLength", "precision", "scale"), at)
        return kind

    def _plain(self, name: str, at: str) -> dict[str, Any]:
        if name in _TYPES:
            return schema_of(_TYPES[name])
        if name in _TEXTS:
            self._lost(f"{at}/type", f"The type `{name}`", f"It is read as {_TEXTS[name]}.")
            return {"type": "string"}
        if name != "JSON":
            remedy = f"Any value is allowed there. {did_you_mean(name, _TYPES)}"
            self._lost(f"{at}/type", f"The type `{name}`", remedy)
        return {}

    def _decimal(self, field: Mapping[str, Any], name: str, at: str) -> dict[str, Any]:
        precision, scale, _ = _DECIMALS[name]
        if "precision" in field:
            precision, scale = int(field["precision"]), int(field.get("scale", 0))
        self._sizes(field, ("maxLength",), at)
        if 0 <= scale <= precision:
            return schema_of("decimal", (precision, scale))
        self._lost(f"{at}/scale", f"The scale {scale}", "It is read as a number.")
        return {"type": "number"}

    def _sizes(self, field: Mapping[str, Any], keys: Iterable[str], at: str) -> None:
        for key in keys:
            if key in field:
                self._lost(f"{at}/{key}", f"`{key}` of a {field['type']}", "It has no such size.")

    def _lost(self, at: str, what: str, remedy: str) -> None:
        self.losses.append(Loss(at, f"{what} cannot be carried.", remedy))


def _mode(field: Mapping[str, Any]) -> str:
    return str(field.get("mode") or "NULLABLE").upper()


class _Writer(TableWriter):
    def says(self, kind: Scalar) -> bool:
        return _numeric(kind) is not None or kind.kind in _TYPES.values()

    def fields(self, shape: Shape, node: ObjectNode) -> list[dict[str, Any]]:
        """Return the fields of a record."""
        names = self._names([name for name, _ in node.properties or ()], shape.at)
        columns = zip(names, node.properties or (), strict=True)
        return [self._field(column, name, inner, shape) for column, (name, inner) in columns]

    def lose_extras(self, shape: Shape, why: str, *, but: tuple[str, ...] = ()) -> None:
        """List the keywords that a shape's type does not say."""
        extras = shape.keywords() if shape.is_json else self.extras(shape)
        self.lose([key for key in extras if key not in (*but, "required")], shape, why)
        if not shape.is_json and isinstance(shape.node, ObjectNode):
            self._lose_required(shape, shape.node)

    def _field(self, column: str, name: str, node: Node, parent: Shape) -> dict[str, Any]:
        shape, required = self.property(name, node, parent)
        mode = "REQUIRED" if required else "NULLABLE"
        items = self._items(shape)
        self._lose_of_field(shape)
        if items is None:
            own = self._type(shape)
        else:
            own, mode = self._type(items), "REPEATED"
            self.lose_extras(
                items, "The items of a repeated field are the field itself.", but=self._sized(items)
            )
            if items.nullable:
                self.lose(["type"], items, "A repeated field holds no NULL.")
        said = self._description(shape)
        return {"name": column, **own, "mode": mode, **said}

    def _lose_of_field(self, shape: Shape) -> None:
        if isinstance(shape.node, MapNode) or self._in_json(shape):
            lost = [key for key in shape.keywords() if key not in _said(shape)]
            self.lose(lost, shape, "A JSON column holds any value.")
        else:
            self.lose_extras(shape, _WHY, but=(*_said(shape), *self._sized(shape)))

    def _in_json(self, shape: Shape) -> bool:
        return shape.is_json or (isinstance(shape.node, ArrayNode) and self._items(shape) is None)

    def _items(self, shape: Shape) -> Shape | None:
        if shape.is_json or not isinstance(shape.node, ArrayNode):
            return None
        if not isinstance(shape.node.items, Node):
            return None
        items = self.shaper.shape(shape.node.items, f"{shape.at}/items", shape.inside)
        plain = isinstance(items.node, ScalarNode | ObjectNode) and not items.is_json
        return items if plain else None

    def _type(self, shape: Shape) -> dict[str, Any]:
        node = shape.node
        if isinstance(node, ObjectNode) and not shape.is_json:
            return {"type": "RECORD", "fields": self.fields(shape, node)}
        kind = scalar_of(node) if isinstance(node, ScalarNode) else Scalar("json")
        if kind.kind == "decimal":
            return _numeric(kind) or {"type": "FLOAT"}
        own = {"type": _WRITE.get(kind.kind, "JSON")}
        length = (
            self._sized(shape) and isinstance(node, ScalarNode) and node.constraints["maxLength"]
        )
        return {**own, "maxLength": str(length)} if length else own

    def _sized(self, shape: Shape) -> tuple[str, ...]:
        """Return `maxLength` if the column's type says it."""
        node = shape.node
        if not isinstance(node, ScalarNode) or scalar_of(node).kind != "string":
            return ()
        length = node.constraints.get("maxLength")
        return ("maxLength",) if isinstance(length, int) and length > 0 else ()

    def _description(self, shape: Shape) -> dict[str, str]:
        said = shape.node.description
        if len(said) > MAX_DESCRIPTION:
            what = f"A description of {len(said)} characters is cut."
            remedy = f"BigQuery allows {MAX_DESCRIPTION}."
            self.losses.append(Loss(f"{shape.at}/description", what, remedy))
        return {"description": said[:MAX_DESCRIPTION]} if said else {}

    def _lose_required(self, shape: Shape, node: ObjectNode) -> None:
        said = set(self.required(node, shape.inside)) - self._repeated(shape, node)
        for index, name in enumerate(node.required or ()):
            if name not in said:
                what = f"That `{name}` must be there cannot be carried."
                remedy = (
                    "A column that may be NULL or repeated, or is not declared, is not REQUIRED."
                )
                self.losses.append(Loss(f"{shape.at}/required/{index}", what, remedy))

    def _repeated(self, shape: Shape, node: ObjectNode) -> set[str]:
        quiet = _Writer(self.tree)
        shapes = ((n, quiet.shaper.shape(i, "", shape.inside)) for n, i in node.properties or ())
        return {name for name, inner in shapes if quiet._items(inner) is not None}

    def _names(self, names: list[str], at: str) -> list[str]:
        taken: dict[str, str] = {}
        for name in names:
            column = _column(name)
            while column.lower() in taken:
                column = f"{column}_"
            taken[column.lower()] = column
            if column != name:
                what = f"The column of `{name}` is called `{column}`."
                remedy = "BigQuery's columns are letters, digits and `_`, alike in either case."
                self.losses.append(Loss(f"{at}/properties/{escape(name)}", what, remedy))
        return list(taken.values())


def _said(shape: Shape) -> tuple[str, ...]:
    return ("description",) if shape.node.description else ()


def _numeric(kind: Scalar) -> dict[str, Any] | None:
    if kind.kind != "decimal":
        return None
    precision, scale = kind.size
    for name, (default, most_scale, most_whole) in _DECIMALS.items():
        if scale <= most_scale and precision - scale <= most_whole:
            sizes = {"precision": str(precision), "scale": str(scale)}
            return {"type": name} | ({} if (precision, scale) == (default, most_scale) else sizes)
    return None


def _column(name: str) -> str:
    plain = _COLUMN.sub("_", name)[:MAX_COLUMN]
    return plain if plain and not plain[0].isdigit() else f"_{plain}"
