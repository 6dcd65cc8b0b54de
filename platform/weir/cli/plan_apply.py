"""`weir plan apply` and `weir plan cancel`."""

from __future__ import annotations

import typer

from weir.cli.main import State, err, out, print_json
from weir.cli.plan_show import counted, plan_with_journal, words
from weir.cli.rewritten import sentence
from weir.cli.run import carry_out as with_progress
from weir.core.told import many
from weir.lineage.plan import Outcome
from weir.lineage.recovery.journal import Journal
from weir.orchestra.planning import cancel as cancel_plan
from weir.orchestra.planning import carry_out, plans_of
from weir.orchestra.project import Project
from weir.orchestra.rewritten import rewritten, state_of


def apply(
    ctx: typer.Context,
    plan: str = typer.Argument(..., help="The plan's id."),
    digest: str = typer.Option("", help="The plan's digest: you have seen what it does."),
    as_json: bool = typer.Option(False, "--json", help="Print the result as JSON."),
) -> None:
    """Carry out a plan, or go on with one that was cut off; then compare it with what happened.

    What is done is not done again. A plan expires when what it was made from changes.

    Example: weir plan apply recover-20261121-101500-3fa9 --digest 8c1f0a2b4d6e
    """
    state: State = ctx.obj
    project = Project(state.settings)
    journal = plans_of(project).journal(plan)
    before = {} if as_json else state_of(project)
    outcomes, took = with_progress(
        lambda on_start: carry_out(project, plan, digest or None, on_start), quiet=as_json
    )
    if as_json:
        print_json(plan_with_journal(journal))
        return
    _compare(journal, outcomes, took)
    if told := sentence(rewritten(project, before, outcomes)):
        err.print(told, highlight=False)


def _compare(journal: Journal, outcomes: list[Outcome], took: float) -> None:
    """Print the plan against what happened."""
    real = journal.seconds
    plan = journal.plan
    spared = [step for step in plan.steps if step.number not in real]
    for step in plan.steps:
        happened = f"took {real[step.number]:.1f} s" if step.number in real else "was not needed"
        out.print(
            f"{step.number:>3} {step.wave} {step.labels}: planned {counted(step)},"
            f" {words(step.estimate)}; it {happened}",
            highlight=False, soft_wrap=True,
        )  # fmt: skip
    rest = ""
    if spared:
        was, what = ("was", "it") if len(spared) == 1 else ("were", "they")
        steps = many(len(spared), "step")
        rest = f" {steps} {was} not needed: what {what} read came out as it was."
    err.print(f"{many(len(outcomes), 'run')} in {took:.1f} s.{rest}", highlight=False)


def cancel(
    ctx: typer.Context,
    plan: str = typer.Argument(..., help="The plan's id."),
    as_json: bool = typer.Option(False, "--json", help="Print the result as JSON."),
) -> None:
    """Cancel a plan: the run that is going ends, the next ones do not start.

    Example: weir plan cancel recover-20261121-101500-3fa9
    """
    state: State = ctx.obj
    project = Project(state.settings)
    journal = cancel_plan(project, plan)
    if as_json:
        print_json(plan_with_journal(journal))
        return
    err.print(f"Plan {plan} is cancelled; what it built stays built.", highlight=False)
