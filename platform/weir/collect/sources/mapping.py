"""The mapping file: which column is which field of a wire event. A closed model with clear errors.

```yaml
name: {column: event_type, map: {commit: push_commit_git}, default: other_event_git}
version: {value: 1}                       # a constant; `version: 1` is short for it
time: {column: date, format: "%Y-%m-%d", zone: UTC, at: "12:00"}
user_id: user_id                          # short for {column: user_id}
params:
  quantity: {column: cds, type: integer}
  files: {column: params.files}           # a dotted path into nested data
```

Reading the values of a row is `weir.collect.sources.values`' business.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import date, time
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, Literal, Self

import orjson
import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError, model_validator
from pydantic_core import ErrorDetails

from weir.core.errors import NotFound, UsageError
from weir.core.zones import zone

Kind = Literal["integer", "number", "boolean", "string", "json"]
EVERY = "*"
"""As a parameter's name: every field of the object in that column is a parameter."""


def _expand(given: Any) -> Any:
    """Return the long form: a text is a column, a number or a truth value is a constant."""
    if isinstance(given, str):
        return {"column": given}
    return {"value": given} if isinstance(given, bool | int | float) else given


def _text_keys(given: Any) -> Any:
    """Return the map with its keys as text, as the values of a row are looked up."""
    return {text_key(k): v for k, v in given.items()} if isinstance(given, dict) else given


def text_key(value: object) -> str:
    """Return a value as the key of a map: YAML's `true` and JSON's `true` are one.

    >>> text_key(True), text_key(3), text_key("a")
    ('true', '3', 'a')
    """
    return str(value).lower() if isinstance(value, bool) else str(value)


class Field(BaseModel):
    """Where one field's value comes from: a `column` of the file, or a constant `value`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    column: str | None = None
    value: Any = None
    map: Annotated[dict[str, Any] | None, BeforeValidator(_text_keys)] = None
    default: Any = None
    type: Kind | None = None

    @model_validator(mode="after")
    def _one_origin(self) -> Self:
        if (self.column is None) == ("value" not in self.model_fields_set):
            raise ValueError("name either a `column` of the file or a constant `value`")
        if self.column is None and self.model_fields_set - {"value"}:
            raise ValueError("a constant `value` stands alone")
        return self

    @property
    def has_default(self) -> bool:
        """Whether a missing or unmapped value has a stand-in, be it null."""
        return "default" in self.model_fields_set


class TimeField(Field):
    """A time: ISO 8601 unless `format` (strptime) or `unit` (of a number since 1970) says else.

    `zone` is for times without an offset, `at` the time of day for dates without one.
    """

    format: str | None = None
    unit: Literal["seconds", "milliseconds", "microseconds"] | None = None
    zone: str | None = None
    at: time = time(0)

    @model_validator(mode="after")
    def _known_zone(self) -> Self:
        if self.format is not None and self.unit is not None:
            raise ValueError("`format` is for text and `unit` for numbers: name one of them")
        if self.zone is not None:
            try:
                zone(self.zone)
            except NotFound as error:
                raise ValueError(str(error)) from None
        return self


_Field = Annotated[Field, BeforeValidator(_expand)]
_Time = Annotated[TimeField, BeforeValidator(_expand)]


class Mapping(BaseModel):
    """A whole mapping: the fields of a wire event, and its parameters by name."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: _Field
    time: _Time
    id: _Field | None = None
    version: _Field | None = None
    sent_at: _Time | None = None
    user_id: _Field | None = None
    device_id: _Field | None = None
    session_id: _Field | None = None
    platform: _Field | None = None
    app_version: _Field | None = None
    params: dict[str, _Field] = {}

    @property
    def digest(self) -> str:
        """The sha256 of what the mapping says, however its file is written."""
        said = self.model_dump(mode="json", exclude_unset=True)
        return hashlib.sha256(orjson.dumps(said, option=orjson.OPT_SORT_KEYS)).hexdigest()

    def columns(self) -> Iterator[tuple[str, str]]:
        """Yield (key in the mapping, column) of everything that is read from the file."""
        for key in type(self).model_fields:
            field = getattr(self, key)
            if isinstance(field, Field) and field.column is not None:
                yield key, field.column
        for name, field in self.params.items():
            if field.column is not None:
                yield f"params.{name}", field.column


def load_mapping(path: Path) -> Mapping:
    """Read a mapping file.

    Raises:
        NotFound: if there is no such file.
        UsageError: if it is no YAML, or says something that a mapping cannot say.
    """
    try:
        given = yaml.safe_load(path.read_bytes())
    except FileNotFoundError:
        raise NotFound("mapping file", str(path), remedy="Check the path.") from None
    except (yaml.YAMLError, OSError, UnicodeError) as error:
        why = " ".join(str(error).split())
        raise UsageError(f"{path} cannot be read as YAML: {why}.", "Mend it there.") from None
    if not isinstance(given, dict):
        raise UsageError(f"{path} is no mapping.", "Write `name:`, `time:` and `params:` into it.")
    try:
        return Mapping.model_validate(_gather(given))
    except ValidationError as error:
        # A misspelt key is the cause where another one is missing: it comes first.
        found = sorted(error.errors(), key=lambda one: one["type"] != "extra_forbidden")
        said = [_say(one) for one in found]
        remedy = next((remedy for _, remedy in said if remedy), "Mend it there.")
        raise UsageError(f"{path}: {'; '.join(what for what, _ in said)}.", remedy) from None


def _gather(given: dict[Any, Any]) -> dict[Any, Any]:
    """Return the mapping with `params.x: …` of the top level inside `params`."""
    dotted = {k: v for k, v in given.items() if isinstance(k, str) and k.startswith("params.")}
    rest = {k: v for k, v in given.items() if k not in dotted}
    params = rest.get("params", {})
    if not dotted or not isinstance(params, dict):
        return rest
    return {**rest, "params": {**params, **{k.partition(".")[2]: v for k, v in dotted.items()}}}


def _say(found: ErrorDetails) -> tuple[str, str]:
    """Return what is wrong, and the remedy."""
    place = ".".join(str(p) for p in found["loc"])
    if found["type"] == "extra_forbidden":
        known = sorted(_known(found["loc"][:-1]))
        near = get_close_matches(str(found["loc"][-1]), known, 1)
        remedy = f"Did you mean `{near[0]}`?" if near else f"Known keys: {', '.join(known)}."
        return f"`{place}` is no key of a mapping", remedy
    if found["type"] == "missing":
        return f"`{place}` is missing", f"Add `{place}:`, with a column or {{value: …}}."
    message = found["msg"].removeprefix("Value error, ")
    given = "" if isinstance(found["input"], dict) else f" (found {str(found['input'])[:50]!r})"
    return f"`{place}`: {message}{given}", ""


def _known(parent: tuple[int | str, ...]) -> set[str]:
    if not parent:
        return set(Mapping.model_fields)
    return set((TimeField if parent[0] in {"time", "sent_at"} else Field).model_fields)


def plain_constant(value: Any) -> Any:
    """Return a constant as JSON has it: YAML reads an unquoted date as a date."""
    return value.isoformat() if isinstance(value, date) else value
