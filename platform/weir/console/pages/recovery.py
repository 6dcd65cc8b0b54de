"""Recovery: what is missing, stale or broken now, and why."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, Field

from weir.console.context import Console
from weir.console.http.who import Asked, Viewer
from weir.console.pages.answers import Because, because, utc
from weir.core.errors import NotFound
from weir.core.grains import text
from weir.lineage.causes import Explained, explain, faults
from weir.lineage.graph.of_picture import graph_of
from weir.lineage.nodes import Node
from weir.lineage.stale import Picture
from weir.lineage.triage import Cause as Root
from weir.lineage.triage import Diagnosis
from weir.orchestra.triage import NO_LEVEL, why_asset

router = APIRouter(prefix="/recovery", tags=["recovery"])
_MOST = 500  # ranges
_LONG = 200  # characters of a key in an address

Cause = Literal["never_built", "lost", "code", "input", "check", "broken", "asked"]
Key = Annotated[str, Path(max_length=_LONG)]


class Wrong(BaseModel):
    """Neighbouring partitions of one asset that are wrong for the same reason."""

    asset: str
    grain: str
    zone: str
    partitions: str = Field(description="The range, as people write it.")
    first: str = Field(description="Key of its first partition.")
    count: int
    cause: Cause
    text: str = Field(description="The first cause, in a sentence.")
    root: str = Field(description="The asset where it begins: itself, or one that it is made from.")
    root_partitions: str


class LastLook(BaseModel):
    """When somebody looked at what is stored, since the console started."""

    at: datetime
    by: str
    level: str
    scope: str = Field(description="Of what; '' for everything.")
    partitions: int
    findings: int


class Recovery(BaseModel):
    """What is wrong now, by the records of lake, ledger and checks."""

    at: datetime
    assets: int = Field(description="How many were looked at.")
    to_build: int = Field(description="Partitions with a fault of their own.")
    may_follow: int = Field(
        description="Partitions that change only if what they read comes out other."
    )
    wrong: list[Wrong]
    follows: list[Wrong] = Field(description="What may follow, and from where.")
    in_all: int = Field(description="Ranges in all; the lists are cut.")
    look: LastLook | None = Field(description="The last look at files: this page looks at none.")
    checkable: bool = Field(
        description="Whether files can be looked at here: not in an environment."
    )


class Reach(BaseModel):
    """What a cause reaches of one asset."""

    asset: str
    count: int
    partitions: str


class Told(BaseModel):
    """One cause of the closed list C01 to C20, where it begins, and what shows it."""

    code: str
    title: str
    confidence: Literal["proved", "likely"]
    asset: str
    partitions: str
    count: int
    text: str
    evidence: list[Because]
    reaches: list[Reach]
    remedy: str
    mends: Literal["plan", "first", "person", "time"]
    repair: str = Field(description="The command of the plan that mends it; '' if none does.")


class Why(BaseModel):
    """Why an asset, or one of its partitions, is not as it should be: causes in causal order."""

    asset: str
    partition: str
    causes: list[Told]
    notes: list[str]
    checked: list[Because]
    not_checked: list[Because]


@router.get("")
def recovery(console: Asked, _: Viewer) -> Recovery:
    """Return what is missing, stale or known to be broken, with the first cause of each range."""
    return console.projects.recent.get("recovery", lambda: _recovery(console))


def _recovery(console: Console) -> Recovery:
    picture = console.projects.picture()
    graph = graph_of(picture)
    found = explain(picture, graph, faults(picture, graph))
    own = [one for one in found if not one.conditional]
    following = [one for one in found if one.conditional]
    look = console.looks.last
    return Recovery(
        at=utc(console.now()),
        assets=len(picture.nodes),
        to_build=sum(one.count for one in own),
        may_follow=sum(one.count for one in following),
        wrong=_ranges(picture, own),
        follows=_ranges(picture, following),
        in_all=len(found),
        look=LastLook(
            at=utc(look.at), by=look.by, level=look.level, scope=look.scope,
            partitions=look.partitions, findings=look.findings,
        ) if look else None,
        checkable=not console.settings.env,
    )  # fmt: skip


@router.get("/why/{stage}/{table}")
def why(
    console: Asked, _: Viewer, stage: Key, table: Key,
    partition: Annotated[str, Query(max_length=40)] = "",
) -> Why:  # fmt: skip
    """Return why an asset is not as it should be, with evidence; files are not looked at."""
    project, asset = console.projects.apart(), f"{stage}/{table}"
    known = {node.asset: node for node in project.nodes}
    if asset not in known:
        raise NotFound("asset", asset, known)
    return _why(why_asset(project, asset, partition, level=NO_LEVEL))


def _ranges(picture: Picture, found: Sequence[Explained]) -> list[Wrong]:
    return [_wrong(picture.nodes[one.asset], one) for one in found[:_MOST]]


def _wrong(node: Node, one: Explained) -> Wrong:
    return Wrong(
        asset=one.asset,
        grain=node.grain.value,
        zone=node.zone,
        partitions=str(one.labels),
        first=text(one.labels.start, node.grain),
        count=one.count,
        cause=one.cause.value,
        text=one.text,
        root=one.root,
        root_partitions=one.root_labels,
    )


def _why(found: Diagnosis) -> Why:
    return Why(
        asset=found.asset,
        partition=found.partition,
        causes=[_cause(one) for one in found.causes],
        notes=list(found.notes),
        checked=because(found.checked),
        not_checked=because(found.not_checked),
    )


def _cause(one: Root) -> Told:
    return Told(
        code=one.code.value,
        title=one.meaning.title,
        confidence=one.confidence.value,
        asset=one.asset,
        partitions=one.partitions,
        count=len(one.labels),
        text=one.text,
        evidence=[Because(what=e.what, why=e.value) for e in one.evidence],
        reaches=[Reach(asset=r.asset, count=r.count, partitions=r.partitions) for r in one.reaches],
        remedy=one.meaning.remedy,
        mends=one.meaning.mends.value,
        repair=one.repair,
    )
