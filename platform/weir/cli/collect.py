"""`weir collect`: the collector alone, and its restart without a pause."""

from __future__ import annotations

import logging
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

import typer

from weir.audit import audited
from weir.cli.main import State, err, print_json
from weir.collect.lastgood import load_rules
from weir.collect.ownership import Owner, live_owner
from weir.collect.supervisor import START_SECONDS, STOP_SECONDS, supervise
from weir.collect.writers import epochs, read_writer
from weir.core.errors import ServiceUnavailable, UsageError

app = typer.Typer(
    add_completion=False,
    rich_markup_mode=None,
    invoke_without_command=True,
    help="Run the collector alone until Ctrl-C, or replace its workers without a pause.",
    epilog="Example: weir collect restart",
)


@app.callback()
def collect(ctx: typer.Context) -> None:
    """Run the collector alone until Ctrl-C; `weir up` runs it with everything else.

    Example: weir collect
    """
    state: State = ctx.obj
    if ctx.invoked_subcommand is None:
        logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
        with audited(state.settings, "collect.start"):
            supervise(state.settings)


@app.command()
def restart(
    ctx: typer.Context,
    as_json: bool = typer.Option(False, "--json", help="Print the result as JSON."),
) -> None:
    """Replace the collector's workers: new ones accept before the old ones end.

    Takes in a new version of Weir and new settings; event files are taken in without it.

    Example: weir collect restart
    """
    state: State = ctx.obj
    spool = state.settings.spool_dir
    owner = live_owner(spool)
    if owner is None or not owner.url:
        raise UsageError(f"No collector runs on {state.settings.home}.", "Start it: `weir up`.")
    load_rules(state.settings)  # new workers would find the same mistakes, after a minute
    began, old = time.monotonic(), set(epochs(spool))
    os.kill(owner.pid, signal.SIGHUP)
    err.print("New workers start …")
    _wait(lambda: _accepting(spool) - old, START_SECONDS, owner)
    err.print("They accept; the old ones answer what is under way and end …")
    _wait(lambda: not old & set(epochs(spool)), STOP_SECONDS + 10, owner)
    seconds = round(time.monotonic() - began, 1)
    if as_json:
        print_json({"url": owner.url, "epochs": sorted(_accepting(spool)), "seconds": seconds})
    else:
        err.print(f"{owner.url} is served by new workers, after {seconds} s without a pause.")


def _accepting(spool: Path) -> set[int]:
    """Return the epochs of workers that accept requests."""
    found = {epoch: read_writer(spool, epoch) for epoch in epochs(spool)}
    return {epoch for epoch, writer in found.items() if writer and writer.ready}


def _wait(done: Callable[[], object], seconds: float, owner: Owner) -> None:
    deadline = time.monotonic() + seconds
    while not done():
        if time.monotonic() > deadline:
            raise ServiceUnavailable(
                f"The workers of {owner.url} were not replaced within {seconds:g} s.",
                "Those from before go on; the collector's log says why new ones do not start.",
            )
        time.sleep(0.05)
