"""`weir ledger`: how partitions were built, from what, and what checks said."""

from __future__ import annotations

from dataclasses import asdict
from statistics import median
from typing import Any

import typer
from rich.markup import escape
from rich.table import Table

from weir.cli.main import FAILED, State, err, out, print_json
from weir.core.errors import NotFound, UsageError
from weir.lineage.ledger import Detail, Ledger, Past, Timing
from weir.lineage.ledger.rebuild import Difference
from weir.lineage.recovery.estimate import ninth_tenth
from weir.orchestra.project import Project
from weir.orchestra.rebuilding import keep_files, rebuild_ledger

app = typer.Typer(
    add_completion=False,
    rich_markup_mode=None,
    no_args_is_help=True,
    help="How each partition was built: from what, when, how long it took, what checks said.",
    epilog="Example: weir ledger show fact/users_purchased_item --key 2026-01-05",
)
_NEWEST = 20  # builds of a history that are shown


@app.command()
def show(
    ctx: typer.Context,
    asset: str | None = typer.Argument(None, help="`stage/name`; without it all, one line each."),
    key: str | None = typer.Option(None, help="One partition, with what it was built from."),
    history: bool = typer.Option(False, "--history", help="Every build instead of the last one."),
    as_json: bool = typer.Option(False, "--json", help="Print the result as JSON."),
) -> None:
    """Show what the ledger knows of all assets, of one, or of one partition.

    Seconds p50 and p90 are of whole runs. Bytes are those that a run's commit wrote, shared out by
    rows; of files that were merged since, an estimate.

    Example: weir ledger show fact/users_purchased_item --key 2026-01-05
    """
    if asset is None and (key or history):
        raise UsageError(
            "--key and --history speak of one asset.", "Name it: `weir ledger show ASSET`."
        )
    state: State = ctx.obj
    project = Project(state.settings)
    ledger = project.ledger
    ledger.sync(project.history)
    if asset is None:
        _overview(ledger, as_json=as_json)
        return
    if asset not in ledger.assets():
        raise NotFound("asset", asset, ledger.assets())
    if history:
        _history(ledger.history(asset, key), as_json=as_json)
    elif key:
        keep_files(project)
        _detail(asset, key, _found(ledger, asset, key), as_json=as_json)
    else:
        _asset(ledger, asset, as_json=as_json)


@app.command()
def rebuild(
    ctx: typer.Context,
    dry_run: bool = typer.Option(False, "--dry-run", help="Only tell what would differ."),
    as_json: bool = typer.Option(False, "--json", help="Print the result as JSON."),
) -> None:
    """Make the ledger anew from the lake: its commits and its verdicts.

    The new one is made beside the old and takes its place at once; Ctrl-C leaves the old one. Exit
    code 1 if a dry run finds a difference.

    Example: weir ledger rebuild --dry-run
    """
    state: State = ctx.obj
    project = Project(state.settings)
    differences = rebuild_ledger(project, dry_run=dry_run)
    if as_json:
        print_json({"dry_run": dry_run, "tables": [asdict(d) for d in differences]})
    else:
        _tell(differences, dry_run=dry_run)
    if dry_run and any(d.any for d in differences):
        raise typer.Exit(FAILED)


def _found(ledger: Ledger, asset: str, key: str) -> Detail:
    detail = ledger.detail(asset, key)
    if detail is None:
        raise NotFound("partition", key, list(ledger.built(asset)))
    return detail


def _table(*columns: str, wide: int = 1) -> Table:
    """Return a table whose first `wide` columns are text and whose others are figures."""
    table = Table(box=None, padding=(0, 1, 0, 0), pad_edge=False)
    for place, name in enumerate(columns):
        text = place < wide
        table.add_column(
            name, justify="left" if text else "right", overflow="fold", no_wrap=not text
        )
    return table


def _overview(ledger: Ledger, *, as_json: bool) -> None:
    rows = [_figures(ledger, asset) for asset in ledger.assets()]
    if as_json:
        print_json(rows)
        return
    table = _table("asset", "parts", "rows", "runs", "p50 s", "p90 s")
    for row in rows:
        figures = (f"{row[n]:,}" for n in ("partitions", "rows", "runs"))
        seconds = (f"{row[n]:.2f}" for n in ("seconds_p50", "seconds_p90"))
        table.add_row(escape(row["asset"]), *figures, *seconds)
    out.print(table) if rows else err.print("Nothing was built yet: `weir run`.")


def _figures(ledger: Ledger, asset: str) -> dict[str, Any]:
    built, timings = ledger.built(asset), ledger.timings(asset)
    seconds = [timing.seconds for timing in timings] or [0.0]
    return {
        "asset": asset,
        "partitions": len(built),
        "rows": sum(part.rows for part in built.values()),
        "runs": len(timings),
        "seconds_p50": median(seconds),
        "seconds_p90": ninth_tenth(seconds),
    }


