"""Activation: of any fact, who is new, stays, comes back and goes; each chart with its query and CSV."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Literal

import duckdb
from fastapi import APIRouter, Path, Query
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, Field

from weir.activation import words
from weir.activation.adhoc import is_built
from weir.activation.analysis import Analysis, analyse, last_complete
from weir.activation.charted import Chart, csv_lines, frame, sentence, statement
from weir.activation.compared import Earlier, earlier
from weir.activation.contract import Fact
from weir.activation.decomposition import decomposition
from weir.activation.project import check_dimension, fact_in, fact_nodes, grains_with_layer
from weir.activation.tables import TOTAL, Window, periods, window
from weir.console.context import Console
from weir.console.http.who import Asked, Viewer
from weir.console.layers import Layer, Layers
from weir.console.pages import activation_rows as rows
from weir.core.errors import NotReady, UsageError, WeirError
from weir.core.instants import FIRST, LAST
from weir.core.names import LAYER_GRAINS
from weir.orchestra.project import Project

router = APIRouter(prefix="/activation", tags=["activation"])
_layers = Layers()
_OF_ONE = {Chart.TRANSITIONS, Chart.STREAKS, Chart.ABSENCES}
"""Charts of the one period that is looked into."""
_CHOICES = 500  # values of a dimension that are offered
FactPath = Annotated[str, Path(max_length=200)]
GrainPath = Annotated[Literal["daily", "weekly", "monthly"], Path()]


class Grain(BaseModel):
    """A grain at which a fact can be looked at."""

    grain: str
    has_layer: bool = Field(description="Whether the project has the layer's models.")
    built: bool = Field(description="Whether it has rows; if not, it is computed when asked for.")


class FactEntry(BaseModel):
    """A fact."""

    name: str
    description: str
    key: str
    zone: str
    dimensions: list[str]
    grains: list[Grain]
    wrong: str = Field("", description="What is wrong with its contract; '' if nothing is.")


class Facts(BaseModel):
    """All facts."""

    facts: list[FactEntry]


class Shown(BaseModel):
    """What stands with a chart."""

    sentence: str
    sql: str | None = Field(description="The query that counts, with its values; runs as it is.")


class Before(BaseModel):
    """The same figures of an earlier time."""

    how: Earlier
    start: date
    until: date = Field(description="The first day left out.")
    periods: list[rows.Figures]
    differences: list[rows.Difference] = Field(description="Place by place.")


class Look(BaseModel):
    """A look at one layer."""

    fact: str
    grain: str
    word: str = Field(description="What a period is called: day, week or month.")
    zone: str
    computed_from: int | None = Field(
        description="Rows of the fact that it was computed from now; null if the layer is built."
    )
    start: date
    until: date = Field(description="The first day left out.")
    first: date = Field(description="The first period that there is.")
    last: date = Field(description="The last period that there is.")
    at: date = Field(description="The period of the matrix, the streaks and the absent.")
    at_is_complete: bool
    dimension: str | None
    value: str | None
    choices: list[str] = Field(description="Values of the dimension, the largest first.")
    scope: str
    periods: list[rows.Figures]
    before: Before | None
    before_missing: str = Field(description="Why there is nothing to compare with; '' else.")
    values: list[rows.ValueFigures] | None
    transitions: list[rows.Move]
    streaks: list[rows.Length]
    intervals: list[rows.Length]
    curve: list[rows.Survival]
    absences: list[rows.Length] | None = Field(description="Null if they are not known.")
    charts: dict[Chart, Shown]


Day = Annotated[date, Field(ge=FIRST.date(), lt=LAST.date())]


class Wanted(BaseModel):
    """What is looked at."""

    dim: str | None = Field(None, max_length=100, description="Split by this dimension too.")
    value: str | None = Field(None, max_length=1000, description="Only this value of it.")
    since: Day | None = Field(None, alias="from", description="A day of the first period.")
    until: Day | None = Field(None, alias="to", description="The first day left out.")
    at: Day | None = Field(None, description="A day of the period to look into.")
    compare: Earlier | None = Field(None, description="Earlier time to compare with.")


@dataclass(frozen=True)
class _Seen:
    layer: Layer
    contract: Fact
    analysis: Analysis


@router.get("")
def facts(console: Asked, _: Viewer) -> Facts:
    """Return the facts, and the grains at which each can be looked at."""
    return console.projects.recent.get("facts", lambda: _facts(console))


def _facts(console: Console) -> Facts:
    project = console.projects.current()
    names = sorted(fact_nodes(project.parsed.json))
    if not project.lake.exists:
        return Facts(facts=[_fact(project, name, None) for name in names])
    with project.lake.read() as connection:
        return Facts(facts=[_fact(project, name, connection) for name in names])


@router.get("/{fact}/{grain}")
def look(
    console: Asked, _: Viewer, fact: FactPath, grain: GrainPath, wanted: Annotated[Wanted, Query()]
) -> Look:
    """Return every figure of a fact at a grain; a layer that is not built is computed."""
    key = ("activation", fact, grain, wanted.model_dump_json())
    return console.projects.recent.get(key, lambda: _look(console, fact, grain, wanted))


def _look(console: Console, fact: str, grain: str, wanted: Wanted) -> Look:
    with _looked(console, fact, grain, wanted) as seen:
        found, connection = seen.analysis, seen.layer.connection
        known = periods(connection, found.tables)
        last = last_complete(connection, found.tables)
        now = rows.figures(found.periods)
        before, missing = _before(connection, found, now, wanted.compare)
        assert found.curve is not None
        return Look(
            fact=fact, grain=grain, word=found.tables.word, zone=seen.contract.zone,
            computed_from=seen.layer.rows,
            start=found.window.start, until=found.window.until, first=min(known), last=max(known),
            at=found.window.at, at_is_complete=found.window.is_complete,
            dimension=found.dim, value=found.value,
            choices=_choices(connection, found), scope=words.scope(found),
            periods=now, before=before, before_missing=missing,
            values=None if found.values is None else rows.value_figures(found.values),
            transitions=rows.moves(found.transitions), streaks=rows.lengths(found.streaks),
            intervals=rows.lengths(found.intervals), curve=rows.survivals(found.curve),
            absences=None if found.absences is None else rows.lengths(found.absences),
            charts={chart: _shown(found, chart, last) for chart in Chart},
        )  # fmt: skip


@router.get("/{fact}/{grain}/{chart}.csv", response_class=StreamingResponse)
def csv(
    console: Asked, _: Viewer, fact: FactPath, grain: GrainPath, chart: Chart,
    wanted: Annotated[Wanted, Query()],
) -> StreamingResponse:  # fmt: skip
    """Return the rows of one chart as CSV."""
    with _looked(console, fact, grain, wanted) as seen:
        found = frame(seen.analysis, chart)
        shown = seen.analysis.window
    if found is None:
        told = "No dimension was named." if chart is Chart.VALUES else "It is not known yet."
        raise NotReady(f"There are no rows of `{chart}`: {told}", "Choose another chart.")
    when = shown.at if chart in _OF_ONE else f"{shown.start}_{shown.until}"
    name = f"{fact}_{grain}_{chart}_{when}.csv"
    return StreamingResponse(
        csv_lines(found),
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


@contextmanager
def _looked(console: Console, fact: str, grain: str, wanted: Wanted) -> Iterator[_Seen]:
    project = console.projects.current()
    contract = fact_in(project.parsed.json, fact)
    if wanted.dim is not None:
        check_dimension(contract, wanted.dim)
    elif wanted.value is not None:
        raise UsageError("A value needs its dimension.", "Name it: `dim=`.")
    with _layers.open(project, contract, grain) as layer:
        chosen = window(
            layer.connection, layer.tables, since=wanted.since, until=wanted.until, at=wanted.at
        )
        found = analyse(layer.connection, layer.tables, chosen, wanted.dim, wanted.value)
        yield _Seen(layer, contract, found)


def _fact(project: Project, name: str, connection: duckdb.DuckDBPyConnection | None) -> FactEntry:
    manifest = project.parsed.json
    about = fact_nodes(manifest)[name].get("description", "")
    try:
        contract = fact_in(manifest, name)
    except WeirError as error:
        return FactEntry(
            name=name,
            description=about,
            key="",
            zone="",
            dimensions=[],
            grains=[],
            wrong=str(error),
        )
    has = grains_with_layer(manifest, name)
    return FactEntry(
        name=name, description=about, key=contract.key, zone=contract.zone,
        dimensions=list(contract.dimensions),
        grains=[
            Grain(
                grain=grain, has_layer=grain in has,
                built=connection is not None
                and grain in has
                and is_built(connection, name, grain),
            )
            for grain in LAYER_GRAINS
        ],
    )  # fmt: skip


def _before(
    connection: duckdb.DuckDBPyConnection, seen: Analysis, now: list[rows.Figures],
    how: Earlier | None,
) -> tuple[Before | None, str]:  # fmt: skip
    if how is None:
        return None, ""
    chosen: Window = earlier(seen.tables, seen.window, how)
    of = (seen.dim, seen.value) if seen.dim and seen.value is not None else (TOTAL, None)
    try:
        found = rows.figures(decomposition(connection, seen.tables, chosen, *of))
    except WeirError:
        found = []
    if all(one.active is None for one in found):
        last = seen.tables.shift(chosen.until, -1)
        return None, f"There are no rows from {chosen.start} to {last}."
    return Before(
        how=how, start=chosen.start, until=chosen.until, periods=found,
        differences=rows.differences(now, found),
    ), ""  # fmt: skip


def _choices(connection: duckdb.DuckDBPyConnection, seen: Analysis) -> list[str]:
    if seen.dim is None:
        return []
    found = connection.execute(
        f"SELECT dim_value FROM {seen.tables.name('summary')} WHERE dim_name = ?"
        " GROUP BY 1 ORDER BY sum(users) FILTER (state <> 'Inactive') DESC NULLS LAST, 1 LIMIT ?",
        [seen.dim, _CHOICES],
    ).fetchall()
    return [value for (value,) in found]


def _shown(seen: Analysis, chart: Chart, last: date | None) -> Shown:
    query = statement(seen, chart, last)
    told = "" if chart is Chart.VALUES and seen.dim is None else sentence(seen, chart)
    return Shown(sentence=told, sql=query.text if query else None)
