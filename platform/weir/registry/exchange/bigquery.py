"""BigQuery's schema JSON, both ways: the list of fields of `bq show --schema`.

BigQuery has no place for constraints: what its types and modes do not say is lost, and listed. What
has no one type, a map and a list of lists become a JSON column.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from weir.core.errors import UsageError
from weir.registry.exchange.scalars import INTEGERS, Scalar, schema_of
from weir.registry.exchange.shape import Shape
from weir.registry.exchange.tables import TableWriter, check_unique, nullable, surplus
from weir.registry.findings import did_you_mean, escape, show
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
_SIZES = ("maxLength", "precision", "scale")
_LENGTHS = ("STRING", "BYTES")
_MODES = ("NULLABLE", "REQUIRED", "REPEATED")
_COLUMN = re.compile(r"[^A-Za-z0-9_]")
MAX_COLUMN, MAX_DESCRIPTION = 300, 1024
_WHY = "BigQuery has no place for it."


def read_bigquery(source: Any) -> tuple[dict[str, Any], list[Loss]]:
    """Return the JSON Schema of a BigQuery schema, and what it cannot carry.

    Args:
        source: a list of fields, `{"fields": […]}`, or a table with its `schema`.

    Raises:
        UsageError: if it is none of these, a record has two fields of one name, or a size is one
            that BigQuery does not have.
    """
    at, fields = _fields(source)
    if fields is None:
        raise UsageError("This is no BigQuery schema.", "Give what `bq show --schema` prints.")
    reader = _Reader()
    said = reader.table(source)
    return {**said, **reader.record(fields, at)}, reader.losses


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

    def table(self, source: Any) -> dict[str, Any]:
        """Return the description of the table around a schema, and list the rest of it."""
        if not isinstance(source, dict):
            return {}
        inner, known = (
            source.get("schema"),
            ("schema" if "schema" in source else "fields", "description"),
        )
        self.losses += surplus(source, known, "", "It is about the table, not about its fields.")
        if isinstance(inner, dict):
            self.losses += surplus(
                inner, ("fields",), "/schema", "A JSON Schema has no place for it."
            )
        return self._description(source, "")

    def record(self, fields: list[Mapping[str, Any]], at: str) -> dict[str, Any]:
        check_unique(fields, at)
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
        return kind | self._description(field, at)

    def _description(self, given: Mapping[str, Any], at: str) -> dict[str, Any]:
        said = given.get("description")
        if isinstance(said, str | None):
            return {"description": said} if said else {}
        self._lost(f"{at}/description", f"`description`: {show(said)}", "It is no text.")
        return {}

    def _type(self, field: Mapping[str, Any], at: str) -> dict[str, Any]:
        name = _OTHER_NAMES.get(field["type"].upper(), field["type"].upper())
        if name == "RECORD":
            self._sizes(field, _SIZES, at)
            inner = _fields({"fields": field.get("fields")})[1]
            if inner is None:
                raise UsageError(f"The RECORD at {at} has no fields.", "Give its `fields`.")
            return self.record(inner, f"{at}/fields")
        self._sizes(field, ("fields",), at)
        if name in _DECIMALS:
            return self._decimal(field, name, at)
        kind = self._plain(name, at)
        if name not in _LENGTHS:
            self._sizes(field, _SIZES, at)
            return kind
        self._sizes(field, ("precision", "scale"), at)
        length = _size(field, "maxLength", at)
        if length is None:
            return kind
        if name == "BYTES" and length % 3:
            remedy = (
                f"Base64 has 4 characters for 3 bytes: it is read as {-length // 3 * -3} bytes."
            )
            self._lost(f"{at}/maxLength", f"That {length} bytes are the most", remedy)
        return {**kind, "maxLength": -length // 3 * -4 if name == "BYTES" else length}

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
        precision, scale, whole = _DECIMALS[name]
        given = _size(field, "precision", at)
        self._sizes(field, ("maxLength",) if given is not None else ("maxLength", "scale"), at)
        if given is None:
            return schema_of("decimal", (precision, scale))
        most_scale, scale = scale, _size(field, "scale", at) or 0
        if scale > given:
            self._lost(f"{at}/scale", f"The scale {scale}", "It is read as a number.")
            return {"type": "number"}
        if scale > most_scale or not 1 <= given <= scale + whole:
            what = f"`{at}` is a {name} of precision {given} and scale {scale}: there is none."
            remedy = f"It has {most_scale} digits after the point and {whole} before it at most."
            raise UsageError(what, remedy)
        return schema_of("decimal", (given, scale))

    def _sizes(self, field: Mapping[str, Any], keys: Iterable[str], at: str) -> None:
        for key in keys:
            if field.get(key) is not None:
                self._lost(f"{at}/{key}", f"`{key}` of a {field['type']}", "It has no such size.")

    def _lost(self, at: str, what: str, remedy: str) -> None:
        self.losses.append(Loss(at, f"{what} cannot be carried.", remedy))


def _mode(field: Mapping[str, Any]) -> str:
    mode = field.get("mode")
    return "NULLABLE" if mode is None else str(mode).upper()


def _size(field: Mapping[str, Any], key: str, at: str) -> int | None:
    """Return a whole number, which BigQuery writes as text; None if the field has none.

    Raises:
        UsageError: if it is something else.
    """
    value = field.get(key)
    if value is None:
        return None
    if isinstance(value, str | int) and re.fullmatch("[0-9]{1,18}", str(value)):
        return int(value)
    raise UsageError(f"`{key}` at `{at}/{key}` is no size: {show(value)}.", "Give a whole number.")


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
                self.lose_null(items, "A repeated field holds no NULL.")
            if shape.nullable:
                self.lose_null(shape, "A repeated field is never NULL, only empty.")
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
        kind = shape.scalar
        if kind.kind == "decimal":
            return _numeric(kind) or {"type": "FLOAT"}
        own = {"type": _WRITE.get(kind.kind, "JSON")}
        length = _length(shape)
        return {**own, "maxLength": str(length)} if length else own

    def _sized(self, shape: Shape) -> tuple[str, ...]:
        """Return `maxLength` if the column's type says it."""
        return ("maxLength",) if _length(shape) else ()

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


def _length(shape: Shape) -> int | None:
    """Return the `maxLength` of a column: characters of a STRING, bytes of a BYTES."""
    node, kind = shape.node, shape.scalar.kind
    length = node.constraints.get("maxLength") if isinstance(node, ScalarNode) else None
    if not isinstance(length, int) or length <= 0:
        return None
    if kind == "binary":  # whole groups of base64, else the column could hold less or more
        return length // 4 * 3 if length % 4 == 0 else None
    return length if kind == "string" else None


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
