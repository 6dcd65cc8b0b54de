"""How commands tell what runs rewrote."""

from __future__ import annotations

from collections.abc import Sequence

from rich.table import Table

from weir.lineage.rewritten import Rewritten


def table(reports: Sequence[Rewritten]) -> Table:
    """Return one line per asset: partitions new, changed and as before, and the rows in them."""
    shown = Table(box=None, pad_edge=False)
    shown.add_column("asset", overflow="fold")
    for column in ("new", "changed", "as before", "rows before", "rows after"):
        shown.add_column(column, justify="right")
    shown.add_column("from", no_wrap=True)
    shown.add_column("to", no_wrap=True)
    for report in reports:
        counts = (
            report.new, report.changed, report.same, report.rows_before, report.rows_after
        )  # fmt: skip
        numbers = [f"{count:,}" for count in counts]
        shown.add_row(report.asset, *numbers, report.first, report.last)
    return shown


def sentence(reports: Sequence[Rewritten]) -> str:
    """Return the sum over all assets in one sentence; empty if nothing was built."""
    new, changed, same = (
        sum(getattr(report, name) for report in reports) for name in ("new", "changed", "same")
    )
    if not reports:
        return ""
    return f"Facts and layers: {new:,} partitions new, {changed:,} changed, {same:,} as before."
