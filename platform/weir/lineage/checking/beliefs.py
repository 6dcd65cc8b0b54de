"""Compares the records with each other: ledger, the lake's commits, Dagster, the planner. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime

from weir.core import grains
from weir.core.grains import Grain
from weir.lineage.checking.faults import Fault, Finding, Level
from weir.lineage.checking.subject import Subject
from weir.lineage.nodes import Kind


def disagreements(subject: Subject) -> Iterator[Finding]:
    """Yield what the records of one asset say against each other."""
    yield from _unrecorded(subject)
    yield from _stale(subject)
    if subject.believed is not None:
        yield from _unaware(subject)
        if subject.node.kind is not Kind.LANDING:  # an hour in which nothing landed is no fault
            yield from _dagster_only(subject)


def _unrecorded(subject: Subject) -> Iterator[Finding]:
    for label, part in sorted(subject.committed.items()):
        if subject.inside(label) and label not in subject.recorded:
            yield _finding(subject, label, Fault.UNRECORDED, f"{part.rows:,} rows committed")


def _stale(subject: Subject) -> Iterator[Finding]:
    for label in sorted(subject.stale):
        if subject.inside(label) and label not in subject.expired:
            yield _finding(subject, label, Fault.OLDER_THAN_INPUTS, "built from something else")


def _finding(subject: Subject, label: datetime, fault: Fault, evidence: str) -> Finding:
    return Finding(subject.asset, subject.key(label), fault, evidence, Level.METADATA, (label,))


def _unaware(subject: Subject) -> Iterator[Finding]:
    """A day of an event log without events is in the ledger only: Dagster need not know it."""
    needs_rows = subject.node.kind is Kind.EVENT_LOG
    rows: dict[str, int] = defaultdict(int)
    labels: dict[str, list[datetime]] = defaultdict(list)
    for label, part in sorted(subject.live.items()):
        if subject.inside(label) and (part.rows or not needs_rows):
            key = subject.told(label)
            rows[key] += part.rows
            labels[key].append(label)
    for key in sorted(set(labels) - set(subject.believed or ())):
        told = f"{rows[key]:,} rows built, no materialization"
        fault, level = Fault.DAGSTER_UNAWARE, Level.METADATA
        yield Finding(subject.asset, key, fault, told, level, tuple(labels[key]))


def _dagster_only(subject: Subject) -> Iterator[Finding]:
    known = {subject.told(label) for label in (*subject.recorded, *subject.committed)}
    for key in sorted(set(subject.believed or ()) - known):
        if _inside(subject, key):
            told = "a materialization, no record"
            yield Finding(subject.asset, key, Fault.DAGSTER_ONLY, told, Level.METADATA)


def _inside(subject: Subject, key: str) -> bool:
    """Tell whether Dagster's partition shares a label with the subject's span."""
    grain = Grain.DAY if subject.node.kind is Kind.EVENT_LOG else subject.node.grain
    first = grains.parse(key, grain)
    after = grains.shift(first, grain, 1)
    return first <= subject.span[1] and subject.span[0] < after
