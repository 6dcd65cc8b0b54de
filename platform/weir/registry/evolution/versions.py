"""Folds an event's versions into runs: from which version on a parameter has which type.

A run goes on while each next type is held by the column's own or widens it; a type that does
neither breaks it, and a new run begins in that version. A break changes the name of everything
inside it, so that no two runs share a column: `amount` and `amount__v2`, `amount__v2__currency`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from weir.registry.evolution.structures import Structure, widen

Fields: TypeAlias = "dict[str, Structure]"
"""What one version declares of an object: parameter → type, an object inside it as {field: type}."""


@dataclass
class Run:
    """One type of a parameter over successive versions.

    Attributes:
        since: the version that began it.
        leaf: its type; None if it is an object.
        inside: the parameters of an object.
    """

    since: int
    leaf: Structure | None = None
    inside: Parameters = field(default_factory=dict)


Parameters: TypeAlias = "dict[str, list[Run]]"


@dataclass(frozen=True)
class Typed:
    """One run that is a column.

    Attributes:
        name: the column's.
        path: where the parameter is.
        structure: the column's type.
        since: the first version that feeds it; 0 if no version before it had another type.
        until: the last one; None if it is fed by all later ones.
        fork: the first part of the path, counted from 1, whose type broke; 0 if none did.
    """

    name: str
    path: tuple[str, ...]
    structure: Structure
    since: int = 0
    until: int | None = None
    fork: int = 0


def fold(versions: Mapping[int, Fields]) -> list[Typed]:
    """Return the columns of all versions: in the order of the newest, then what older ones add."""
    parameters: Parameters = {}
    for number in sorted(versions):
        _add(parameters, versions[number], number)
    newest_first = [versions[number] for number in sorted(versions, reverse=True)]
    return list(_columns(parameters, newest_first, Typed("", (), {})))


def _add(parameters: Parameters, fields: Fields, number: int) -> None:
    for name, kind in fields.items():
        runs = parameters.setdefault(name, [])
        if not runs or not _continue(runs[-1], kind, number):
            runs.append(Run(number))
            _continue(runs[-1], kind, number)


def _continue(run: Run, kind: Structure, number: int) -> bool:
    """Let a run take one more version; tell whether it can."""
    if isinstance(kind, dict):
        if run.leaf is None:
            _add(run.inside, kind, number)
        return run.leaf is None
    if run.inside:
        return False
    held = kind if run.leaf is None else widen(run.leaf, kind)
    run.leaf = run.leaf if held is None else held
    return held is not None


def _columns(parameters: Parameters, declared: Sequence[Fields], parent: Typed) -> Iterator[Typed]:
    for name in dict.fromkeys(name for fields in declared for name in fields):
        runs = parameters.get(name, [])
        nested = [inner for fields in declared if isinstance(inner := fields.get(name), dict)]
        for index, run in enumerate(runs):
            after = runs[index + 1].since if index + 1 < len(runs) else None
            column = _column(name, parent, run, after, first=index == 0)
            if run.leaf is None:
                yield from _columns(run.inside, nested, column)
            else:
                yield column


def _column(name: str, parent: Typed, run: Run, after: int | None, *, first: bool) -> Typed:
    path = (*parent.path, name)
    joined = f"{parent.name}__{name}" if parent.name else name
    forks = after is not None or not first
    return Typed(
        joined if first else f"{joined}__v{run.since}",
        path,
        run.leaf or {},
        parent.since if first else run.since,
        parent.until if after is None else after - 1,
        parent.fork or (len(path) if forks else 0),
    )
