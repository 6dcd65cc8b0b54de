"""A plan as plain data: what to build, in which order, why, and what it will take. Pure."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from weir.core.grains import Grain, Range
from weir.lineage.causes import Cause


class PlanKind(StrEnum):
    """What a plan is for."""

    RECOVER = "recover"
    BACKFILL = "backfill"
    RESTATE = "restate"


@dataclass(frozen=True)
class Wanted:
    """What was asked for; the same question to the same state gives the same plan.

    Attributes:
        kind: what for.
        assets: the assets that it is about; empty for all.
        since, until: half-open bounds of the labels of these assets, if any.
        downstream: also build what reads what is built.
        rebuild: also build what is as it should be.
        units: calendar units (`day`, `week`, `month`) of the layers to build; all if empty.
        level: how deep partitions were checked, '' for not at all.
    """

    kind: PlanKind
    assets: tuple[str, ...] = ()
    since: datetime | None = None
    until: datetime | None = None
    downstream: bool = True
    rebuild: bool = False
    units: tuple[str, ...] = ()
    level: str = ""

    def holds(self, label: datetime) -> bool:
        """Tell whether a label is within the bounds."""
        return (self.since is None or label >= self.since) and (
            self.until is None or label < self.until
        )


@dataclass(frozen=True)
class Estimate:
    """What earlier runs say that a step will take; None where none is known.

    Attributes:
        partitions: how many will be built at most.
        rows, bytes: of the tables' new content.
        p50, p90: seconds that half, and nine in ten, of such runs stay within.
    """

    partitions: int = 0
    rows: int | None = None
    bytes: int | None = None
    p50: float | None = None
    p90: float | None = None

    @classmethod
    def total(cls, parts: Iterable[Estimate]) -> Estimate:
        """Return the sum; what is unknown in a part is unknown in the sum."""
        found = list(parts)

        def summed(values: list[Any]) -> Any:
            return None if not values or None in values else sum(values)

        return cls(
            sum(part.partitions for part in found),
            summed([part.rows for part in found]),
            summed([part.bytes for part in found]),
            summed([part.p50 for part in found]),
            summed([part.p90 for part in found]),
        )


@dataclass(frozen=True)
class Step:
    """One range run of a plan.

    Attributes:
        number: its place, from 1.
        wave: the wave it belongs to.
        assets: what it builds, in the data's order.
        labels: the range.
        certain: partitions with a fault of their own, over all assets.
        conditional: partitions that are built only if what they read comes out different.
        forced: asset → partitions that are built however they look.
        causes: why, one sentence each, most partitions first.
        estimate: what it will take.
    """

    number: int
    wave: str
    assets: tuple[str, ...]
    labels: Range
    certain: int
    conditional: int
    forced: Mapping[str, tuple[datetime, ...]] = field(default_factory=dict)
    causes: tuple[str, ...] = ()
    estimate: Estimate = Estimate()

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain data."""
        return {
            "number": self.number,
            "wave": self.wave,
            "assets": list(self.assets),
            "partitions": str(self.labels),
            "labels": [
                self.labels.start.isoformat(),
                self.labels.end.isoformat(),
                self.labels.grain.value,
            ],
            "certain": self.certain,
            "conditional": self.conditional,
            "forced": {a: [at.isoformat() for at in found] for a, found in self.forced.items()},
            "causes": list(self.causes),
            "estimate": asdict(self.estimate),
        }

    @classmethod
    def of(cls, body: Mapping[str, Any]) -> Step:
        """Return the step that `as_dict` made plain."""
        start, end, grain = body["labels"]
        labels = Range(datetime.fromisoformat(start), datetime.fromisoformat(end), Grain(grain))
        forced = {
            asset: tuple(datetime.fromisoformat(at) for at in found)
            for asset, found in body["forced"].items()
        }
        return cls(
            body["number"], body["wave"], tuple(body["assets"]), labels, body["certain"],
            body["conditional"], forced, tuple(body["causes"]), Estimate(**body["estimate"]),
        )  # fmt: skip


@dataclass(frozen=True)
class Plan:
    """An ordered set of range runs, made from one state of the lake.

    Attributes:
        id: its name.
        wanted: what was asked for.
        made_at: naive UTC.
        steps: the runs, in order.
        untouched: asset → built partitions that the plan leaves alone.
        beyond: faults that no run mends, one sentence each.
        faults: faults by cause, counted in partitions.
    """

    id: str
    wanted: Wanted
    made_at: datetime
    steps: tuple[Step, ...]
    untouched: Mapping[str, int] = field(default_factory=dict)
    beyond: tuple[str, ...] = ()
    faults: Mapping[Cause, int] = field(default_factory=dict)
    state: str = ""

    @property
    def digest(self) -> str:
        """Twelve hex digits over what it does and the state that it was made from."""
        steps = [{**step.as_dict(), "estimate": None} for step in self.steps]
        body = [self.state, _plain(self.wanted), steps]
        text = json.dumps(body, sort_keys=True, default=str)
        return hashlib.blake2b(text.encode(), digest_size=6).hexdigest()

    @property
    def estimate(self) -> Estimate:
        """What all steps together will take; 0 partitions if there is none."""
        return Estimate.total(step.estimate for step in self.steps)

    def named(self, name: str) -> Plan:
        """Return the plan under another name."""
        return replace(self, id=name)

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain data."""
        return {
            "id": self.id,
            "digest": self.digest,
            "kind": self.wanted.kind.value,
            "wanted": _plain(self.wanted),
            "made_at": self.made_at.isoformat(),
            "state": self.state,
            "faults": {cause.value: count for cause, count in self.faults.items()},
            "steps": [step.as_dict() for step in self.steps],
            "estimate": asdict(self.estimate),
            "beyond": list(self.beyond),
            "untouched": dict(self.untouched),
        }

    @classmethod
    def of(cls, body: Mapping[str, Any]) -> Plan:
        """Return the plan that `as_dict` made plain and JSON carried."""
        return cls(
            body["id"], _wanted(body["wanted"]), datetime.fromisoformat(body["made_at"]),
            tuple(Step.of(step) for step in body["steps"]), body["untouched"],
            tuple(body["beyond"]), {Cause(c): n for c, n in body["faults"].items()}, body["state"],
        )  # fmt: skip


def _plain(wanted: Wanted) -> dict[str, Any]:
    return {
        **asdict(wanted),
        "kind": wanted.kind.value,
        "assets": list(wanted.assets),
        "units": list(wanted.units),
        "since": wanted.since.isoformat() if wanted.since else None,
        "until": wanted.until.isoformat() if wanted.until else None,
    }


def _wanted(body: Mapping[str, Any]) -> Wanted:
    def at(name: str) -> datetime | None:
        return datetime.fromisoformat(body[name]) if body[name] else None

    more = {"since": at("since"), "until": at("until"), "units": tuple(body["units"])}
    return Wanted(**{
        **body, "kind": PlanKind(body["kind"]), "assets": tuple(body["assets"]), **more
    })  # fmt: skip
