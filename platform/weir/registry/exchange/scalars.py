"""What a scalar of JSON Schema is in a typed table, and back: sizes, decimals, dates, bytes.

Neutral kinds; how a format spells them is that format's module.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from types import MappingProxyType
from typing import Any, NamedTuple

from weir.registry.tree import ScalarNode

LOCAL_TIME = r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?$"
"""A date with a time but without a zone: JSON Schema has no format for it."""
INTEGERS: Mapping[str, int] = MappingProxyType({"int8": 7, "int16": 15, "int32": 31})
"""Kind → bits besides the sign; beyond them it is an `int64`."""
_FORMATS = {"date-time": "timestamp", "date": "date", "time": "time", "uuid": "uuid"}
_PLAIN = {"string": "string", "integer": "int64", "number": "double", "boolean": "boolean",
          "null": "null"}  # fmt: skip
_BOUNDS = ("exclusiveMinimum", "exclusiveMaximum")
_PYTHON: Mapping[type, str] = MappingProxyType(
    {str: "string", int: "integer", float: "number", bool: "boolean", type(None): "null"}
)


class Scalar(NamedTuple):
    """A kind of column.

    Args:
        kind: string, binary, boolean, int8, int16, int32, int64, double, decimal, date, time,
            timestamp, local_timestamp, uuid, null; json if the values have several types.
        size: precision and scale of a decimal.
        used: the keywords that the kind says.
    """

    kind: str
    size: tuple[int, ...] = ()
    used: frozenset[str] = frozenset()


def scalar_of(node: ScalarNode) -> Scalar:
    """Return the kind of a scalar node.

    >>> scalar_of(ScalarNode(type="string", constraints={"format": "date"}))
    Scalar(kind='date', size=(), used=frozenset({'format'}))
    """
    kind, limits = node.type or _type_of_options(node.constraints), node.constraints
    if kind == "string":
        return _text(limits)
    if kind in ("integer", "number"):
        return _number(kind, limits)
    return Scalar(_PLAIN.get(kind, "json"))


def schema_of(kind: str, size: tuple[int, ...] = ()) -> dict[str, Any]:
    """Return the JSON Schema of a kind of column.

    >>> schema_of("decimal", (4, 2))["exclusiveMaximum"]
    100
    """
    if kind in INTEGERS:
        most = 2 ** INTEGERS[kind] - 1
        return {"type": "integer", "minimum": -most - 1, "maximum": most}
    if kind == "decimal":
        return _decimal(*size)
    if kind == "local_timestamp":
        return {"type": "string", "pattern": LOCAL_TIME}
    if kind == "binary":
        return {"type": "string", "contentEncoding": "base64"}
    named = {column: name for name, column in _FORMATS.items()}
    if kind in named:
        return {"type": "string", "format": named[kind]}
    plain = {column: name for name, column in _PLAIN.items()}
    return {"type": plain[kind]} if kind in plain else {}


def _type_of_options(limits: Mapping[str, Any]) -> str:
    options = limits.get("enum", [limits["const"]] if "const" in limits else [])
    kinds = {_PYTHON.get(type(value), "json") for value in options}
    return kinds.pop() if len(kinds) == 1 else "json"


def _text(limits: Mapping[str, Any]) -> Scalar:
    if limits.get("contentEncoding") == "base64":
        return Scalar("binary", used=frozenset({"contentEncoding"}))
    if limits.get("pattern") == LOCAL_TIME:
        return Scalar("local_timestamp", used=frozenset({"pattern"}))
    named = _FORMATS.get(str(limits.get("format")))
    return Scalar(named, used=frozenset({"format"})) if named else Scalar("string")


def _number(kind: str, limits: Mapping[str, Any]) -> Scalar:
    decimal = _precision(kind, limits)
    if decimal:
        used = {*_BOUNDS, *(("multipleOf",) if decimal[1] else ())}
        return Scalar("decimal", decimal, frozenset(used))
    for name, bits in INTEGERS.items() if kind == "integer" else ():
        if (limits.get("minimum"), limits.get("maximum")) == (-(2**bits), 2**bits - 1):
            return Scalar(name, used=frozenset({"minimum", "maximum"}))
    return Scalar(_PLAIN[kind])


def _precision(kind: str, limits: Mapping[str, Any]) -> tuple[int, int] | None:
    """Return (precision, scale) of ±10^whole, in steps of 10^-scale."""
    low, high = (limits.get(key) for key in _BOUNDS)
    if not isinstance(high, int) or low != -high or not re.fullmatch("10*", str(high)):
        return None
    whole, step = len(str(high)) - 1, limits.get("multipleOf")
    if kind == "integer":
        return (whole, 0) if whole and step is None else None
    try:
        exponent = Decimal(str(step)).log10()
    except (InvalidOperation, ValueError):
        return None
    scale = -int(exponent)
    exact = exponent == -scale and scale > 0
    return (whole + scale, scale) if exact else None


def _decimal(precision: int, scale: int) -> dict[str, Any]:
    limit = 10 ** (precision - scale)
    bounds = dict(zip(_BOUNDS, (-limit, limit), strict=True))
    if scale == 0:
        return {"type": "integer", **bounds}
    return {"type": "number", **bounds, "multipleOf": float(Decimal(1).scaleb(-scale))}
