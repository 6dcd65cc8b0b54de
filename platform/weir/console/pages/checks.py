"""What is stored, looked at: the twin of `weir partitions check`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import islice

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field

from weir.audit import audited
from weir.console.access import Role
from weir.console.http.errors import Refused
from weir.console.http.who import Asked, Viewer, acting, require
from weir.console.looks import MOST, READS_ALL, Look
from weir.console.pages.answers import Because, Given, because, utc
from weir.core.grains import text
from weir.engines.storage import EVERYTHING
from weir.lineage.checking import AssetReport, Level, Report
from weir.lineage.checking.check import NOT_ASKED
from weir.lineage.checking.ranges import chosen, span_of
from weir.lineage.nodes import Node
from weir.lineage.stale import Picture
from weir.orchestra.checking import Spans, require_production
from weir.orchestra.gating import check_and_remember

router = APIRouter(prefix="/partitions", tags=["partitions"])
_FINDINGS = 1_000
_PARTITIONS = 400  # of one asset, the newest: those that its page shows


class Wanted(Given):
    """What to look at, and how closely."""

    assets: list[str] = Field(
        [], max_length=200, description="Assets, tables or stages; all if none."
    )
    range: str = Field("", max_length=40, description="`first..last` or one key; '' for all.")
    level: Level = Field(Level.LISTING, description="Each level includes those before it.")


class Found(BaseModel):
    """One disagreement."""

    asset: str
    partition: str = Field(description="'' where it is the asset's and of no partition.")
    partitions: list[str] = Field(description="Keys of the partitions that it speaks of.")
    fault: str
    meaning: str
    remedy: str
    evidence: str
    level: Level
    repair: str = Field(description="What mends it: `rebuild`, `run`, `reconcile` or `maintain`.")


class Mark(BaseModel):
    """What was seen of one partition."""

    key: str
    seen: str = Field(description="`sound`, `expired`, `not_built`, or the worst fault.")
    repair: str = Field(description="What mends the fault; '' if there is none.")


class AssetLook(BaseModel):
    """What was seen of one asset."""

    asset: str
    checked: int
    expired: int
    not_built: int
    findings: int


class Looked(BaseModel):
    """What a look found, and what it did not look at."""

    at: datetime
    by: str
    level: Level
    seconds: float
    moved: bool = Field(description="The lake changed all the while: ask again to be sure.")
    assets: list[AssetLook]
    findings: list[Found]
    findings_in_all: int
    marks: list[Mark] = Field(
        description="Of the newest partitions, where one asset was asked for."
    )
    not_checked: list[Because]


@router.post("/check")
def check(request: Request, console: Asked, person: Viewer, wanted: Wanted) -> Looked:
    """Compare what Dagster, the ledger, the catalogue and the files say of each partition.

    Data is not changed; what is broken holds back what reads it until it is built again or found sound.
    """
    if wanted.level in READS_ALL:
        require(person, Role.OPERATOR)
    project = console.projects.apart()
    require_production(project)
    nodes = chosen(project.nodes, wanted.assets)
    spans = {n.asset: span_of(wanted.range, n.grain) for n in nodes} if wanted.range else {}
    _require_few(console.projects.picture(), nodes, spans, wanted.level)
    asked = audited(
        console.settings, "console.look", by=acting(request, person), assets=wanted.assets,
        range=wanted.range, level=wanted.level.value,
    )  # fmt: skip
    with console.looks.one(), asked as entry:
        began = console.now()
        report = check_and_remember(project, nodes, wanted.level, spans)
        entry.tell(findings=len(report.findings))
    console.projects.look_again()
    now = console.now()
    count = sum(len(one.checked) for one in report.assets)
    scope = " ".join([*wanted.assets, wanted.range]).strip()
    console.looks.last = Look(now, person.name, wanted.level, scope, count, len(report.findings))
    return _told(report, console.looks.last, (now - began).total_seconds())


def _require_few(picture: Picture, nodes: Sequence[Node], spans: Spans, level: Level) -> None:
    """Refuse a look that would take too long for a page.

    Raises:
        Refused: with 422.
    """
    count = 0
    for node in nodes:
        low, high = spans.get(node.asset, EVERYTHING)
        count += sum(1 for label in picture.built(node) if low <= label <= high)
    if count > MOST[level]:
        raise Refused(
            422, "too_much",
            f"That is {count:,} partitions; a page looks at {MOST[level]:,} at level {level}.",
            f"Name an asset or a range, or use `weir partitions check --level {level}`.",
        )  # fmt: skip


def _told(report: Report, look: Look, seconds: float) -> Looked:
    return Looked(
        at=utc(look.at),
        by=look.by,
        level=report.level,
        seconds=round(seconds, 3),
        moved=report.moved,
        assets=[_asset(one) for one in report.assets],
        findings=list(islice(_findings(report), _FINDINGS)),
        findings_in_all=len(report.findings),
        marks=list(_marks(report.assets[0])) if len(report.assets) == 1 else [],
        not_checked=because(unlooked(report)),
    )


def unlooked(report: Report) -> dict[str, str]:
    """Return what was not looked at, and why: assets with the same reason are one."""
    found: dict[tuple[str, str], list[str]] = {}
    for one in report.assets:
        for level, why in one.unchecked.items():
            found.setdefault((level.value, why), []).append(one.asset)
    return {
        level if why == NOT_ASKED else f"{level} of {_several(assets)}": why
        for (level, why), assets in found.items()
    }


def _several(assets: Sequence[str]) -> str:
    return assets[0] if len(assets) == 1 else f"{len(assets)} assets"


def _asset(one: AssetReport) -> AssetLook:
    return AssetLook(
        asset=one.asset, checked=len(one.checked), expired=len(one.expired),
        not_built=len(one.unbuilt), findings=len(one.findings),
    )  # fmt: skip


def _findings(report: Report) -> Iterator[Found]:
    for asset in report.assets:
        for one in asset.findings:
            told = one.as_dict()
            keys = [asset.key(label) for label in one.labels]
            yield Found(**{**told, "partition": told.pop("key"), "partitions": keys})


def _marks(report: AssetReport) -> Iterator[Mark]:
    faults = report.by_label
    seen = dict.fromkeys(report.unbuilt, "not_built") | dict.fromkeys(report.checked, "sound")
    seen |= dict.fromkeys(report.expired, "expired")
    seen |= {label: finding.fault.value for label, finding in faults.items()}
    for label in sorted(seen)[-_PARTITIONS:]:
        finding = faults.get(label)
        yield Mark(
            key=text(label, report.grain), seen=seen[label],
            repair=finding.meaning.repair.value if finding else "",
        )  # fmt: skip
