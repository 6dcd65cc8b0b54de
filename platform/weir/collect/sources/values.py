"""One row and a mapping make one wire event: paths, types and times. Pure: no I/O.

A value that cannot be read raises `Unmappable`; the caller knows the line.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from weir.collect import jsontext
from weir.collect.sources.mapping import EVERY, Field, Mapping, TimeField, plain_constant, text_key
from weir.core.zones import zone

Row = dict[str, Any]

_TEXTS = ("id", "name", "user_id", "device_id", "session_id", "platform", "app_version")
_TIMES = ("time", "sent_at")
_WHOLE = re.compile(r"[+-]?[0-9]{1,4000}", re.ASCII)
_DATE = re.compile(r"[0-9]{4}-?[0-9]{2}-?[0-9]{2}", re.ASCII)
_TRUTH = {"true": True, "1": True, "false": False, "0": False}
_PER_SECOND = {"seconds": 1, "milliseconds": 1_000, "microseconds": 1_000_000}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Unmappable(ValueError):
    """A value cannot become what the mapping asks for. Its message names column and value."""


def pick(row: Row, path: str) -> Any:
    """Return a column, or what a dotted path leads to; None where there is nothing.

    >>> pick({"params": {"files": {"added": 3}}}, "params.files.added")
    3
    """
    if path in row:
        return row[path]
    node: Any = row
    for part in path.split("."):
        if not isinstance(node, dict):
            return None
        node = node.get(part)
    return node


def event_of(row: Row, mapping: Mapping) -> dict[str, Any]:
    """Return the wire event of a row, without an id where no column gives one.

    Raises:
        Unmappable: if a value cannot be read, or `name` or `time` is missing.
    """
    event: dict[str, Any] = {}
    for key in _TEXTS:
        _set(event, key, getattr(mapping, key), row, "string")
    _set(event, "version", mapping.version, row, "integer")
    for key in _TIMES:
        _set(event, key, getattr(mapping, key), row, None)
    for key in ("name", "time"):
        if key not in event:
            raise Unmappable(f"`{key}` is empty (column `{getattr(mapping, key).column}`)")
    event["params"] = _params(row, mapping)
    return event


def utc_of(row: Row, field: TimeField) -> datetime:
    """Return a time of the row as a naive UTC instant.

    Raises:
        Unmappable: if it is missing, unreadable or has neither offset nor zone.
    """
    value = pick(row, field.column or "")
    if value in (None, ""):
        raise Unmappable(f"column `{field.column}` is empty")
    try:
        return _told(value, field).astimezone(UTC).replace(tzinfo=None)
    except OverflowError:
        raise Unmappable(f"column `{field.column}` is `{value}`: out of range") from None


def _set(event: dict[str, Any], key: str, field: Field | None, row: Row, kind: str | None) -> None:
    if field is None:
        return
    value = _read(field, row, kind)
    if value is not None:
        event[key] = value


def _params(row: Row, mapping: Mapping) -> dict[str, Any]:
    params: dict[str, Any] = {}
    for name, field in mapping.params.items():
        value = _read(field, row, "json" if name == EVERY else None)
        if name != EVERY:
            params |= {} if value is None else {name: value}
        elif isinstance(value, dict):
            params |= value
        elif value is not None:
            raise Unmappable(f"column `{field.column}` is no object, as `params.{EVERY}` needs")
    return params


def _read(field: Field, row: Row, kind: str | None) -> Any:
    """Return a field's value as JSON has it; None where the row has none."""
    if field.column is None:
        value = plain_constant(field.value)
        return _told(value, field).isoformat() if isinstance(field, TimeField) else value
    value = pick(row, field.column)
    if value is None:
        return field.default
    if field.map is not None:
        if (key := text_key(value)) not in field.map:
            if not field.has_default:
                raise Unmappable(f"column `{field.column}` is `{key}`, which its map does not name")
            return field.default
        value = field.map[key]
    if isinstance(field, TimeField):
        return _told(value, field).isoformat()
    return convert(value, field.type or kind, field.column)


