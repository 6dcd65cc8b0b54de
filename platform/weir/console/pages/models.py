"""Every asset of the graph, and one asset's page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from statistics import median
from typing import Literal

from fastapi import APIRouter
from pydantic import BaseModel, Field

from weir.console.context import Console
from weir.console.http.who import Asked, Viewer
from weir.console.pages.figures import figures
from weir.core.errors import NotFound
from weir.core.grains import text
from weir.lineage.columns.model_code import ModelCode
from weir.lineage.edges import edges
from weir.lineage.nodes import Node
from weir.lineage.recovery.estimate import ninth_tenth
from weir.lineage.review.side import owners_in
from weir.lineage.stale import Picture
from weir.orchestra.freshness import look
from weir.orchestra.project import Project

router = APIRouter(prefix="/models", tags=["models"])
_PARTITIONS = 400  # newest ones of a page
_RUNS = 20
_COUNTED = 200  # newest runs that tell what a partition costs

State = Literal["current", "stale", "missing", "failed", "empty"]


class Model(BaseModel):
    """One asset."""

    asset: str
    stage: str
    grain: str
    kind: str
    owner: str
    description: str
    tier: str
    rows: int
    newest: str
    missing: int
    stale: int
    failed: int
    seconds: float | None = Field(description="Of its newest run; null if it was never built.")
    columns: int


class Models(BaseModel):
    """All assets, in the data's order."""

    models: list[Model]


class Column(BaseModel):
    """One column, and the columns that its values come from."""

    name: str
    type: str
    description: str
    sources: list[str] = Field(description="`stage/table.column`.")


class Check(BaseModel):
    """What a check said last; of a partition that failed, if one did."""

    name: str
    passed: bool
    partition: str
    detail: str


class Partition(BaseModel):
    """One partition, as ledger and lake know it."""

    key: str
    state: State
    rows: int
    at: datetime | None


class Run(BaseModel):
    """What one run did to the asset."""

    run: str
    at: datetime | None
    partitions: int
    rows: int
    bytes: int
    seconds: float


class Fresh(BaseModel):
    """Whether the newest partition that should be there is there, whole and current."""

    state: Literal["fresh", "not_expected", "expired", "absent", "lost", "stale"]
    expected: str = Field(description="Key of the partition that should be there by now.")
    newest: str = Field(description="Key of the newest one that was built.")
    built_at: datetime | None = Field(description="When that was.")
    text: str


class Cost(BaseModel):
    """What one partition takes, by the newest runs: what half, and nine in ten, stay within."""

    runs: int
    seconds_p50: float
    seconds_p90: float
    rows_p50: int
    bytes_p50: int
    bytes_p90: int


class Page(Model):
    """An asset's page."""

    zone: str
    freshness: Fresh | None = Field(description="Null for what no partition is expected of.")
    cost: Cost | None = Field(description="Null if it was never built.")
    columns_of: list[Column]
    checks: list[Check]
    reads: list[str]
    read_by: list[str]
    sql: str | None
    partitions: list[Partition] = Field(description="The newest ones, oldest first.")
    partitions_in_all: int
    runs: list[Run] = Field(description="The newest ones first.")


@router.get("")
def models(console: Asked, _: Viewer) -> Models:
    """Return all assets."""
    return console.projects.recent.get("models", lambda: _models(console))


def _models(console: Console) -> Models:
    project, picture = console.projects.current(), console.projects.picture()
    owners = owners_in(project.parsed.json, picture.nodes.values())
    return Models(
        models=[
            Model(**_summary(project, picture, node, owners, console.now()))
            for node in picture.nodes.values()
        ]
    )


@router.get("/{stage}/{table}")
def model(console: Asked, _: Viewer, stage: str, table: str) -> Page:
    """Return all that is known of an asset."""
    asset = f"{stage}/{table}"
    return console.projects.recent.get(("model", asset), lambda: _page(console, asset))


def _page(console: Console, asset: str) -> Page:
    project, picture = console.projects.current(), console.projects.picture()
    node = picture.nodes.get(asset)
    if node is None:
        raise NotFound("asset", asset, picture.nodes)
    owners = owners_in(project.parsed.json, picture.nodes.values())
    reading = edges(project.parsed.json)
    parts = list(_partitions(picture, node))
    code = project.columns.codes().get(asset)
    return Page(
        **_summary(project, picture, node, owners, console.now()),
        zone=node.zone,
        freshness=_fresh(console.projects.apart(), picture, node),
        cost=_cost(picture, asset),
        columns_of=list(_columns(project, node, code)),
        checks=list(_checks(picture, asset)),
        reads=sorted(parent for parent, children in reading.items() if asset in children),
        read_by=list(reading.get(asset, ())),
        sql=code.sql if code else None,
        partitions=parts[-_PARTITIONS:],
        partitions_in_all=len(parts),
        runs=_runs(picture, asset),
    )


