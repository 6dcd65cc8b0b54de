"""An activation layer as tables in the terminal, each with the sentence that explains it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pandas as pd
from rich.markup import escape
from rich.table import Table

from weir.activation import words
from weir.activation.analysis import NOT_SEEN, STATES, Analysis
from weir.activation.buckets import grouped
from weir.activation.decomposition import records
from weir.cli.main import out


def tables_of(seen: Analysis) -> None:
    """Print every figure of a look at a layer."""
    told, word = words.sentences(seen), seen.tables.word
    out.print(f"[bold]{escape(words.title(seen))}[/]: {words.scope(seen)}", highlight=False)
    rows = records(seen.periods)
    out.print(_figures(word, ((str(row["period_start"]), row) for row in rows)))
    _note(told.figures)
    if seen.values is not None:
        of = records(seen.values[seen.values["period_start"] == seen.window.at])
        _head(f"By {seen.dim}, {words.at(seen)}")
        out.print(_figures(str(seen.dim), ((str(row["dim_value"]), row) for row in of)))
        _note(f"The 12 largest values stand alone. Every {word}: --json or --html.")
    _head(f"From state to state, {words.at(seen)}")
    out.print(_matrix(seen))
    _note(told.transitions)
    _histograms(seen)


def _histograms(seen: Analysis) -> None:
    told, word = words.sentences(seen), seen.tables.word
    shown = (
        ("Streaks", told.streaks, seen.streaks),
        ("Intervals", told.intervals, seen.intervals),
        ("Away", told.absences, seen.absences),
    )
    for heading, sentence, frame in shown:
        _head(heading)
        if frame is not None and len(frame):
            out.print(_bars(grouped(frame, word), f"{word}s"))
        _note(sentence)


def _head(text: str) -> None:
    out.print(f"\n[bold]{escape(text)}[/]", highlight=False)


def _note(text: str) -> None:
    out.print(f"[dim]{escape(text)}[/]", highlight=False)


def _figures(first: str, rows: Iterable[tuple[str, dict[str, Any]]]) -> Table:
    table = Table(box=None, padding=(0, 1, 0, 0), pad_edge=False)
    table.add_column(escape(first), overflow="fold")
    for name in words.COLUMNS:
        table.add_column(name, justify="right")
    for label, row in rows:
        cells = (f"{figure} {share:>4}" if share else figure for figure, share in words.cells(row))
        mark = "" if row["is_complete"] else "*"
        table.add_row(escape(label) + mark, *cells, style="" if row["is_complete"] else "dim")
    return table


def _matrix(seen: Analysis) -> Table:
    table = Table(box=None, padding=(0, 1, 0, 0), pad_edge=False)
    table.add_column("before")
    for name in STATES:
        table.add_column(name, justify="right")
    for before in (NOT_SEEN, *STATES):
        of = seen.transitions[seen.transitions["previous_state"] == before]
        table.add_row(before, *(_cell(row) for row in records(of)))
    return table


def _cell(row: dict[str, Any]) -> str:
    share = words.percent(row["share"])
    return words.number(row["users"]) + (f" {share:>4}" if share and row["users"] else "     ")


def _bars(frame: pd.DataFrame, first: str) -> Table:
    """Return a histogram with a bar of at most 40 characters per row."""
    table = Table(box=None, padding=(0, 1, 0, 0), pad_edge=False)
    for name in (first, "users", "%"):
        table.add_column(name, justify="right")
    table.add_column("")
    most = max(int(frame["users"].max()), 1)
    for row in records(frame):
        bar = "█" * round(40 * int(row["users"]) / most)
        table.add_row(row["length"], f"{row['users']:,}", words.percent(row["share"]), bar)
    return table