def convert(value: Any, kind: str | None, column: str) -> Any:
    """Return a value as the type asked for; without one, as JSON can carry it.

    >>> convert("007", None, "a"), convert("007", "integer", "a"), convert(7, "string", "a")
    ('007', 7, '7')

    Raises:
        Unmappable: if it is not of that type.
    """
    value = _plain(value, column)
    if kind is None or value is None:
        return value
    try:
        return _CONVERT[kind](value)
    except (ValueError, TypeError, OverflowError):
        shown = str(value)[:60]
        raise Unmappable(f"column `{column}` is `{shown}`, which is no {kind}") from None


def _integer(value: Any) -> int:
    if isinstance(value, str) and _WHOLE.fullmatch(value.strip()):
        return int(value)
    if isinstance(value, bool) or not isinstance(value, int | float) or value != int(value):
        raise ValueError
    return int(value)


def _number(value: Any) -> int | float:
    if isinstance(value, bool) or (isinstance(value, str) and "_" in value):
        raise ValueError
    number = value if isinstance(value, int) else float(value)
    if not math.isfinite(number):
        raise ValueError
    return number


def _boolean(value: Any) -> bool:
    if (found := _TRUTH.get(text_key(value).strip().lower())) is None:
        raise ValueError
    return found


def _string(value: Any) -> str:
    if isinstance(value, dict | list):
        raise TypeError
    return text_key(value)


def _json(value: Any) -> Any:
    return jsontext.loads(value.encode()) if isinstance(value, str) else value


_CONVERT: dict[str, Callable[[Any], Any]] = {
    "integer": _integer,
    "number": _number,
    "boolean": _boolean,
    "string": _string,
    "json": _json,
}


def _plain(value: Any, column: str) -> Any:
    """Return a value of Parquet's types as JSON's; decimals and times become text, exactly."""
    if value is None or isinstance(value, str | bool | int):
        return value
    if isinstance(value, float):
        if not math.isfinite(value):
            raise Unmappable(f"column `{column}` is `{value}`, which JSON cannot carry")
        return value
    if isinstance(value, dict):
        return {str(k): _plain(v, column) for k, v in value.items()}
    if isinstance(value, list):
        return [_plain(v, column) for v in value]
    return _text(value, column)


def _text(value: Any, column: str) -> str:
    if isinstance(value, datetime):
        return value.isoformat(timespec="microseconds")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, bytes):
        try:
            return value.decode()
        except UnicodeDecodeError:
            raise Unmappable(f"column `{column}` holds bytes that are no UTF-8 text") from None
    return str(value)


def _told(value: Any, field: TimeField) -> datetime:
    """Return a time with its offset; the offset it came with is kept.

    Raises:
        Unmappable: if it cannot be read, or has neither offset nor zone.
    """
    where = f"column `{field.column}`" if field.column else "the constant time"
    try:
        at = _since_epoch(value, field.unit) if field.unit else _wall(value, field)
    except (ValueError, TypeError, ArithmeticError):
        wanted = field.format or field.unit or "ISO 8601"
        raise Unmappable(f"{where} is `{str(value)[:60]}`, which is no time ({wanted})") from None
    if at.tzinfo is None:
        if field.zone is None:
            raise Unmappable(f"{where} is `{value}`, without an offset: name its `zone`")
        at = at.replace(tzinfo=zone(field.zone))
    return at


def _wall(value: Any, field: TimeField) -> datetime:
    if isinstance(value, date):  # a datetime is one too
        text = _text(value, "")
    elif not isinstance(value, str):
        raise TypeError
    elif field.format is not None:
        at = datetime.strptime(value, field.format)  # noqa: DTZ007 - the zone is added by the caller
        return datetime.combine(at, field.at) if _no_clock(field.format) else at
    else:
        text = value.strip()
    if _DATE.fullmatch(text):
        return datetime.combine(date.fromisoformat(text), field.at)
    return datetime.fromisoformat(text)


def _no_clock(form: str) -> bool:
    return not re.search(r"%[HIMSfpcXsT]", form)


def _since_epoch(value: Any, unit: str) -> datetime:
    if isinstance(value, bool):
        raise TypeError
    micros = Decimal(str(value)) * (1_000_000 // _PER_SECOND[unit])
    return _EPOCH + timedelta(microseconds=int(micros))
