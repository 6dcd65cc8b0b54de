"""Checks assets: looks, judges, and says what it did not look at."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime

from weir.engines.storage import Storage
from weir.lineage.checking.beliefs import disagreements
from weir.lineage.checking.faults import Fault, Finding, Level
from weir.lineage.checking.indexed import Index, judge_index
from weir.lineage.checking.judging import judge
from weir.lineage.checking.looking import look
from weir.lineage.checking.report import AssetReport, Report
from weir.lineage.checking.subject import Recorded, Subject
from weir.lineage.nodes import Kind

Committed = Callable[[str], Mapping[datetime, Recorded]]
"""Given an asset, returns what the lake's own commits say of its partitions: dear, so asked late."""
NOT_ASKED = "not asked for"
_UNKNOWN = (Fault.PRESENT_BUT_UNKNOWN, Fault.DAGSTER_ONLY)


def check(
    subjects: Iterable[Subject],
    storage: Storage,
    level: Level,
    *,
    committed: Committed | None = None,
    index: Index | None = None,
) -> Report:
    """Compare the four witnesses of every partition.

    Args:
        subjects: the assets, with what the ledger, Dagster and the planner say of them.
        storage: the engine that holds their tables.
        level: how closely to look.
        committed: what the lake's commits record; asked only where something is there that the
            ledger does not know.
        index: the search index; None: it is not looked at.
    """
    return Report(level, [_one(one, storage, level, committed, index) for one in subjects])


def _one(
    subject: Subject,
    storage: Storage,
    level: Level,
    committed: Committed | None,
    index: Index | None,
) -> AssetReport:
    report = _look(subject, storage, level, index)
    if committed is None or not any(f.fault in _UNKNOWN for f in report.findings):
        return report
    known = {
        at: part for at, part in committed(subject.asset).items() if at not in subject.recorded
    }
    return _look(replace(subject, committed=known), storage, level, index) if known else report


def _look(subject: Subject, storage: Storage, level: Level, index: Index | None) -> AssetReport:
    unchecked = {one: NOT_ASKED for one in Level if not level.reaches(one)}
    if subject.believed is None:
        unchecked[Level.METADATA] = "Dagster was not asked"
    if subject.node.kind is Kind.SEARCH:
        found, missed = judge_index(subject, index, level)
    else:
        seen = look(subject, storage, level)
        found, missed = judge(subject, seen), seen.unchecked
    findings = [*found, *disagreements(subject)]
    return AssetReport(
        subject.asset,
        subject.node.grain,
        checked=[label for label in sorted(subject.live) if subject.inside(label)],
        expired=[label for label in sorted(subject.expired) if subject.inside(label)],
        unbuilt=[label for label in sorted(subject.unbuilt) if subject.inside(label)],
        findings=sorted(_independent(findings), key=lambda one: (one.key, one.fault.value)),
        unchecked={one: why for one in Level if (why := _why(one, unchecked, missed))},
    )


def _why(level: Level, general: Mapping[Level, str], missed: Mapping[Level, str]) -> str:
    return general.get(level) or missed.get(level, "")


def _independent(findings: list[Finding]) -> list[Finding]:
    """Leave out what only follows from another finding of the same partition.

    Rows that nothing accounts for, in a partition that Dagster believes in, are one fault.
    """
    unknown = {
        (one.asset, label.date())
        for one in findings
        if one.fault is Fault.PRESENT_BUT_UNKNOWN
        for label in one.labels
    }
    return [
        one
        for one in findings
        if one.fault is not Fault.DAGSTER_ONLY
        or (one.asset, datetime.fromisoformat(one.key[:10]).date()) not in unknown
    ]
