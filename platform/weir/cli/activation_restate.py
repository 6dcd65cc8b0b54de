"""`weir activation restate`: build a fact and its layers again from a day on."""

from __future__ import annotations

import typer

from weir.cli.activation_add import GrainName, read_fact
from weir.cli.activation_show import day
from weir.cli.main import FAILED, State, err, out, print_json
from weir.cli.rewritten import sentence, table
from weir.cli.run import carry_out, describe, held_sentences, show_runs
from weir.core import grains
from weir.core.errors import InvalidValue, NotReady
from weir.lineage.nodes import Kind, label_of
from weir.lineage.plan import Outcome
from weir.lineage.restate import WAVES, Restatement
from weir.lineage.rewritten import Rewritten
from weir.lineage.stale import Picture
from weir.orchestra.launcher import InProcessLauncher
from weir.orchestra.project import Project
from weir.orchestra.rewritten import rewritten, state_of


def register(app: typer.Typer) -> None:
    """Add the command to its group."""
    app.command("restate")(restate)


def restate(
    ctx: typer.Context,
    fact: str = typer.Argument(..., help="The fact's model, e.g. users_purchased_item."),
    since: str = typer.Option(
        ..., "--from", help="First day to build again, in the fact's zone, e.g. 2026-07-24."
    ),
    grain: list[GrainName] = typer.Option(
        [], help="Only the layers of this grain; may be repeated. All by default."
    ),
    plan: bool = typer.Option(
        False, "--plan", help="Show what the first wave would run; run nothing."
    ),
    as_json: bool = typer.Option(False, "--json", help="Print the result as JSON."),
) -> None:
    """Build a fact and its layers again from a day on, and say what came out different.

    `weir run` and the sensor restate by themselves what late events made stale; this builds
    everything that the day decides, stale or not, each range in one run. It is safe at any time:
    what nothing changed comes out as it was.

    Example: weir activation restate users_purchased_item --from 1998-03-01 --grain daily
    """
    state: State = ctx.obj
    first = day("--from", since)
    read_fact(state.settings, fact)
    project = Project(state.settings)
    units = {grains.of_layer(word.value).unit for word in grain}
    wanted = Restatement(fact, label_of(first), units)
    picture = project.picture()
    _check(picture, wanted)
    if plan:
        runs = next((found for wave in WAVES if (found := wanted.runs(picture, wave))), [])
        after = "Then the layers' checkpoints and periods from that day on."
        show_runs(runs, after, as_json=as_json)
        return
    outcomes, reports = _execute(project, wanted, quiet=as_json)
    held = [told for node, told in held_sentences(project.picture()) if wanted.holds(node)]
    if as_json:
        print_json(
            {
                "fact": fact, "from": since, "runs": [describe(o) for o in outcomes],
                "rewritten": [report.as_dict() for report in reports], "held_back": held,
            }
        )  # fmt: skip
    elif reports:
        out.print(table(reports))
        err.print(sentence(reports), highlight=False)
    for told in held:
        err.print(told, style="yellow", highlight=False, soft_wrap=True)
    if held:
        raise typer.Exit(FAILED)


def _check(picture: Picture, wanted: Restatement) -> None:
    """Refuse what cannot be: no layer of a grain, nothing due from that day on."""
    nodes = [node for node in picture.nodes.values() if wanted.holds(node)]
    have = {node.period.unit for node in nodes if node.kind is not Kind.FACT}
    missing = set(wanted.units) - have
    if missing:
        raise InvalidValue("--grain", f"{min(missing)}", sorted(have) or ["none has a layer yet"])
    fact = next(node for node in nodes if node.kind is Kind.FACT)
    due = picture.due(fact)
    if not due:
        raise NotReady(
            f"No day of `{wanted.fact}` is due: no event of it has landed in closed time.",
            "See `weir status`.",
        )
    if wanted.since > max(due):
        raise InvalidValue(
            "--from", f"{wanted.since:%Y-%m-%d}", [f"a day up to {max(due):%Y-%m-%d}"]
        )


def _execute(
    project: Project, wanted: Restatement, *, quiet: bool
) -> tuple[list[Outcome], list[Rewritten]]:
    before = state_of(project)
    launcher = InProcessLauncher(project)
    outcomes, took = carry_out(lambda on_start: launcher.restate(wanted, on_start), quiet=quiet)
    if not quiet:
        err.print(f"{len(outcomes)} runs in {took:.1f} s.")
    return outcomes, rewritten(project, before, outcomes)
