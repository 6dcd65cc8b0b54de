"""`weir partitions`: check partitions against everything that knows of them; mend the records."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import groupby
from textwrap import wrap

import typer
from rich.text import Text

from weir.cli.main import FAILED, State, err, out, print_json
from weir.cli.partitions_grid import grid, legend
from weir.lineage.checking import AssetReport, Finding, Level, Repair, Report
from weir.lineage.checking.check import NOT_ASKED
from weir.lineage.checking.ranges import chosen, span_of
from weir.lineage.checking.reconcile import Change
from weir.lineage.nodes import Node
from weir.orchestra.checking import Spans, check_partitions, require_production
from weir.orchestra.gating import check_and_remember
from weir.orchestra.instance import open_instance
from weir.orchestra.project import Project
from weir.orchestra.reconciling import apply as make
from weir.orchestra.reconciling import changes_of

app = typer.Typer(add_completion=False, rich_markup_mode=None, no_args_is_help=True)
_SHOWN = 8  # findings of one fault and asset
_WIDTH = 74
_LONG_NAME = re.compile(r"ducklake-[0-9a-f-]{24}")  # its last twelve digits tell files apart, too
_RANGE = "Partitions to look at, both ends included: 2026-01-01..2026-01-31, or one key."


@app.callback()
def partitions() -> None:
    """Check partitions against lake, files, ledger and Dagster; mend the records.

    Example: weir partitions check
    """


@app.command()
def check(
    ctx: typer.Context,
    assets: list[str] = typer.Argument(
        None, metavar="[ASSET]...", help="Assets, tables or stages; all if none is named."
    ),
    span: str = typer.Option("", "--range", help=_RANGE),
    level: str = typer.Option(
        "listing", help=f"How closely to look: {', '.join(Level)}; each includes those before it."
    ),
    as_json: bool = typer.Option(False, "--json", help="Print the result as JSON."),
) -> None:
    """Compare what Dagster, the ledger, the lake's catalogue and its files say of each partition.

    What reads a partition that is broken waits until it is built again or found sound.
    Exit code 1 if something is wrong that the next `weir run` does not mend.
    Example: weir partitions check fact --range 2026-01-01..2026-01-31 --level rows
    """
    state: State = ctx.obj
    project = Project(state.settings)
    depth = Level.of(level)
    nodes, spans = _wanted(project, assets or [], span)
    report = check_and_remember(project, nodes, depth, spans)
    if as_json:
        print_json(report.as_dict())
    else:
        _show(report, every=len(nodes) > 1)
    if any(f.meaning.repair is not Repair.RUN for f in report.findings):
        raise typer.Exit(FAILED)


@app.command()
def reconcile(
    ctx: typer.Context,
    assets: list[str] = typer.Argument(
        None, metavar="[ASSET]...", help="Assets, tables or stages; all if none is named."
    ),
    span: str = typer.Option("", "--range", help=_RANGE),
    apply: bool = typer.Option(
        False, "--apply/--dry-run", help="Make the changes; without it they are only shown."
    ),
    as_json: bool = typer.Option(False, "--json", help="Print the result as JSON."),
) -> None:
    """Make the records agree with the lake: ledger entries, Dagster's materializations. Never data.

    What only a rebuild mends is named, and left to `weir plan recover`.
    Example: weir partitions reconcile fact --apply
    """
    state: State = ctx.obj
    project = Project(state.settings)
    nodes, spans = _wanted(project, assets or [], span)
    with open_instance(state.settings) as instance:
        report = check_partitions(project, nodes, Level.LISTING, spans=spans, instance=instance)
        changes = changes_of(report)
        if not as_json:
            _show_changes(changes, done=apply)
        if apply:
            make(project, instance, changes)
    broken = report.needing(Repair.REBUILD)
    if as_json:
        told = [change.as_dict() for change in changes]
        rest = [finding.as_dict() for finding in broken]
        print_json({"applied": apply, "changes": told, "not_by_this": rest})
        return
    for line in _listed(broken):
        out.print(line)
    if broken:
        err.print("These need their data built again: `weir plan recover`.", style="yellow")


def _wanted(project: Project, assets: Iterable[str], span: str) -> tuple[list[Node], Spans]:
    require_production(project)
    nodes = chosen(project.nodes, list(assets))
    return nodes, {node.asset: span_of(span, node.grain) for node in nodes} if span else {}


def _show(report: Report, *, every: bool) -> None:
    """Print a grid per asset that has partitions; of many assets, only of those with findings."""
    for one in report.assets:
        if not every or one.findings:
            _show_asset(one)
    sound = [one for one in report.assets if every and not one.findings]
    if sound:
        count = sum(len(one.checked) for one in sound)
        names = f"{len(sound)} assets" if len(sound) > 1 else sound[0].asset
        out.print(f"[green]{names}[/]: {count:,} partitions, nothing wrong.", highlight=False)
    if report.moved:
        err.print("The lake changed while this looked; run it again to be sure.", style="yellow")
    for line in _unlooked(report):
        out.print(line)


def _show_asset(one: AssetReport) -> None:
    out.print(Text(one.asset, style="bold"))
    for line in grid(one):
        out.print(line)
    told = Text("  ")
    for mark, style, what in legend(one):
        told.append(f"{mark} ", style)
        told.append(f"{what}   ")
    told.rstrip()
    out.print(told if told.plain.strip() else Text("  nothing is built yet", style="dim"))
    for line in _listed(one.findings):
        out.print(line)
    out.print()


def _listed(findings: Iterable[Finding]) -> Iterator[Text]:
    """Yield the findings, by asset and fault: what it means, where, what to do."""
    order = sorted(findings, key=lambda f: (f.asset, f.fault.value, f.key))
    for _, same in groupby(order, key=lambda f: (f.asset, f.fault)):
        several = list(same)
        meaning = several[0].meaning
        yield Text.assemble("\n  ", (several[0].fault.value, "bold"), f": {meaning.text}")
        places = list(_places(several))
        for place in places[:_SHOWN]:
            yield from (Text(f"    {line}", style="dim") for line in place)
        if len(places) > _SHOWN:
            yield Text(f"    and {len(places) - _SHOWN:,} more", style="dim")
        yield Text(f"    {meaning.remedy}")


def _places(findings: Iterable[Finding]) -> Iterator[list[str]]:
    """Yield the lines of each place of a fault: neighbours with the same evidence are one."""
    for evidence, same in groupby(findings, key=lambda f: _LONG_NAME.sub("ducklake-…", f.evidence)):
        keys = [finding.key for finding in same if finding.key]
        where = f"{keys[0]}..{keys[-1]} ({len(keys):,})" if len(keys) > 1 else "".join(keys)
        line = f"{where}  {evidence}".strip()
        yield (
            [line]
            if len(line) <= _WIDTH
            else [where, *wrap(evidence, _WIDTH, break_long_words=False)]
        )


def _unlooked(report: Report) -> Iterator[Text]:
    """Yield what was not looked at: one line per reason."""
    levels: dict[tuple[str, str], list[str]] = {}
    for asset, why in report.coverage.items():
        for level, reason in why.items():
            levels.setdefault((asset, reason), []).append(level)
    assets: dict[tuple[str, str], list[str]] = {}
    for (asset, reason), found in levels.items():
        assets.setdefault((reason, ", ".join(found)), []).append(asset)
    for (reason, which), several in assets.items():
        where = several[0] if len(several) == 1 else f"{len(several)} assets"
        told = which if reason == NOT_ASKED else f"{which} of {where}: {reason}"
        yield Text(f"Not checked: {told}.", style="dim")


def _show_changes(changes: list[Change], *, done: bool) -> None:
    for (kind, asset), same in groupby(changes, key=lambda c: (c.kind, c.asset)):
        several = list(same)
        keys = ", ".join(change.key for change in several[:3])
        more = f" and {len(several) - 3:,} more" if len(several) > 3 else ""
        out.print(Text.assemble((asset, "bold"), f" {keys}{more}\n  {kind.text}"))
    if not changes:
        out.print("The records agree with the lake: nothing to do.")
    elif not done:
        out.print(
            f"\n{len(changes):,} changes. Nothing was done: --apply makes them.", highlight=False
        )