def _summary(
    project: Project, picture: Picture, node: Node, owners: Mapping[str, str], now: datetime
) -> dict[str, object]:
    one = figures(picture, node, now)
    timings = picture.ledger.timings(node.asset)
    about = project.parsed.json["nodes"].get(node.unique_id, {})
    return {
        "asset": node.asset,
        "stage": node.stage,
        "grain": node.grain.value,
        "kind": node.kind.value,
        "owner": owners.get(node.asset, ""),
        "description": about.get("description", ""),
        "tier": node.tier,
        "rows": one.rows,
        "newest": one.newest,
        "missing": one.missing,
        "stale": one.stale,
        "failed": one.failed,
        "seconds": timings[-1].seconds if timings else None,
        "columns": len(about.get("columns", {})),
    }


def _fresh(project: Project, picture: Picture, node: Node) -> Fresh | None:
    found = next(iter(look(project, {node.asset}, picture)), None)
    if found is None:
        return None
    built = picture.built(node)
    newest = built[max(built)].at if built else None
    return Fresh(
        state=found.state.value, expected=found.expected, newest=found.newest,
        built_at=newest.replace(tzinfo=UTC) if newest else None, text=found.text,
    )  # fmt: skip


def _cost(picture: Picture, asset: str) -> Cost | None:
    ran = [one for one in picture.ledger.timings(asset) if one.partitions][-_COUNTED:]
    if not ran:
        return None
    seconds = [one.seconds / one.partitions for one in ran]
    sizes = [one.bytes / one.partitions for one in ran]
    return Cost(
        runs=len(ran), seconds_p50=round(median(seconds), 6),
        seconds_p90=round(ninth_tenth(seconds), 6),
        rows_p50=round(median(one.rows / one.partitions for one in ran)),
        bytes_p50=round(median(sizes)), bytes_p90=round(ninth_tenth(sizes)),
    )  # fmt: skip


def _columns(project: Project, node: Node, code: ModelCode | None) -> Iterator[Column]:
    followed = project.columns.assembled.followed.get(node.asset)
    told = project.parsed.json["nodes"].get(node.unique_id, {}).get("columns", {})
    for name, kind in code.columns.items() if code else ():
        refs = followed.lineage.columns.get(name, ()) if followed else ()
        yield Column(
            name=name,
            type=kind or "",
            description=told.get(name, {}).get("description", ""),
            sources=sorted(ref.text for ref in refs),
        )


def _checks(picture: Picture, asset: str) -> Iterator[Check]:
    found: dict[str, Check] = {}
    for said in picture.ledger.verdicts(asset):
        if said.check not in found or not said.passed:
            found[said.check] = Check(
                name=said.check, passed=said.passed, partition=said.key, detail=said.detail
            )
    yield from sorted(found.values(), key=lambda check: (check.passed, check.name))


def _partitions(picture: Picture, node: Node) -> Iterator[Partition]:
    look, built = picture.look(node), picture.built(node)
    failed = {said.key for said in picture.ledger.failed(node.asset)}
    missing, stale = set(look.missing), set(look.stale)
    for label in sorted({*built, *look.due}):
        key, part = text(label, node.grain), built.get(label)
        state: State = "current" if part and part.rows else "empty"
        state = "stale" if label in stale else state
        state = "missing" if label in missing or part is None else state
        state = "failed" if key in failed else state
        yield Partition(
            key=key, state=state, rows=part.rows if part else 0,
            at=part.at.replace(tzinfo=UTC) if part and part.at else None,
        )  # fmt: skip


def _runs(picture: Picture, asset: str) -> list[Run]:
    return [
        Run(
            run=one.run, at=one.at.replace(tzinfo=UTC) if one.at else None, partitions=one.partitions,
            rows=one.rows, bytes=one.bytes, seconds=one.seconds,
        )
        for one in picture.ledger.timings(asset)[: -_RUNS - 1 : -1]
    ]  # fmt: skip
