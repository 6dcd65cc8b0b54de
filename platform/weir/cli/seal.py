"""`weir seal`: land what waits in the spool, once or until a signal."""

from __future__ import annotations

import logging
import signal
from types import FrameType
from typing import Any

import typer

from weir.audit import note
from weir.cli.main import State, err, out, print_json
from weir.collect.sealer import SealReport, run, seal_now
from weir.core.grains import text

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command()
def seal(
    ctx: typer.Context,
    now: bool = typer.Option(False, "--now", help="Seal once and end."),
    as_json: bool = typer.Option(False, "--json", help="Print the result as JSON."),
) -> None:
    """Land what waits in the spool: every 30 s until Ctrl-C, or once with --now.

    Example: weir seal --now
    """
    state: State = ctx.obj
    if now:
        report = seal_now(state.settings)
        note(rows=report.rows, relanded=report.relanded, closed_until=report.closed_until)
        if as_json:
            print_json(describe(report))
        else:
            out.print(_sentence(state, report), highlight=False, soft_wrap=True)
        return
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    _loop(state, as_json=as_json)


def describe(report: SealReport) -> dict[str, Any]:
    """Return a report as plain data."""
    return {
        "rows": report.rows,
        "lanes": dict(report.lanes),
        "sealed": [
            {"lane": g.lane, "hour": g.landing_hour, "generation": g.generation, "rows": g.rows}
            for g in report.sealed
        ],
        "closed": [{"lane": g.lane, "hour": g.landing_hour} for g in report.closed],
        "closed_until": report.closed_until,
        "relanded": report.relanded,
        "removed_segments": report.removed,
        "errors": {lane: str(error) for lane, error in report.errors.items()},
        "seconds": round(report.seconds, 3),
    }


def _loop(state: State, *, as_json: bool) -> None:
    ended: list[int] = []

    def end(number: int, frame: FrameType | None) -> None:
        del frame
        ended.append(number)

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, end)

    def tell(report: SealReport) -> None:
        if as_json:
            print_json(describe(report))
        elif report.sealed or report.closed or report.relanded:
            err.print(_sentence(state, report), highlight=False, soft_wrap=True)

    run(state.settings, lambda: bool(ended), each=tell)


def _sentence(state: State, report: SealReport) -> str:
    lanes = ", ".join(f"{lane} {rows}" for lane, rows in report.lanes.items() if rows)
    words = [f"Landed {report.rows} events ({lanes})." if lanes else "Nothing waited in the spool."]
    if report.relanded:
        words.append(f"Landed {report.relanded} rows again whose files had not survived.")
    if report.waited_out:
        words.append("The collector did not complete its segments in time: seal again.")
    if report.closed_until is not None:
        words.append(f"Closed until {text(report.closed_until, state.settings.grain)}.")
    return " ".join(words)


__all__ = ["app", "describe"]
