"""The files of a fact's activation layers: one line of SQL per model, and YAML that says what they hold.

Pure: text in, text out. The models call macros that read the fact's contract when they run; what the
YAML repeats of it (key, dimensions, types) is checked against the files by `stale_files`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from weir.activation.contract import DATE, Fact
from weir.activation.reference import State
from weir.core.grains import CHECKPOINT_OF, of_layer
from weir.core.names import Layer

FOLDER = Path("models") / "activation"
_MACRO = {"checkpoint": "firstlast", "activation": "activation"}
STATES = tuple(state.value for state in State)
_ACTIVE = tuple(state.value for state in State if state is not State.INACTIVE)
_LABELS = {"checkpoint": "checkpoint_start", "spans": "next_start"}

Json = dict[str, Any]


def parts_of(fact: Fact) -> tuple[str, ...]:
    """Return the models that a layer of the fact has, in the data's order."""
    spans = ("spans",) if fact.spans else ()
    return ("checkpoint", "activation", *spans, "summary", "returns")


def label_column(part: str) -> str:
    """Return the column of a part that says which partition a row belongs to."""
    return _LABELS.get(part, "period_start")


def columns_of(fact: Fact, grain: str, part: str) -> dict[str, str]:
    """Return the columns of one part of a layer, in order: name → type."""
    return {column.name: column.kind for column in _COLUMNS[part](fact, of_layer(grain).unit)}


def files_of(fact: Fact, grain: str) -> dict[Path, str]:
    """Return the files of one layer, relative to the dbt project."""
    found = {}
    for part in parts_of(fact):
        macro = _MACRO.get(part, f"activation_{part}")
        name = f"{Layer(fact.name, grain, part)}.sql"
        found[FOLDER / name] = f'{{{{ {macro}(fact="{fact.name}", grain="{grain}") }}}}\n'
    models = [_model(fact, grain, part) for part in parts_of(fact)]
    name = f"{Layer(fact.name, grain, 'activation')}.yml"
    text = yaml.dump(
        {"version": 2, "models": models}, Dumper=_Dumper, sort_keys=False, width=100,
        allow_unicode=True,
    )  # fmt: skip
    found[FOLDER / name] = text
    return found


