"""What a fact promises its activation layers, read from its dbt model and checked when dbt is parsed.

`meta.weir` of the model says it; the model's columns, tests and SQL are held to it. A wrong fact is told
by model and column, with what to write. Whether the rows keep the promise is asked by the tests that
the contract demands (`part_unique`, `part_not_null`), at every run.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from jinja2 import nodes as jinja
from jinja2.sandbox import SandboxedEnvironment

from weir.core import zones
from weir.core.errors import InvalidValue, NotFound, WeirError
from weir.core.grains import Grain

DATE, COUNT = "activity_date", "event_count"
FIRST_ACTIVITY = "first_activity"
NEEDED = ("kind", "key", "time_zone", "start")
KNOWN = (
    *NEEDED, "end", "dimensions", "week_start", "birth", "inactive_rows", "spans",
    "wakeup_latency", "owner", "domain", "tier",
)  # fmt: skip
TAKEN = frozenset(
    {
        "period_start", "state", "previous_state", "streak", "longest_streak", "interval_periods",
        "churned", "first_period", "previous_period", "streak_start", "birth", "checkpoint_start",
        "last_period", "total", DATE, COUNT,
    }
)  # fmt: skip
"""Columns of a layer: no dimension may have such a name."""
_INEXACT = ("double", "float", "real", "float64")
_ZONED = ("local_date", "event_window")
"""Macros whose second argument is a time zone."""


@dataclass(frozen=True)
class Fact:
    """The contract of one fact.

    Attributes:
        name: its model.
        key: the column that says who: a user, an account.
        zone: IANA zone of its days.
        start, end: first and last day; None while it goes on.
        dimensions: columns with one value per key and day.
        week_start: weekday in lower-case English.
        birth: `first_activity`, or the column with the day from which a key is New.
        horizon: periods for which an Inactive key keeps a row; 0 for none.
        spans: whether its layers keep finished spans.
        wakeup_latency: inactive periods that make a return a Reactivation in the view of variants.
        types: type of each column that its YAML declares.
    """

    name: str
    key: str
    zone: str
    start: date
    end: date | None = None
    dimensions: tuple[str, ...] = ()
    week_start: str = "monday"
    birth: str = FIRST_ACTIVITY
    horizon: int = 0
    spans: bool = False
    wakeup_latency: int = 2
    types: Mapping[str, str] | None = None


class Broken(WeirError):
    """A fact breaks its contract; `model` and `column` say where."""

    def __init__(self, model: Mapping[str, Any], column: str, what: str, remedy: str) -> None:
        self.model, self.column = str(model["name"]), column
        where = f" ({model['original_file_path']})" if model.get("original_file_path") else ""
        at = f", `{column}`" if column else ""
        super().__init__(f"The fact `{self.model}`{where}{at}: {what}", remedy)


def fact_of(model: Mapping[str, Any], tests: Iterable[Mapping[str, Any]]) -> Fact:
    """Return the contract of a fact's model.

    Args:
        model: the model, as in dbt's manifest.
        tests: the manifest's tests that are attached to it.

    Raises:
        Broken: at the first mistake.
    """
    fact = _meta(model)
    known = list(tests)
    _check_table(model)
    _check_columns(model, fact)
    _check_tests(model, fact, known)
    _check_zones(model, fact)
    return fact


def tests_of(manifest: Mapping[str, Any]) -> dict[str, list[Mapping[str, Any]]]:
    """Return the tests of a manifest by the model that each is attached to."""
    found: dict[str, list[Mapping[str, Any]]] = {}
    for node in manifest["nodes"].values():
        if node["resource_type"] == "test" and node.get("attached_node"):
            found.setdefault(node["attached_node"], []).append(node)
    return found


def _meta(model: Mapping[str, Any]) -> Fact:
    meta = (model["config"].get("meta") or {}).get("weir") or {}
    for name in meta:
        if name not in KNOWN:
            near = difflib.get_close_matches(name, KNOWN, 1)
            guess = f"Did you mean `{near[0]}`?" if near else f"Known: {', '.join(KNOWN)}."
            raise Broken(model, f"meta.weir.{name}", "there is no such setting.", guess)
    for name in NEEDED:
        if not meta.get(name):
            raise Broken(model, f"meta.weir.{name}", "it is missing.", _example(name))
    start, end = (_day(model, meta, name) for name in ("start", "end"))
    assert start is not None
    if end is not None and end < start:
        raise Broken(model, "meta.weir.end", f"{end} is before the start, {start}.", "Swap them.")
    return Fact(
        name=str(model["name"]),
        key=str(meta["key"]),
        zone=_zone(model, str(meta["time_zone"])),
        start=start,
        end=end,
        dimensions=_dimensions(model, meta.get("dimensions") or []),
        week_start=_week(model, meta.get("week_start", "monday")),
        birth=str(meta.get("birth") or FIRST_ACTIVITY),
        horizon=_count(model, meta, "inactive_rows", default=0),
        spans=_flag(model, meta, "spans"),
        wakeup_latency=_count(model, meta, "wakeup_latency", default=2),
        types={c["name"]: str(c.get("data_type") or "") for c in model["columns"].values()},
    )


def _example(name: str) -> str:
    values = {"kind": "fact", "key": "user_id", "time_zone": "Asia/Seoul", "start": "2026-01-01"}
    return f"Add `{name}: {values[name]}` under `config: meta: weir:` in the model's YAML."


def _day(model: Mapping[str, Any], meta: Mapping[str, Any], name: str) -> date | None:
    value = meta.get(name)
    if value is None:
        return None
    try:
        return date.fromisoformat(str(value)[:10])
    except ValueError:
        raise Broken(
            model, f"meta.weir.{name}", f"`{value}` is no date.", "Write it like 2026-01-31."
        ) from None


def _zone(model: Mapping[str, Any], name: str) -> str:
    try:
        zones.zone(name)
    except NotFound as error:
        raise Broken(model, "meta.weir.time_zone", error.what, error.remedy) from None
    return name


def _week(model: Mapping[str, Any], start: object) -> str:
    try:
        Grain.week(str(start))
    except InvalidValue as error:
        raise Broken(model, "meta.weir.week_start", error.what, error.remedy) from None
    return str(start)


def _dimensions(model: Mapping[str, Any], given: object) -> tuple[str, ...]:
    if not isinstance(given, list) or not all(isinstance(d, str) for d in given):
        raise Broken(
            model,
            "meta.weir.dimensions",
            "it is no list of columns.",
            "Write `[country, platform]`.",
        )
    for name in given:
        if name in TAKEN or name.startswith("previous_") or given.count(name) > 1:
            why = "it is there twice." if given.count(name) > 1 else "a layer has such a column."
            raise Broken(model, name, f"it cannot be a dimension: {why}", "Rename the column.")
    return tuple(given)


def _count(model: Mapping[str, Any], meta: Mapping[str, Any], name: str, *, default: int) -> int:
    value = meta.get(name)
    if value is None or value is False:
        return default
    if type(value) is not int or value < 1:
        remedy = f"Write a number of periods, for example `{name}: 90`, or leave it out."
        raise Broken(model, f"meta.weir.{name}", f"`{value}` is no number from 1 on.", remedy)
    return value


def _flag(model: Mapping[str, Any], meta: Mapping[str, Any], name: str) -> bool:
    value = meta.get(name, False)
    if not isinstance(value, bool):
        raise Broken(model, f"meta.weir.{name}", f"`{value}` is not true or false.", "Write one.")
    return value


def _check_table(model: Mapping[str, Any]) -> None:
    wanted = {"materialized": "partition_range", "partition_column": DATE, "clock": "day"}
    for name, value in wanted.items():
        if (found := model["config"].get(name)) != value:
            raise Broken(
                model, f"config.{name}", f"it is `{found}`: the fact is not incremental by day.",
                f"Leave it out: models/fact has `{name}: {value}`.",
            )  # fmt: skip


def _check_columns(model: Mapping[str, Any], fact: Fact) -> None:
    types = fact.types or {}
    birth = [fact.birth] if fact.birth != FIRST_ACTIVITY else []
    for name in (fact.key, DATE, COUNT, *birth, *fact.dimensions):
        if name not in types:
            raise Broken(
                model, name, "the contract needs the column, and the YAML does not declare it.",
                "Select it in the SQL and describe it under `columns:` with its data_type.",
            )  # fmt: skip
    for name in (DATE, *birth):
        if types[name].lower() != "date":
            raise Broken(
                model, name, f"it is `{types[name] or 'of no declared type'}`, and must be a date.",
                "Set `data_type: date`; `local_date(event_time, zone)` makes one in the fact's zone.",
            )  # fmt: skip
    for name in fact.dimensions:
        if types[name].lower().startswith(_INEXACT):
            raise Broken(
                model, name, "a dimension cannot be a floating-point number.",
                "Make it text or an integer: its values are compared.",
            )  # fmt: skip


def _check_tests(model: Mapping[str, Any], fact: Fact, tests: Iterable[Mapping[str, Any]]) -> None:
    found = list(_named(tests))
    needed = [fact.key, DATE, *([fact.birth] if fact.birth != FIRST_ACTIVITY else [])]
    for column in needed:
        if ("part_not_null", frozenset({column})) not in found:
            raise Broken(
                model, column, "nothing checks that it is never NULL.",
                "Add `data_tests: [part_not_null]` to the column.",
            )  # fmt: skip
    if ("part_unique", frozenset({fact.key, DATE})) not in found:
        raise Broken(
            model, fact.key, f"nothing checks that there is one row per `{fact.key}` and day.",
            f"Add `data_tests: [part_unique: {{arguments: {{columns: [{fact.key}, {DATE}]}}}}]`"
            " to the model.",
        )  # fmt: skip


def _named(
    tests: Iterable[Mapping[str, Any]],
) -> Iterator[tuple[Literal["part_not_null", "part_unique"], frozenset[str]]]:
    for test in tests:
        about = test.get("test_metadata") or {}
        arguments = about.get("kwargs") or {}
        if about.get("name") == "part_not_null":
            yield "part_not_null", frozenset({str(arguments.get("column_name"))})
        elif about.get("name") == "part_unique":
            yield "part_unique", frozenset(arguments.get("columns") or ())


def _check_zones(model: Mapping[str, Any], fact: Fact) -> None:
    for macro, zone in zones_in(str(model.get("raw_code") or "")):
        if zone != fact.zone:
            raise Broken(
                model, DATE, f"the SQL counts days in `{zone}` (`{macro}`), the YAML says"
                f" `{fact.zone}`.",
                "Give both the same zone: a day must mean one thing.",
            )  # fmt: skip


def zones_in(sql: str) -> list[tuple[str, str]]:
    """Return (macro, zone) of every call in a model's text that names a time zone.

    >>> zones_in("select {{ local_date('event_time', 'Asia/Seoul') }}")
    [('local_date', 'Asia/Seoul')]
    """
    tree = SandboxedEnvironment(extensions=["jinja2.ext.do"]).parse(sql)
    return [
        (call.node.name, zone)
        for call in tree.find_all(jinja.Call)
        if isinstance(call.node, jinja.Name) and call.node.name in _ZONED
        for zone in _second(call)
    ]


def _second(call: jinja.Call) -> Iterator[str]:
    given = call.args[1:2] or [word.value for word in call.kwargs if word.key == "zone"]
    yield from (str(value.value) for value in given if isinstance(value, jinja.Const))
