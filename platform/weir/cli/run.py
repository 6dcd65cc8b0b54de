"""`weir run`: bring everything that is due up to date."""

from __future__ import annotations

import signal
import socket
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any

import typer

from weir.audit import note
from weir.cli.main import FAILED, State, err, print_json
from weir.cli.rewritten import sentence as rewritten_sentence
from weir.core.grains import coalesce
from weir.lineage.nodes import Node
from weir.lineage.plan import Outcome, RangeRun, held_back, runs_of, waves_in
from weir.lineage.stale import Picture
from weir.orchestra.launcher import InProcessLauncher
from weir.orchestra.project import Project
from weir.orchestra.rewritten import rewritten, state_of

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command()
def run(
    ctx: typer.Context,
    plan: bool = typer.Option(
        False, "--plan", help="Show what the first wave would run; run nothing."
    ),
    check: bool = typer.Option(
        False, "--check", help="Count the rows of every partition; build again what lost some."
    ),
    as_json: bool = typer.Option(False, "--json", help="Print the result as JSON."),
) -> None:
    """Materialize what is missing or stale, in the data's order, each range in one run.

    Exit code 1 if something is due and held back, by a failed check for example.
    Example: weir run
    """
    state: State = ctx.obj
    project = Project(state.settings)
    if plan:
        _show_plan(project, as_json=as_json)
        return
    outcomes = execute(project, quiet=as_json, check=check)
    note(runs=len(outcomes), partitions=sum(len(o.run.labels) for o in outcomes))
    if as_json:
        print_json([describe(outcome) for outcome in outcomes])
    picture = project.picture()
    held = [*(told for _, told in held_sentences(picture)), *_unmodelled(picture)]
    for sentence in held:
        err.print(sentence, style="yellow", highlight=False, soft_wrap=True)
    if held:
        raise typer.Exit(FAILED)


def held_sentences(picture: Picture) -> Iterator[tuple[Node, str]]:
    """Yield what is due and may not be built, with its reason in one sentence."""
    for node, waiting in held_back(picture).items():
        spans = ", ".join(str(span) for span in coalesce(waiting, node.grain)[:3])
        needed = next(iter(waiting.values()))
        failed = picture.ledger.failed(needed.asset, blocking_only=True)
        why = f"check {failed[0].check} failed on {failed[0].key}" if failed else "it is not built"
        yield node, f"Held back: {node.asset} {spans} waits for {needed.asset}: {why}."


def _unmodelled(picture: Picture) -> Iterator[str]:
    """Yield what landed and has no model."""
    for event, rows in picture.unmodelled.items():
        yield f"No event log: {rows:,} rows of {event}. Run `weir events generate`, then `weir run`."


def execute(project: Project, *, quiet: bool = False, check: bool = False) -> list[Outcome]:
    """Run all waves; print a line per run to standard error unless quiet."""
    before = {} if quiet else state_of(project)
    launcher = InProcessLauncher(project)
    outcomes, took = carry_out(
        lambda on_start: launcher.bring_up_to_date(on_start, check=check), quiet=quiet
    )
    if not quiet:
        err.print(
            f"{len(outcomes)} runs in {took:.1f} s." if outcomes else "Everything is up to date."
        )
        if told := rewritten_sentence(rewritten(project, before, outcomes)):
            err.print(told, highlight=False)
    return outcomes


def carry_out(
    start: Callable[[Callable[[RangeRun], None]], Iterator[Outcome]], *, quiet: bool
) -> tuple[list[Outcome], float]:
    """Do runs one after the other; print each to standard error unless quiet.

    Args:
        start: starts the runs, given what to call before each.
        quiet: whether to print nothing.

    Returns:
        The outcomes, and the seconds that they took together.

    Raises:
        KeyboardInterrupt: on Ctrl-C; what was built stays built.
    """
    started, outcomes = time.perf_counter(), []
    with interrupts() as raise_if_interrupted:
        for outcome in start(lambda run: None if quiet else announce(run)):
            outcomes.append(outcome)
            if not quiet:
                err.print(f"  done in {outcome.seconds:.1f} s", style="dim")
            raise_if_interrupted()
    return outcomes, time.perf_counter() - started


@contextmanager
def interrupts() -> Iterator[Callable[[], None]]:
    """Yield a function that raises KeyboardInterrupt if Ctrl-C came and was swallowed.

    An exception that Dagster's handler raises inside a garbage-collection callback is lost; the
    wake-up descriptor gets a byte for every signal, whatever becomes of the exception.
    """
    ours, theirs = socket.socketpair()
    ours.setblocking(False)
    theirs.setblocking(False)
    before = signal.set_wakeup_fd(theirs.fileno(), warn_on_full_buffer=False)

    def raise_if_interrupted() -> None:
        with suppress(BlockingIOError):
            if signal.SIGINT in ours.recv(1024):
                raise KeyboardInterrupt

    try:
        yield raise_if_interrupted
    finally:
        signal.set_wakeup_fd(before)
        ours.close()
        theirs.close()


def describe(outcome: Outcome) -> dict[str, Any]:
    """Return an outcome as plain data."""
    run = outcome.run
    return {
        "wave": run.wave,
        "assets": list(run.assets),
        "partitions": str(run.labels),
        "missing": run.missing,
        "stale": run.stale,
        "run_id": outcome.run_id,
        "seconds": round(outcome.seconds, 3),
    }


def announce(run: RangeRun) -> None:
    """Print to standard error what a run builds."""
    what = ", ".join(run.assets[:3]) + (
        f" and {len(run.assets) - 3} more" if len(run.assets) > 3 else ""
    )
    count = len(run.labels)
    plural = "s" if count > 1 else ""
    err.print(f"{run.wave}: {what}  {run.labels} ({count} partition{plural})", soft_wrap=True)


def _show_plan(project: Project, *, as_json: bool) -> None:
    picture = project.picture()
    waves = waves_in(project.settings.env)
    runs = next((found for wave in waves if (found := runs_of(picture, wave))), [])
    after = "Later waves depend on what these produce." if runs else "Everything is up to date."
    show_runs(runs, after, as_json=as_json)


def show_runs(runs: Sequence[RangeRun], after: str, *, as_json: bool) -> None:
    """Print what runs would build, and a sentence after them; or JSON."""
    if as_json:
        print_json([
            {"wave": r.wave, "assets": r.assets, "partitions": str(r.labels)} for r in runs
        ])  # fmt: skip
        return
    for run in runs:
        announce(run)
    err.print(after)


__all__ = ["app", "carry_out", "describe", "execute", "held_sentences", "show_runs"]