class _Dumper(yaml.SafeDumper):
    """Indents lists below their key, as the other YAML of a project does."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: FBT001, FBT002
        del indentless
        super().increase_indent(flow, indentless=False)


def _model(fact: Fact, grain: str, part: str) -> Json:
    layer, unit = Layer(fact.name, grain, part), of_layer(grain).unit
    clock = CHECKPOINT_OF[unit].value if part == "checkpoint" else unit
    column = label_column(part)
    by_month = grain == "daily" and part != "checkpoint"
    physical = [f"year({column})", *([f"month({column})"] if by_month else [])]
    kind = "firstlast" if part == "checkpoint" else part
    columns = list(_COLUMNS[part](fact, unit))
    tests: list[Any] = [
        _test("part_unique", columns=_unique(fact, part, column)),
        _columns_test(str(layer), columns),
    ]
    if part == "summary":
        tests.append(_test("part_identity", fact=fact.name, grain=grain))
    return {
        "name": str(layer),
        "description": _ABOUT[part].format(
            fact=fact.name, unit=unit, key=fact.key, clock=clock, horizon=fact.horizon
        ),
        "config": {
            "clock": clock,
            "partition_column": column,
            "partitioned_by": physical,
            "meta": {"weir": {"kind": kind, "fact": fact.name, "grain": grain}},
        },
        "data_tests": tests,
        "columns": [column.as_yaml() for column in columns],
    }


def _unique(fact: Fact, part: str, column: str) -> list[str]:
    if part == "summary":
        return [column, "dim_name", "dim_value", "previous_state", "state"]
    return [column, "previous_period"] if part == "returns" else [column, fact.key]


def _test(name: str, **arguments: Any) -> Json:
    return {name: {"arguments": arguments}}


def _columns_test(layer: str, columns: Iterable[_Column]) -> Json:
    """Return the one test of all columns: a scan for each would cost a run more than its rows."""
    needed = [column.name for column in columns if column.needed]
    values = {column.name: list(column.values) for column in columns if column.values}
    arguments = {"not_null": needed, **({"values": values} if values else {})}
    return {"part_columns": {"name": f"{layer}_columns", "arguments": arguments}}


@dataclass(frozen=True)
class _Column:
    name: str
    about: str
    kind: str
    needed: bool = True
    values: tuple[str, ...] = ()

    def as_yaml(self) -> Json:
        return {"name": self.name, "description": self.about, "data_type": self.kind}


def _key(fact: Fact) -> _Column:
    return _Column(fact.key, "Who: the key of the fact.", _type(fact, fact.key))


def _type(fact: Fact, column: str) -> str:
    return (fact.types or {}).get(column) or "varchar"


def _checkpoint(fact: Fact, unit: str) -> Iterable[_Column]:
    clock = CHECKPOINT_OF[unit].value
    yield _Column(
        "checkpoint_start", f"The {clock} (its first day) at whose END the row holds.", "date"
    )
    yield _key(fact)
    yield _Column("first_period", f"First active {unit}.", "date")
    yield _Column("last_period", f"Last active {unit} up to the checkpoint.", "date")
    yield _Column(
        "streak_start", f"The {unit} in which the streak that ends at `last_period` began.", "date"
    )
    yield _Column("longest_streak", f"Longest run of consecutive active {unit}s so far.", "bigint")
    for name in fact.dimensions:
        about = f"`{name}` at the last activity."
        yield _Column(name, about, _type(fact, name), needed=False)
    yield _Column("birth", f"The {unit} in which the key counts as New.", "date")


def _activation(fact: Fact, unit: str) -> Iterable[_Column]:
    states = STATES if fact.horizon else _ACTIVE
    yield _key(fact)
    yield _Column("period_start", f"The {unit} (its first day), in the fact's time zone.", "date")
    yield _Column(
        "state", f"New (the {unit} of birth), Retained (active the {unit} before too) or Reactivated"
        " (back after a pause)." + (" Inactive: away." if fact.horizon else ""), "varchar",
        values=states,
    )  # fmt: skip
    yield _Column(
        "previous_state", f"State in the {unit} before; NULL at the first activity.", "varchar",
        needed=False, values=STATES,
    )  # fmt: skip
    yield _Column("streak", f"Consecutive active {unit}s that end in this one.", "bigint")
    yield _Column("longest_streak", f"Longest streak up to this {unit}.", "bigint")
    yield _Column(
        "interval_periods", f"{unit.title()}s since the previous activity; NULL at the first.",
        "bigint", needed=False,
    )  # fmt: skip
    yield _Column(
        "churned", f"Inactive {unit}s that a return ended (interval_periods - 1), or, of an Inactive"
        " key, that have passed so far; else NULL.", "bigint", needed=False,
    )  # fmt: skip
    yield _Column("first_period", f"First active {unit}.", "date")
    yield _Column(
        "previous_period", f"Previous active {unit}; NULL at the first.", "date", needed=False
    )
    yield _Column(
        "streak_start", f"The {unit} in which the present streak began.", "date",
        needed=not fact.horizon,
    )  # fmt: skip
    for name in fact.dimensions:
        kind = _type(fact, name)
        yield _Column(name, f"`{name}` at the last activity of the {unit}.", kind, needed=False)
        yield _Column(f"previous_{name}", f"`{name}` at the visit before.", kind, needed=False)
    yield _Column("event_count", f"Events of the key in the {unit}.", "bigint")


def _summary(fact: Fact, unit: str) -> Iterable[_Column]:
    names = ", ".join(f"`{name}`" for name in fact.dimensions)
    yield _Column("fact", "The fact's name.", "varchar")
    yield _Column("grain", "The grain of the periods.", "varchar")
    yield _Column("period_start", f"The {unit} (its first day), in the fact's time zone.", "date")
    yield _Column(
        "dim_name", "What the row is split by: `total` for all"
        + (f", or {names}." if names else "."), "varchar", values=("total", *fact.dimensions),
    )  # fmt: skip
    yield _Column(
        "dim_value", "Value at the last visit; empty for the total, `(none)` where it is missing.",
        "varchar",
    )  # fmt: skip
    yield _Column(
        "previous_state", f"State in the {unit} before; NULL at the first activity.", "varchar",
        needed=False, values=STATES,
    )  # fmt: skip
    yield _Column("state", f"State in the {unit}.", "varchar", values=STATES)
    yield _Column("users", "Number of keys.", "bigint")
    yield _Column("sum_streak", "Sum of their streaks (0 when Inactive).", "bigint")
    yield _Column(
        "sum_interval",
        "Sum of their intervals (0 at the first activity or when Inactive).",
        "bigint",
    )
    yield _Column(
        "is_complete", f"Whether all that landed in time for the {unit} is in it.", "boolean"
    )


def _returns(fact: Fact, unit: str) -> Iterable[_Column]:
    del fact
    yield _Column(
        "previous_period", f"Previous active {unit}; NULL for first visits.", "date", needed=False
    )
    yield _Column("period_start", f"The {unit} of the activity (its first day).", "date")
    yield _Column("users", "Number of keys.", "bigint")


def _spans(fact: Fact, unit: str) -> Iterable[_Column]:
    yield _key(fact)
    yield _Column("streak_start", f"First {unit} of the streak.", "date")
    yield _Column(
        "streak_end", f"Last {unit} of the streak: Inactive from the next one on.", "date"
    )
    yield _Column("next_start", f"The {unit} of the return that ended the pause.", "date")
    for name in fact.dimensions:
        yield _Column(name, f"`{name}` at `streak_end`.", _type(fact, name), needed=False)


_COLUMNS: Mapping[str, Any] = {
    "checkpoint": _checkpoint, "activation": _activation, "summary": _summary,
    "returns": _returns, "spans": _spans,
}  # fmt: skip
_ABOUT = {
    "checkpoint": (
        "Checkpoints of `{fact}` by {clock}: for every key ever seen, the state at the {clock}'s end."
        " What a {unit} needs of the past is the last checkpoint before it and the facts since."
    ),
    "activation": (
        "One row per `{key}` and active {unit} of `{fact}`, with its state. A {unit}'s rows depend on"
        " facts up to its end only. Who is away: see the summary."
    ),
    "summary": (
        "Keys of `{fact}` per {unit}, previous state and state, Inactive included by identity. A {unit}"
        " that is not complete shows its active keys only."
    ),
    "returns": "Keys of `{fact}` per {unit} and previous active {unit}: who came back after how long.",
    "spans": (
        "Finished spans of `{fact}`: one row per streak that a return has followed, in the {unit} of"
        " the return."
    ),
}
__all__ = ["DATE", "FOLDER", "STATES", "columns_of", "files_of", "label_column", "parts_of"]
