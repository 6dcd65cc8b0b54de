"""How plans look in the terminal."""

from __future__ import annotations

from typing import Any

from rich.markup import escape
from rich.table import Table

from weir.cli.main import err, out, print_json
from weir.core.told import many
from weir.lineage.plan import MAX_PARTITIONS
from weir.lineage.recovery.journal import Journal, Plans, Standing
from weir.lineage.recovery.plans import Estimate, Plan, Step

_CAUSES = {
    "never_built": "never built",
    "lost": "lost rows",
    "code": "with other code",
    "input": "with other input",
    "check": "with a failed check",
    "broken": "broken in storage",
    "asked": "asked for",
}


def show(plan: Plan, journal: Journal | None = None) -> None:
    """Print a plan: why, its steps, what it will take, what it leaves alone, how far it got."""
    if plan.id:
        err.print(f"Plan {plan.id}, digest {plan.digest}", highlight=False)
    if plan.faults:
        told = ", ".join(f"{n:,} {_CAUSES[cause.value]}" for cause, n in plan.faults.items())
        err.print(f"Partitions: {told}.", highlight=False, soft_wrap=True)
    for sentence in plan.beyond:
        err.print(f"No run mends {sentence}", style="yellow", highlight=False, soft_wrap=True)
    took = journal.seconds if journal else {}
    done = journal.done if journal else set()
    for step in plan.steps:
        _step(step, took.get(step.number), done=step.number in done)
    if plan.steps:
        err.print(_total(plan), highlight=False, soft_wrap=True)
    if plan.untouched:
        count = sum(plan.untouched.values())
        places = many(len(plan.untouched), "asset")
        err.print(f"Not touched: {many(count, 'partition')} of {places}.", highlight=False)
    if journal:
        err.print(f"It is {journal.standing.value}.", highlight=False)


def _step(step: Step, took: float | None, *, done: bool) -> None:
    names = [asset.partition("/")[2] for asset in step.assets]
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""
    mark = "[green]done[/] " if done else ""
    real = f", took {took:.1f} s" if took is not None else ""
    out.print(
        f"{step.number:>3} {mark}[bold]{step.wave}[/] {step.labels}  {escape(', '.join(names[:3]))}"
        f"{more}",
        highlight=False, soft_wrap=True,
    )  # fmt: skip
    told = f"      {counted(step)}; {words(step.estimate)}{real}"
    out.print(told, highlight=False, style="dim", soft_wrap=True)
    for cause in step.causes:
        out.print(f"      {escape(cause)}", highlight=False, soft_wrap=True)


def counted(step: Step) -> str:
    """Return how many partitions a step builds, for certain and perhaps.

    >>> from datetime import datetime; from weir.core.grains import Grain, Range
    >>> counted(Step(1, "fact", (), Range.of(datetime(2026, 1, 1), Grain.DAY), 2, 1))
    '2 partitions, 1 more if what they read comes out different'
    """
    if not step.certain:
        return f"{many(step.conditional, 'partition')}, if what they read comes out different"
    rest = f", {step.conditional:,} more if what they read comes out different"
    return many(step.certain, "partition") + (rest if step.conditional else "")


def words(estimate: Estimate) -> str:
    """Return an estimate in words.

    >>> words(Estimate(1, 1200, None, 2.0, 3.5))
    'about 2 s (9 in 10 within 4 s), 1,200 rows'
    """
    if estimate.p50 is None or estimate.p90 is None:
        return "no earlier run to judge by"
    rows = f", {estimate.rows:,} rows" if estimate.rows is not None else ""
    half, most = _seconds(estimate.p50), _seconds(estimate.p90)
    return f"about {half}" + (f" (9 in 10 within {most})" if most != half else "") + rows


def _seconds(value: float) -> str:
    if value >= 120:
        return f"{value / 60:.0f} min"
    return f"{value:.1f} s" if value < 1 else f"{value:.0f} s"


def _total(plan: Plan) -> str:
    most = f"at most {plan.estimate.partitions:,} partitions"
    return f"{many(len(plan.steps), 'run')}, {most} (up to {MAX_PARTITIONS:,} a run); {words(plan.estimate)}."


def offer(plan: Plan) -> None:
    """Say how to carry the plan out, or that there is nothing to do."""
    if not plan.steps:
        err.print("There is nothing to build.")
        return
    err.print("Carry it out:")
    out.print(f"weir plan apply {plan.id} --digest {plan.digest}", highlight=False, soft_wrap=True)


def listed(plans: Plans, *, as_json: bool) -> None:
    """Print every plan and how it stands."""
    journals = plans.journals()
    if as_json:
        print_json([
            {"id": j.plan.id, "digest": j.plan.digest, "standing": j.standing.value,
             "made_at": j.plan.made_at, "steps": len(j.plan.steps), "done": len(j.done)}
            for j in journals
        ])  # fmt: skip
        return
    if not journals:
        err.print("There are no plans. `weir plan recover` makes one.")
        return
    table = Table(box=None, pad_edge=False)
    for name in ("plan", "digest", "stands", "steps"):
        table.add_column(name, no_wrap=True)
    for journal in journals:
        plan, standing = journal.plan, journal.standing
        style = {Standing.FAILED: "red", Standing.UNFINISHED: "yellow"}.get(standing, "")
        table.add_row(
            plan.id, plan.digest, standing.value, f"{len(journal.done)} of {len(plan.steps)}",
            style=style,
        )  # fmt: skip
    out.print(table)


def plan_with_journal(journal: Journal) -> dict[str, Any]:
    """Return a plan and how far it got as plain data."""
    took = journal.seconds
    return {
        **journal.plan.as_dict(),
        "standing": journal.standing.value,
        "done": sorted(journal.done),
        "actual_seconds": {str(number): seconds for number, seconds in took.items()},
        "journal": [
            {"at": line.at, "event": line.event.value, "step": line.step, **line.body}
            for line in journal.lines()
        ],
    }
