"""Avro schemas, both ways: `read_avro` here, `write_avro` in `avro_writer`.

What Avro has no word for travels as the attribute `json_schema` of a type: Avro keeps attributes
that it does not know. Every schema that is read or written is parsed by fastavro first.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

import fastavro
from fastavro.schema import SchemaParseException, UnknownType

from weir.core.errors import UsageError
from weir.registry.exchange.scalars import schema_of
from weir.registry.exchange.tables import bounded, check_unique, nullable, surplus
from weir.registry.findings import escape, show
from weir.registry.tree.losses import Loss

PRIMITIVES = {
    "null": "null", "boolean": "boolean", "int": "int32", "long": "int64", "double": "double",
    "bytes": "binary", "string": "string",
}  # fmt: skip
LOGICAL = {
    "date": ("int", "date"), "time-millis": ("int", "time"), "time-micros": ("long", "time"),
    "timestamp-millis": ("long", "timestamp"), "timestamp-micros": ("long", "timestamp"),
    "local-timestamp-millis": ("long", "local_timestamp"),
    "local-timestamp-micros": ("long", "local_timestamp"), "uuid": ("string", "uuid"),
}  # fmt: skip
CARRIED = "json_schema"
AS_JSON = "json"
_KEYS = {
    "record": ("type", "name", "namespace", "doc", "fields"),
    "enum": ("type", "name", "namespace", "doc", "symbols"),
    "fixed": ("type", "name", "namespace", "doc", "size", "logicalType"),
    "array": ("type", "items"),
    "map": ("type", "values"),
}
_FIELD = ("name", "type", "doc", "default")
_LOGICAL_KEYS = ("type", "logicalType")
_DECIMAL_KEYS = ("precision", "scale")
MAX_PRECISION = 76
"""Digits of a decimal that is read. Avro has no limit; this is the most that BigQuery can store."""
_NAMED = ("record", "enum", "fixed", "error")


def read_avro(source: Any) -> tuple[dict[str, Any], list[Loss]]:
    """Return the JSON Schema of an Avro record, and what it cannot carry.

    Raises:
        UsageError: if fastavro does not accept it, if it is no record, if a record has two fields
            of one name, or a decimal has more than `MAX_PRECISION` digits.
    """
    if not isinstance(source, dict) or source.get("type") != "record":
        raise UsageError("This is no Avro record.", "An event's parameters are a record.")
    parse_avro(source)
    reader = _Reader(source)
    own = reader.type(source, "", "")
    return reader.with_defs(own), reader.losses


def parse_avro(schema: Any) -> None:
    """Check an Avro schema with fastavro.

    Raises:
        UsageError: with fastavro's own words.
    """
    try:
        fastavro.parse_schema(json.loads(json.dumps(schema)))
    except (SchemaParseException, UnknownType, KeyError, TypeError, ValueError, RecursionError,
            AttributeError) as error:  # fmt: skip
        what = f"fastavro does not accept this as an Avro schema: {type(error).__name__}: {error}."
        raise UsageError(what, "Correct it after the Avro specification.") from None


class _Reader:
    def __init__(self, source: Any) -> None:
        self.losses: list[Loss] = []
        self.shared = {name for name, times in Counter(_uses(source, "")).items() if times > 1}
        self.defs: dict[str, dict[str, Any]] = {}

    def with_defs(self, own: dict[str, Any]) -> dict[str, Any]:
        """Return the schema with the types that are used more than once."""
        return {**own, "$defs": self.defs} if self.defs else own

    def type(self, kind: Any, at: str, space: str) -> dict[str, Any]:
        """Return the JSON Schema of an Avro type; `space` is the namespace it stands in."""
        if isinstance(kind, list):
            return self._union(kind, at, space)
        if isinstance(kind, str):
            return self._named_or_plain(kind, at, space)
        name = kind["type"]
        if isinstance(name, dict | list):  # {"type": {"type": …}}: a wrapper around a type
            self.losses += surplus(kind, ("type",), at, "It wraps another type.")
            return self.type(name, f"{at}/type", space)
        if name in _NAMED:
            return self._definition(kind, at, space)
        return self._described(kind, at, self._composite(kind, at, space))

    def _composite(self, kind: Mapping[str, Any], at: str, space: str) -> dict[str, Any]:
        name = kind["type"]
        if name == "array":
            return {"type": "array", "items": self.type(kind["items"], f"{at}/items", space)}
        if name == "map":
            values = self.type(kind["values"], f"{at}/values", space)
            return {"type": "object", "additionalProperties": values}
        if "logicalType" in kind:
            return self._logical(kind, at)
        return self._named_or_plain(name, at, space)

    def _definition(self, kind: Mapping[str, Any], at: str, space: str) -> dict[str, Any]:
        full = _fullname(kind, space)
        inner = full.rpartition(".")[0]
        make = {"enum": self._enum, "fixed": self._fixed}.get(kind["type"], self._record)
        own = {"title": full, **make(kind, at, inner), **self._doc(kind, at)}
        own = self._described(kind, at, own)
        if full not in self.shared:
            return own
        self.defs[full] = own
        if not at:
            return own  # a root that contains itself: an event file begins with an object
        return {"$ref": f"#/$defs/{escape(full)}"}

    def _doc(self, given: Mapping[str, Any], at: str) -> dict[str, Any]:
        said = given.get("doc")
        if isinstance(said, str):
            return {"description": said}
        if said is not None:
            self._lost(f"{at}/doc", f"`doc`: {show(said)}", "It is no text.")
        return {}

    def _described(self, kind: Mapping[str, Any], at: str, own: dict[str, Any]) -> dict[str, Any]:
        carried = kind.get(CARRIED)
        known = {*_KEYS.get(kind["type"], _LOGICAL_KEYS)}
        known |= {*_DECIMAL_KEYS} if _is_decimal(kind) else set()
        known |= {CARRIED} if isinstance(carried, dict) else set()
        known |= {AS_JSON} if kind.get(AS_JSON) is True else set()
        self.losses += surplus(kind, known, at, "A JSON Schema has no place for it.")
        if not isinstance(carried, dict):
            return own
        return dict(carried) if kind.get(AS_JSON) is True else own | carried

    def _record(self, kind: Mapping[str, Any], at: str, space: str) -> dict[str, Any]:
        check_unique(kind["fields"], f"{at}/fields")
        fields = [(f, f"{at}/fields/{i}") for i, f in enumerate(kind["fields"])]
        properties = {field["name"]: self._field(field, place, space) for field, place in fields}
        required = [field["name"] for field, _ in fields if "default" not in field]
        own = {"type": "object", "properties": properties}
        return own | ({"required": required} if required else {})

    def _field(self, field: Mapping[str, Any], at: str, space: str) -> dict[str, Any]:
        self.losses += surplus(field, _FIELD, at, "A JSON Schema has no place for it.")
        own = {**self.type(field["type"], f"{at}/type", space), **self._doc(field, at)}
        if field.get("default") is not None:
            own = {**own, "default": field["default"]}
        return own

    def _enum(self, kind: Mapping[str, Any], at: str, space: str) -> dict[str, Any]:
        del at, space
        return {"type": "string", "enum": list(kind["symbols"])}

    def _fixed(self, kind: Mapping[str, Any], at: str, space: str) -> dict[str, Any]:
        del space
        if _is_decimal(kind):
            return self._logical(kind, at)
        name = kind.get("logicalType")
        as_uuid = name == "uuid" and kind["size"] == 16
        words = "the text of a UUID" if as_uuid else "bytes"
        self._lost(f"{at}/size", f"The size {kind['size']} of a fixed", f"It is read as {words}.")
        if name is not None and not as_uuid:
            self._lost(f"{at}/logicalType", f"`{name}`", "It is read as bytes.")
        return schema_of("uuid" if as_uuid else "binary")

    def _logical(self, kind: Mapping[str, Any], at: str) -> dict[str, Any]:
        name = kind["logicalType"]
        if _is_decimal(kind):
            return self._decimal(kind, at)
        base, column = LOGICAL.get(name, ("", ""))
        if base == kind["type"]:
            if name.endswith("millis"):
                self._lost(f"{at}/logicalType", f"The unit of `{name}`", "Text has any precision.")
            return schema_of(column)
        self._lost(f"{at}/logicalType", f"`{name}`", f"It is read as a plain {kind['type']}.")
        return schema_of(PRIMITIVES[kind["type"]])

    def _decimal(self, kind: Mapping[str, Any], at: str) -> dict[str, Any]:
        precision, scale = kind.get("precision"), kind.get("scale", 0)
        if not isinstance(precision, int) or not isinstance(scale, int):
            what = f"The decimal at `{at}` has precision {show(precision)}, scale {show(scale)}."
            raise UsageError(what, "Give whole numbers.")
        bounded(precision, MAX_PRECISION, "precision", f"{at}/precision")
        if 0 <= scale <= precision:
            return schema_of("decimal", (precision, scale))
        self._lost(f"{at}/scale", f"The scale {scale}", "It is read as a number.")
        return {"type": "number"}

    def _named_or_plain(self, name: str, at: str, space: str) -> dict[str, Any]:
        if name == "float":
            self._lost(at, "That it is a 32-bit number", "JSON's numbers are read as 64-bit ones.")
            return {"type": "number"}
        if name in PRIMITIVES:
            return schema_of(PRIMITIVES[name])
        full = name if "." in name or not space else f"{space}.{name}"
        return {"$ref": f"#/$defs/{escape(full)}"}

    def _union(self, kinds: list[Any], at: str, space: str) -> dict[str, Any]:
        options = [self.type(kind, f"{at}/{i}", space) for i, kind in enumerate(kinds)]
        others = [option for option in options if option != {"type": "null"}]
        if len(options) == 2 and len(others) == 1:
            only = kinds[options.index(others[0])]
            if isinstance(only, dict) and only.get(AS_JSON) is True:
                return others[0]  # it says itself whether null is a value
            if isinstance(others[0].get("type"), str):
                return nullable(others[0])
        if all(option.keys() == {"type"} and isinstance(option["type"], str) for option in options):
            kinds = list(dict.fromkeys(option["type"] for option in options))
            return {"type": kinds if len(kinds) > 1 else kinds[0]}
        return options[0] if len(options) == 1 else {"anyOf": options}

    def _lost(self, at: str, what: str, remedy: str) -> None:
        self.losses.append(Loss(at, f"{what} cannot be carried.", remedy))


def _is_decimal(kind: Mapping[str, Any]) -> bool:
    return kind.get("logicalType") == "decimal" and kind["type"] in ("bytes", "fixed")


def _fullname(kind: Mapping[str, Any], space: str) -> str:
    name, own = str(kind["name"]), kind.get("namespace", space)
    return name if "." in name or not own else f"{own}.{name}"


def _uses(kind: Any, space: str) -> Iterator[str]:
    """Yield the full name of every named type at every place that uses it."""
    if isinstance(kind, str) and kind not in PRIMITIVES and kind != "float":
        yield kind if "." in kind or not space else f"{space}.{kind}"
    elif isinstance(kind, list):
        for one in kind:
            yield from _uses(one, space)
    elif isinstance(kind, dict):
        if kind.get("type") in _NAMED:
            full = _fullname(kind, space)
            yield full
            for field in kind.get("fields", ()):
                yield from _uses(field["type"], full.rpartition(".")[0])
        else:
            yield from _uses(kind.get({"array": "items", "map": "values"}.get(str(kind.get("type")), "type")), space)  # fmt: skip