def _asset(ledger: Ledger, asset: str, *, as_json: bool) -> None:
    built, timings = ledger.built(asset), ledger.timings(asset)
    if as_json:
        parts = {key: {**asdict(part), "version": part.version} for key, part in built.items()}
        print_json(
            {
                **_figures(ledger, asset),
                "built": parts,
                "timings": [asdict(t) for t in timings],
                "files": [asdict(f) for f in ledger.files(asset)],
                "failed": [asdict(v) for v in ledger.failed(asset)],
            }
        )
        return
    table = _table("run", "built", "parts", "rows", "kB", "s", wide=2)
    for timing in timings[-_NEWEST:]:
        _add(table, timing)
    out.print(table)
    failed = ledger.failed(asset)
    err.print(
        f"{len(built):,} partitions, {len(timings):,} builds, {len(failed):,} failed verdicts."
        " --key KEY shows one partition, --history every build.",
        highlight=False,
        soft_wrap=True,
    )


def _add(table: Table, timing: Timing) -> None:
    table.add_row(
        timing.run[:8] or "by hand",
        f"{timing.at:%Y-%m-%d %H:%M:%S}" if timing.at else "",
        f"{timing.partitions:,}",
        f"{timing.rows:,}",
        f"{timing.bytes / 1000:,.0f}",
        f"{timing.seconds:.2f}",
    )


def _history(past: list[Past], *, as_json: bool) -> None:
    if as_json:
        print_json([asdict(one) for one in past])
        return
    table = _table("partition", "run", "built", "content", "commit", "rows", wide=4)
    for one in past[-_NEWEST:]:
        when = f"{one.at:%Y-%m-%d %H:%M:%S}" if one.at else ""
        content = one.hash.rpartition(":")[2][:12]
        figures = (str(one.snapshot), f"{one.rows:,}")
        table.add_row(one.key, one.run[:8] or "by hand", when, content, *figures)
    out.print(table)
    if len(past) > _NEWEST:
        err.print(f"The newest {_NEWEST} of {len(past):,} builds; --json prints all.")


def _detail(asset: str, key: str, detail: Detail, *, as_json: bool) -> None:
    built = detail.built
    if as_json:
        print_json({"asset": asset, "key": key, **asdict(detail), "version": built.version})
        return
    out.print(f"[bold]{escape(asset)}[/] {escape(key)}", highlight=False)
    told = {
        "rows": f"{built.rows:,}",
        "content": built.hash,
        "built": f"{built.at:%Y-%m-%d %H:%M:%S} UTC" if built.at else "",
        "run": f"{built.run or 'by hand'} (commit {built.snapshot})",
        "code": built.code,
        "engine": detail.engine,
        "took": f"{detail.seconds:.3f} s, {detail.bytes / 1000:,.1f} kB",
    }
    table = Table(box=None, padding=(0, 1, 0, 1), pad_edge=False, show_header=False)
    for name, value in told.items():
        table.add_row(name, escape(value))
    for upstream, versions in sorted(detail.reads.items()):
        table.add_row("read", escape(_reads(upstream, versions)))
    for file in detail.files:
        table.add_row("file", escape(f"{file.path} ({file.rows:,} rows, {file.bytes:,} B)"))
    for verdict in detail.verdicts:
        word = "passed" if verdict.passed else f"FAILED: {verdict.detail}"
        table.add_row("check", escape(f"{verdict.check} {word}"))
    out.print(table, highlight=False)


def _reads(upstream: str, versions: dict[str, str]) -> str:
    """Say which partitions of an upstream asset were read.

    >>> _reads("fact/f", {"2026-01-01": "a", "2026-01-02": "b"})
    'fact/f 2026-01-01..2026-01-02 (2)'
    """
    keys = sorted(versions)
    span = keys[0] if len(keys) == 1 else f"{keys[0]}..{keys[-1]} ({len(keys):,})"
    return f"{upstream} {span}"


def _tell(differences: list[Difference], *, dry_run: bool) -> None:
    for difference in differences:
        if difference.any:
            out.print(
                f"{difference.table}: {difference.lost:,} only in the old one,"
                f" {difference.found:,} only in the new one, {difference.changed:,} changed;"
                f" first {'; '.join(difference.examples)}",
                highlight=False,
                soft_wrap=True,
                markup=False,
            )
    if not any(d.any for d in differences):
        err.print("The ledger is what the lake says: nothing differs.")
    if not dry_run:
        err.print("The ledger was made anew from the lake.")
