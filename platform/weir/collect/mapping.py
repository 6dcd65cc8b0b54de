"""How a row of somebody's file becomes an event: the mapping file and its application. Pure.

The only I/O is reading the YAML. Rows are plain dicts; where they come from is
`weir.collect.sources`' business, and whether the event is right is the collector's.
"""

from __future__ import annotations

import difflib
import hashlib
import math
import re
from collections.abc import Callable
from datetime import UTC, datetime, time
from pathlib import Path
from typing import Any, Literal

import orjson
import yaml
from pydantic import BaseModel, ConfigDict, ValidationError, field_validator, model_validator
from pydantic import Field as Default

from weir.core.errors import NotFound, UsageError, WeirError
from weir.core.zones import to_utc, zone

_INTEGER = re.compile(r"[+-]?\d+", re.ASCII)
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_BOOLEANS = {"true": True, "t": True, "yes": True, "1": True,
             "false": False, "f": False, "no": False, "0": False}  # fmt: skip
_TEXTS = ("id", "user_id", "device_id", "session_id", "platform", "app_version")

Type = Literal["integer", "number", "boolean", "string", "json"]
Row = dict[str, Any]


class LineError(ValueError):
    """One row cannot be mapped; the message says which field and why."""


class Field(BaseModel):
    """Where one value of the event comes from, and what becomes of it.

    The order is: column, `map`, then `type` or the time options. `default` stands in for an absent
    or null value and for one that `map` does not name.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    column: str | None = None
    value: Any = None
    map: dict[str, Any] | None = None
    default: Any = None
    type: Type | None = None
    format: str | None = None
    zone: str | None = None
    at: time | None = None

    @model_validator(mode="before")
    @classmethod
    def _short(cls, given: Any) -> Any:
        return {"column": given} if isinstance(given, str) else given

    @field_validator("map", mode="before")
    @classmethod
    def _text_keys(cls, given: Any) -> Any:
        """YAML reads `1:` and `true:` as no text; columns are compared as text."""
        return {_text(k): v for k, v in given.items()} if isinstance(given, dict) else given

    @field_validator("zone")
    @classmethod
    def _known_zone(cls, given: str | None) -> str | None:
        try:
            return given if given is None else zone(given).key
        except NotFound as error:
            raise ValueError(str(error)) from None

    @field_validator("value", "default", "map")
    @classmethod
    def _is_json(cls, given: Any) -> Any:
        if _not_json(given):
            raise ValueError("it is no JSON value; put dates and times in quotes")
        return given

    @model_validator(mode="after")
    def _consistent(self) -> Field:
        if (self.column is None) == ("value" not in self.model_fields_set):
            raise ValueError("give either `column` or `value`")
        if self.column is None and len(self.model_fields_set) > 1:
            raise ValueError("`value` is a constant and takes no other key")
        if self.type and self._is_time:
            raise ValueError("`type` does not go with `format`, `zone` or `at`")
        if self.zone is None and (self.at or (self.format and "%z" not in self.format)):
            raise ValueError("it has no offset; give `zone`, e.g. `zone: UTC`")
        return self

    @property
    def _is_time(self) -> bool:
        return bool(self.format or self.zone or self.at is not None)

    def read(self, row: Row) -> Any:
        """Return the value for the event, or None when there is none.

        Raises:
            LineError: if the value is not what the mapping says.
        """
        if self.column is None:
            return self.value
        found = lookup(row, self.column)
        if found is not None and self.map is not None:
            key = _text(found)
            if key not in self.map and "default" not in self.model_fields_set:
                raise LineError(f"`{self.column}` is `{key[:80]}`, which `map` does not name")
            found = self.map.get(key, self.default)
        if found is None:
            return self.default
        if self.type:
            return _typed(found, self.type, self.column)
        return self._instant(found) if self._is_time else found

    def _instant(self, found: Any) -> str:
        """Return the ISO 8601 text in UTC of a time text."""
        text = _text(found).strip()
        try:
            at = _parse(text, self.format)
            if self.at is not None:
                at = datetime.combine(at.date(), self.at)
            if at.tzinfo is None:
                assert self.zone is not None, "checked with the mapping"
                at = to_utc(at, self.zone)
            else:
                at = at.astimezone(UTC).replace(tzinfo=None)
        except (ValueError, OverflowError) as error:
            raise LineError(f"`{self.column}` is `{text[:80]}`: {error}") from None
        return f"{at.isoformat()}Z"


class Mapping(BaseModel):
    """A whole mapping file: the wire's fields, and the parameters by name."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: Field | None = None
    name: Field
    time: Field
    user_id: Field | None = None
    device_id: Field | None = None
    session_id: Field | None = None
    platform: Field | None = None
    app_version: Field | None = None
    version: Field | None = None
    sent_at: Field | None = None
    params: dict[str, Field] = Default(default_factory=dict)

    @property
    def digest(self) -> bytes:
        """SHA-256 of what the mapping means, whatever its comments and layout."""
        plain = self.model_dump(mode="json", exclude_unset=True)
        return hashlib.sha256(orjson.dumps(plain, option=orjson.OPT_SORT_KEYS)).digest()

    @property
    def fields(self) -> list[tuple[str, Field]]:
        """The envelope's fields that are mapped, by wire name."""
        named = ((name, getattr(self, name)) for name in type(self).model_fields)
        return [(name, field) for name, field in named if isinstance(field, Field)]

    def columns(self) -> dict[str, str]:
        """Return where each column without a default is used: column to mapping key."""
        params = [(f"params.{name}", field) for name, field in self.params.items()]
        return {
            field.column: name
            for name, field in [*self.fields, *params]
            if field.column is not None and "default" not in field.model_fields_set
        }

    def compiled(self, new_id: Callable[[int], str]) -> Callable[[Row, int], dict[str, Any]]:
        """Return the function from (row, line) to event; absent and null values are left out.

        Args:
            new_id: makes the id of a line whose row has none.

        Raises:
            LineError: by the returned function, if the row cannot be mapped.
        """
        envelope, params = self.fields, list(self.params.items())

        def event(row: Row, line: int) -> dict[str, Any]:
            mapped = {name: value for name, field in envelope
                      if (value := _read(name, field, row)) is not None}  # fmt: skip
            for name in _TEXTS:
                if type(mapped.get(name)) is int:
                    mapped[name] = str(mapped[name])
            mapped.setdefault("id", new_id(line))
            given = {name: value for name, field in params
                     if (value := _read(f"params.{name}", field, row)) is not None}  # fmt: skip
            return mapped | {"params": given} if given else mapped

        return event


