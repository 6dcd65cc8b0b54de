"""Tells a review in Markdown, for a comment on a pull request: short, with the details folded. Pure.

Names come from whoever proposes the change: nothing of them may act as Markdown, HTML or a mention.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any

from weir.core.told import many
from weir.lineage.columns.changes import Change
from weir.lineage.review.changed import By, Changed
from weir.lineage.review.policy import Violation
from weir.lineage.review.report import Impact, Report
from weir.registry.sync.summary import FORBIDDEN, code, escaped, table

MARK = "<!-- weir ci -->"
"""The first line: by it the comment of an earlier run is found again."""
_ROWS = 60
_SAID = 3
_ROWS_OF = ("added", "removed", "changed", "same")
_BY = {
    By.ADDED: "new model",
    By.REMOVED: "removed",
    By.FILE: "its files",
    By.UPSTREAM: "what it reads",
}


def summary(report: Report, violations: Sequence[Violation]) -> str:
    """Return the comment."""
    return "\n\n".join([MARK, *_sections(report, violations)]) + "\n"


def unparsed(why: str) -> str:
    """Return the comment on a project that cannot be parsed at all."""
    fence = "~~~~"
    told = why.replace(fence, "~~~")
    return f"{MARK}\n\n## Data changes: {FORBIDDEN} dbt cannot parse the project\n\n{fence}\n{told}\n{fence}\n"


def headline(report: Report) -> str:
    """Return how many assets change how, the worst first."""
    counts = [
        (sum(1 for one in report.changed if one.change.change is kind), kind.value)
        for kind in reversed(Change)
    ]
    told = [
        f"{count} {'without effect' if kind == 'none' else kind}" for count, kind in counts if count
    ]
    return ", ".join(told) or "none"


def cost(report: Report) -> str:
    """Return what building again takes, in a sentence."""
    if report.cost is None:
        return f"Restatement: {report.cost_note}."
    if not report.cost.partitions:
        return "Restatement: nothing that is built has to be built again."
    long = ""
    if report.cost.p50 is not None and report.cost.p90 is not None:
        long = (
            f", about {_long(report.cost.p50)} (nine in ten stay within {_long(report.cost.p90)})"
        )
    rows = f", {report.cost.rows:,} rows" if report.cost.rows is not None else ""
    note = f". {report.cost_note}" if report.cost_note else ""
    return (
        f"Restatement: up to {report.cost.partitions:,} partitions in {many(report.runs, 'run')}{rows}{long}"
        f"{note}".rstrip(".")
        + "."
    )


def _sections(report: Report, violations: Sequence[Violation]) -> Iterator[str]:
    sign = f"{FORBIDDEN} {len(violations)} to settle" if violations else "✅"
    yield f"## Data changes: {headline(report)} {sign}"
    if violations:
        yield "\n".join(
            f"- {FORBIDDEN} {_named(one)}{_plain(one.what)} {_plain(one.remedy)}"
            for one in violations
        )
    acting = [one for one in report.changed if one.change.change is not Change.NONE]
    if acting:
        rows = [_row(one) for one in acting[:_ROWS]]
        yield table(("asset", "change", "by", "what", "owner"), rows) + _left(len(acting) - _ROWS)
    yield from _reached(report)
    yield _plain(cost(report))
    yield _data(report)
    yield f"Compared with {code(report.base)}."


def _named(one: Violation) -> str:
    return f"{code(one.asset)}: " if one.asset else ""


def _row(one: Changed) -> tuple[str, ...]:
    change = f"**{one.change.change}**" if one.breaks else one.change.change.value
    by = (
        f"macro {', '.join(code(name) for name in one.macros[:_SAID])}"
        if one.macros
        else _BY.get(one.by, "")
    )
    told = (
        list(one.change.reasons)
        if one.change.rows or one.by is By.ADDED
        else one.change.sentences()
    )
    more = f" and {len(told) - _SAID} more" if len(told) > _SAID else ""
    what = " ".join(_plain(sentence) for sentence in told[:_SAID]) + more
    return code(one.asset), change, by, what, _owner(one.owner)


def _reached(report: Report) -> Iterator[str]:
    owners = report.by_owner()
    if not owners:
        yield "Downstream: nothing else is reached."
        return
    columns = sum(len(one.columns or ()) for one in report.impact)
    whole = sum(1 for one in report.impact if one.columns is None)
    told = [many(columns, "column")] if columns else []
    told += [f"all columns of {many(whole, 'asset')}"] if whole else []
    rows = [
        (_owner(owner), code(one.asset), _columns(one))
        for owner, found in owners.items()
        for one in found
    ]
    yield (
        f"<details><summary>Downstream: {' and '.join(told)}, {many(len(owners), 'owner')}"
        f"</summary>\n\n"
        f"{table(('owner', 'asset', 'columns'), rows[:_ROWS])}{_left(len(rows) - _ROWS)}\n\n</details>"
    )


def _columns(one: Impact) -> str:
    return "all" if one.columns is None else ", ".join(code(name) for name in one.columns)


def data_lines(report: Report) -> list[str]:
    """Return what differs in the data, in sentences."""
    if report.data is None:
        return [f"Data: {report.data_note}."]
    if not report.data:
        return [f"Data: compared, no difference ({report.data_note})."]
    return [f"Data ({report.data_note}):", *(f"  {_differs(one)}" for one in report.data)]


def _differs(one: Mapping[str, Any]) -> str:
    if one["partitions"] is None:
        return f"{one['asset']}: {one['note']}"
    return f"{one['asset']}: " + ", ".join(f"{one[key]:,} {key}" for key in _ROWS_OF)


def _data(report: Report) -> str:
    if not report.data:
        return "\n".join(_plain(line) for line in data_lines(report))
    rows = [
        (code(one["asset"]), *(f"{one[key]:,}" for key in _ROWS_OF), _columns_of(one))
        for one in report.data
        if one["partitions"] is not None
    ]
    left = [
        f"- {code(one['asset'])}: {_plain(one['note'])}"
        for one in report.data
        if one["partitions"] is None
    ]
    differ = "1 asset differs" if len(rows) == 1 else f"{len(rows):,} assets differ"
    body = (
        [table(("asset", *_ROWS_OF, "rows by column"), rows[:_ROWS]) + _left(len(rows) - _ROWS)]
        if rows
        else []
    )
    return "\n\n".join(
        [
            f"Data: {differ} ({_plain(report.data_note)}).",
            *body,
            *(["\n".join(left)] if left else []),
        ]
    )


def _columns_of(one: Mapping[str, Any]) -> str:
    changed = [f"{code(name)} {count:,}" for name, count in one.get("columns", {}).items()]
    came = [
        f"{code(name)} {_plain(was or 'new')} → {_plain(now or 'gone')}"
        for name, (was, now) in one.get("types", {}).items()
    ]
    return ", ".join([*changed, *came])


def _plain(text: str) -> str:
    return escaped(text).replace("\\`", "`").replace("@", "&#64;")


def _owner(name: str) -> str:
    return code(name) if name else "nobody"


def _left(count: int) -> str:
    return f"\n\n… and {count} more: `weir ci --json` lists all." if count > 0 else ""


def _long(seconds: float) -> str:
    """Return a time in words.

    >>> _long(0.4), _long(75), _long(7260)
    ('1 s', '1 min 15 s', '2 h 1 min')
    """
    whole = timedelta(seconds=max(1, round(seconds)))
    minutes, left = divmod(int(whole.total_seconds()), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {left} s" if minutes else f"{left} s"
