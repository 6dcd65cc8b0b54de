"""Says in Markdown what a change of events does: the body of a pull request. Pure.

What a check found is told by `weir.registry.sync.markdown`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from weir.registry.compat import EventChange
from weir.registry.sync.columndiff import LogChange

FORBIDDEN, HURTS, HARMLESS = "❌", "⚠️", "·"
ROWS = 200
"""A table's rows at most: a host takes some 60,000 characters."""
_MARK = re.compile(r"([\\|`*_<>\[\]#])")


def escaped(text: object) -> str:
    r"""Return a text that Markdown shows as it is, on one line of a table.

    >>> escaped("a|b <script>")
    'a\\|b \\<script\\>'
    """
    return _MARK.sub(r"\\\1", " ".join(str(text).split()))


def code(text: object) -> str:
    """Return a text as code inside a table.

    >>> code("a`b")
    '`` a`b ``'
    """
    plain = " ".join(str(text).split()).replace("|", "\\|")
    return f"`` {plain} ``" if "`" in plain else f"`{plain}`"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table."""
    lines = [f"| {' | '.join(head)} |", f"|{'---|' * len(head)}"]
    return "\n".join([*lines, *(f"| {' | '.join(row)} |" for row in rows)])


def columns_section(diff: Iterable[LogChange]) -> str:
    """Return which columns change, log by log."""
    rows = [
        (code(log.event), code(column.sign), code(column.name),
         _type(column.duckdb, column.before and column.before[0]),
         _type(column.bigquery, column.before and column.before[1]))
        for log in diff
        for column in log.columns
    ]  # fmt: skip
    if not rows:
        return "No columns change."
    return table(("event log", "", "column", "DuckDB", "BigQuery"), rows)


def compatibility_section(changes: Iterable[EventChange]) -> str:
    """Return what changes of the events and whom it hurts, what is forbidden first."""
    rows = sorted((row for change in changes for row in _rows(change)), key=lambda row: row[0])
    if not rows:
        return "No event changes."
    shown = table(("", "event", "place", "rule", "reason", "remedy"), [r[1:] for r in rows[:ROWS]])
    return shown + more(len(rows) - ROWS)


def proposal_body(diff: Iterable[LogChange], changes: Iterable[EventChange]) -> str:
    """Return the body of a pull request."""
    return (
        f"## Columns\n\n{columns_section(diff)}\n\n"
        f"## Compatibility\n\n{compatibility_section(changes)}\n\n"
        "Saved by `weir events save`.\n"
    )


def more(left: int) -> str:
    """Return the words for rows that are left out; '' for none."""
    return f"\n\n… and {left} more: `weir events check` lists all." if left > 0 else ""


def _rows(change: EventChange) -> Iterator[tuple[int, str, str, str, str, str, str]]:
    """Yield the rows of one change, each with its rank before it."""
    version = f" v{change.version}" if change.version else ""
    event = f"{code(change.event)}{version}"
    if not change.differences and not change.errors:
        what = change.note or change.kind.replace("_", " ")
        yield 2, HARMLESS, event, "", "", escaped(what), ""
    for error in change.errors:
        yield 0, FORBIDDEN, event, "", "", escaped(error), ""
    for one in change.differences:
        forbidden = one in change.violations
        rank, mark = (0, FORBIDDEN) if forbidden else (1, HURTS) if one.hurts else (2, HARMLESS)
        place, remedy = code(one.pointer or "/"), escaped(one.remedy) if one.hurts else ""
        yield rank, mark, event, place, code(one.rule), escaped(one.reason), remedy


def _type(now: str, before: str | None) -> str:
    return f"{code(before)} → {code(now)}" if before else code(now)