def load_mapping(path: Path) -> Mapping:
    """Read a mapping file.

    Raises:
        NotFound: if there is no such file.
        UsageError: if it is wrong; the message names the file and the key.
    """
    try:
        given = yaml.safe_load(path.read_text())
    except FileNotFoundError:
        remedy = "Write one, or name another with --mapping."
        raise NotFound("mapping", str(path), remedy=remedy) from None
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise UsageError(f"{path} cannot be read: {error}.", "Make it a YAML mapping.") from None
    if not isinstance(given, dict):
        raise UsageError(f"{path} is no YAML mapping.", "Begin with `name: …` and `time: …`.")
    try:
        return Mapping.model_validate(given)
    except ValidationError as error:
        raise _wrong(path, error) from None


def lookup(row: Row, column: str) -> Any:
    """Return a column's value: the key itself, else the dotted path into nested objects.

    >>> lookup({"a": {"b": 1}}, "a.b"), lookup({"a.b": 2}, "a.b"), lookup({}, "a.b")
    (1, 2, None)
    """
    if column in row or "." not in column:
        return row.get(column)
    found: Any = row
    for key in column.split("."):
        if not isinstance(found, dict):
            return None
        found = found.get(key)
    return found


def suggest(given: str, known: list[str]) -> str:
    """Return `Did you mean …?`, or the list of what is known."""
    close = difflib.get_close_matches(given, known, n=1)
    return f"Did you mean `{close[0]}`?" if close else f"Known: {', '.join(known)}."


def _read(name: str, field: Field, row: Row) -> Any:
    try:
        return field.read(row)
    except LineError as error:
        raise LineError(f"{name}: {error}") from None


def _wrong(path: Path, error: ValidationError) -> WeirError:
    first = error.errors()[0]
    place = [str(part) for part in first["loc"]]
    key = ".".join(place)
    if first["type"] == "extra_forbidden":
        known = Field.model_fields if len(place) > 1 else Mapping.model_fields
        return UsageError(
            f"{path}: `{key}` is no key of a mapping.", suggest(place[-1], list(known))
        )
    if first["type"] == "missing":
        return UsageError(f"{path}: `{key}` is missing.", f"Add `{key}: COLUMN`.")
    why = first["msg"].removeprefix("Value error, ").removeprefix("Input should be ")
    remedy = "Give a column name, or {column: …} with options, or {value: constant}."
    return UsageError(f"{path}: `{key}`: {why.rstrip('.')}.", remedy)


def _parse(text: str, layout: str | None) -> datetime:
    if layout:
        return datetime.strptime(text, layout)  # noqa: DTZ007  (the zone is given beside it)
    return datetime.fromisoformat(text)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else orjson.dumps(value, default=str).decode()


def _not_json(value: Any) -> bool:
    if isinstance(value, dict):
        return any(not isinstance(k, str) or _not_json(v) for k, v in value.items())
    if isinstance(value, list):
        return any(map(_not_json, value))
    return not isinstance(value, (str, int, float, type(None)))


def _typed(value: Any, kind: Type, column: str) -> Any:
    try:
        return _TYPES[kind](value)
    except (ValueError, OverflowError):
        shown = _text(value)[:80]
        raise LineError(f"`{column}` is `{shown}`, which is no {kind}") from None


def _integer(value: Any) -> int:
    if isinstance(value, str) and _INTEGER.fullmatch(value.strip()):
        return int(value)
    if isinstance(value, (int, float)) and not isinstance(value, bool) and int(value) == value:
        return int(value)
    raise ValueError


def _number(value: Any) -> float:
    text = value.strip() if isinstance(value, str) else _text(value)
    if not _NUMBER.fullmatch(text) or math.isinf(found := float(text)):
        raise ValueError
    return found


def _boolean(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    key = _text(value).strip().lower()
    if key not in _BOOLEANS:
        raise ValueError
    return _BOOLEANS[key]


def _json(value: Any) -> Any:
    return orjson.loads(value) if isinstance(value, str) else value


_TYPES: dict[Type, Callable[[Any], Any]] = {
    "integer": _integer, "number": _number, "boolean": _boolean, "string": _text, "json": _json,
}  # fmt: skip
