"""What a diagnosis says, as plain data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple

from weir.core import grains
from weir.core.grains import Grain
from weir.lineage.causes import spans
from weir.lineage.triage.codes import MEANINGS, Code, Meaning


class Confidence(StrEnum):
    """How sure a cause is."""

    PROVED = "proved"
    LIKELY = "likely"


class Evidence(NamedTuple):
    """One thing that shows a cause: what it is (`run`, `file`, `check`, `time`, …) and its value."""

    what: str
    value: str


@dataclass(frozen=True)
class Reach:
    """What a cause reaches of one asset: how many partitions, and which."""

    asset: str
    count: int
    partitions: str


@dataclass(frozen=True)
class Finding:
    """One cause of one partition, as a rule finds it.

    Attributes:
        code: the cause.
        text: one sentence; the same for all partitions that have the cause together.
        evidence: what shows it.
        confidence: how sure it is.
    """

    code: Code
    text: str
    evidence: tuple[Evidence, ...] = ()
    confidence: Confidence = Confidence.PROVED


@dataclass(frozen=True)
class Cause:
    """A cause with all partitions in which it begins.

    Attributes:
        code: the cause.
        asset: where it begins.
        labels: the partitions there, in order; empty where it is of no partition.
        grain: of the labels.
        text: one sentence.
        evidence: what shows it.
        confidence: how sure it is.
        reaches: what is built from it, the place itself included.
        repair: the command of the plan that mends it; '' if no plan does.
    """

    code: Code
    asset: str
    labels: tuple[datetime, ...]
    grain: Grain
    text: str
    evidence: tuple[Evidence, ...]
    confidence: Confidence
    reaches: tuple[Reach, ...] = ()
    repair: str = ""

    @property
    def meaning(self) -> Meaning:
        """What the cause says in general, and what to do."""
        return MEANINGS[self.code]

    @property
    def partitions(self) -> str:
        """The partitions as ranges."""
        return spans(self.labels, self.grain)

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain data."""
        first = grains.text(self.labels[0], self.grain) if self.labels else None
        return {
            "cause": self.code.value,
            "title": self.meaning.title,
            "confidence": self.confidence.value,
            "asset": self.asset,
            "first_bad_partition": first,
            "partitions": self.partitions,
            "count": len(self.labels),
            "text": self.text,
            "evidence": [one._asdict() for one in self.evidence],
            "affected": [asdict(one) for one in self.reaches],
            "remedy": self.meaning.remedy,
            "mends": self.meaning.mends.value,
            "repair": self.repair or None,
        }


@dataclass(frozen=True)
class Diagnosis:
    """Why an asset, or one of its partitions, is not as it should be.

    Attributes:
        asset: what was asked for.
        partition: its partition, '' for all.
        causes: in causal order, the first is where to begin.
        notes: what is so by design or mends itself.
        checked: what was looked at → how closely.
        not_checked: what was not looked at → why.
    """

    asset: str
    partition: str
    causes: Sequence[Cause]
    notes: Sequence[str] = ()
    checked: Mapping[str, str] = field(default_factory=dict)
    not_checked: Mapping[str, str] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain data."""
        return {
            "asset": self.asset,
            "partition": self.partition or None,
            "healthy": not self.causes,
            "causes": [cause.as_dict() for cause in self.causes],
            "notes": list(self.notes),
            "checked": dict(self.checked),
            "not_checked": dict(self.not_checked),
        }
