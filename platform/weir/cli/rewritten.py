"""How commands tell what runs rewrote."""

from __future__ import annotations

from collections.abc import Sequence

from rich.table import Table

from weir.lineage.rewritten import Rewritten


def table(reports: Sequence[Rewritten]) -> Table:
    """Return one line per table: partitions new, changed and as before, and the rows in them."""
    shown = Table(box=None, pad_edge=False)
    shown.add_column("table", no_wrap=True)
    for column in ("new", "changed", "as before", "rows"):
        shown.add_column(column, justify="right", no_wrap=True)
    for report in reports:
        counts = (report.new, report.changed, report.same)
        name = report.asset.rpartition("/")[2]
        shown.add_row(name, *(f"{count:,}" for count in counts), _rows(report))
    return shown


def _rows(report: Rewritten) -> str:
    before, after = f"{report.rows_before:,}", f"{report.rows_after:,}"
    return after if before == after else f"{before} → {after}"


def sentence(reports: Sequence[Rewritten]) -> str:
    """Return the sum over all tables, and from when on they changed; empty if nothing was built."""
    if not reports:
        return ""
    new, changed, same = (
        sum(getattr(report, name) for report in reports) for name in ("new", "changed", "same")
    )
    first = min((report.first for report in reports if report.first), default="")
    since = f" The first that differs: {first}." if first and changed else ""
    return (
        f"Facts and layers: {new:,} partitions new, {changed:,} changed, {same:,} as before.{since}"
    )
