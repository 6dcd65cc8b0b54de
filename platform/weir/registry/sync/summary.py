"""Says in Markdown what a change does: the body of a pull request, and a comment on it. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from weir.registry.sync.columndiff import LogChange

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


def proposal_body(diff: Iterable[LogChange]) -> str:
    """Return the body of a pull request."""
    return f"## Columns\n\n{columns_section(diff)}\n\nSaved by `weir events save`.\n"


def _type(now: str, before: str | None) -> str:
    return f"{code(before)} → {code(now)}" if before else code(now)
