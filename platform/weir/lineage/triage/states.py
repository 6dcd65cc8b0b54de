"""Rules on the state of a partition: what is wrong with the data itself. Pure, one per cause."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from weir.core.grains import Grain
from weir.lineage.causes import Cause as Kinds
from weir.lineage.causes import Fault, spans
from weir.lineage.nodes import LAYER, Kind, Node
from weir.lineage.triage.case import Case, Days
from weir.lineage.triage.codes import OF_FAULT, Code
from weir.lineage.triage.diagnosis import Confidence, Evidence, Finding
from weir.lineage.triage.facts import Seen

STORED = ("stored_as_recorded", "data_is_stored")
"""The checks by which gate, patrol and plans tell of storage; the detail may begin with a fault."""
_HOURLY = (Kind.LANDING, Kind.ACCEPTED, Kind.EVENT_LOG)


def own(case: Case, node: Node, at: datetime) -> Iterator[Finding]:
    """Yield what is wrong with a partition whatever it reads: C02, C03, C05, C06, C07, C19."""
    seen = case.seen.get(node.asset, {}).get(at, ())
    for one in seen:
        yield from by_check_of_storage(one)
    fault = case.faults.get(node.asset, {}).get(at)
    if fault is not None and fault.cause is Kinds.LOST:
        yield Finding(Code.ABSENT, f"{node.asset} holds another number of rows than it was given")
    if at in case.picture.failed(node):
        found = check_failed(case, node, at)
        if not (seen and found.code is not Code.CHECK_FAILED):  # it saw the same, some time ago
            yield found
    if fault is not None and fault.cause in (Kinds.CODE, Kinds.INPUT):
        yield from code_changed(case, node, at)


def follows(case: Case, node: Node, at: datetime, fault: Fault) -> Iterator[Finding]:
    """Yield what is wrong with a partition all of whose inputs are right: C01, C03, C06, C08, C09, C20."""
    if fault.cause is Kinds.NEVER_BUILT:
        yield late_hour(case, node, at) or never_built(case, node, at)
    elif fault.cause is Kinds.INPUT:
        late = late_hour(case, node, at) or late_day(case, node, at)
        yield late or other_input(case, node, at, fault)


def by_check_of_storage(one: Seen) -> Iterator[Finding]:
    """C02, C03, C07, C19: what a partition check saw."""
    code = OF_FAULT.get(one.fault)
    if code is not None:
        text = f"{one.asset} is not stored as recorded: {one.fault.replace('_', ' ')}"
        yield Finding(code, text, (Evidence("partition check", one.evidence),))


def check_failed(case: Case, node: Node, at: datetime) -> Finding:
    """C05: a blocking check failed; C02, C07 or C19 if it is the one that looks at the storage."""
    key = case.key(node.asset, at)
    failed = case.picture.ledger.failed(node.asset, blocking_only=True)
    verdict = next(v for v in failed if key.startswith(v.key))
    told = f"{verdict.check} on {verdict.key}: {verdict.detail or 'failed'}"
    evidence = (Evidence("check", told), *_built(case, node, at))
    if verdict.check in STORED:
        code = OF_FAULT.get(verdict.detail.partition(":")[0].strip(), Code.ABSENT)
        return Finding(code, f"{node.asset} is not stored as it was recorded", evidence)
    return Finding(Code.CHECK_FAILED, f"{node.asset} fails its check {verdict.check}", evidence)


def code_changed(case: Case, node: Node, at: datetime) -> Iterator[Finding]:
    """C06: it was built by another version of its code."""
    if case.other_code(node, at):
        built = case.picture.built(node)[at]
        versions = Evidence("code", f"built with {_short(built.code)}, now {_short(node.code)}")
        text = f"the code of {node.asset} is another since it was built"
        told = case.picture.changed(node, built.code)
        change = (Evidence("change", told.removeprefix("its code changed: ")),) if told else ()
        yield Finding(Code.CODE_CHANGED, text, (*change, versions, *_built(case, node, at)))


def late_hour(case: Case, node: Node, at: datetime) -> Finding | None:
    """C08: an hour that holds events of days that facts have built already."""
    days = case.late.get((node.tier, at), {}) if node.kind in _HOURLY else {}
    if not days:
        return None
    text = f"{node.asset} holds events of days that were built before"
    landed = Evidence("landed", f"{_rows(case, node, at):,} events in {case.key(node.asset, at)}")
    return Finding(Code.LATE_DATA, text, (landed, *_late(case, days)))


def late_day(case: Case, node: Node, at: datetime) -> Finding | None:
    """C08: a day of a fact for which events have landed since it was built."""
    if node.kind is not Kind.FACT:
        return None
    text = f"events landed for days of {node.asset} after they were built"
    return Finding(Code.LATE_DATA, text, tuple(_late(case, {node.asset: {at}})))


def _late(case: Case, days: Days) -> Iterator[Evidence]:
    for fact, found in days.items():
        yield Evidence("late for", f"{fact} {spans(found, Grain.DAY)}")
        yield from _built(case, case.picture.nodes[fact], min(found))


def _rows(case: Case, node: Node, at: datetime) -> int:
    landed = case.picture.history.hours.get((node.tier, at))
    return landed.counted.rows if landed else 0


def never_built(case: Case, node: Node, at: datetime) -> Finding:
    """C03 of what landed, C09 of a link in a chain, C01 of anything else."""
    if node.kind is Kind.LANDING:
        rows = Evidence("landed", f"{_rows(case, node, at):,} events in {case.key(node.asset, at)}")
        return Finding(Code.UNKNOWN, f"{node.asset} landed and nothing took it in yet", (rows,))
    later = chain_after(case, node, at)
    if later:
        span = spans(later, node.grain)
        return Finding(
            Code.CHAIN_BROKEN,
            f"{node.asset} misses a link: what accumulates stops before it",
            (Evidence("built after it", span), Evidence("records", "ledger: never built")),
        )
    text = f"{node.asset} is due and was never built"
    return Finding(Code.MISSING, text, (Evidence("records", "ledger: never built"),))


def chain_after(case: Case, node: Node, at: datetime) -> list[datetime]:
    """Return the built partitions after a link of a chain: of a fact with layers, or of checkpoints."""
    if node.kind is Kind.FACT:
        if not any(n.fact == node.table for n in case.picture.of_kind(*LAYER)):
            return []
    elif node.kind is not Kind.CHECKPOINT:
        return []
    return sorted(other for other in case.picture.built(node) if other > at)


def other_input(case: Case, node: Node, at: datetime, fault: Fault) -> Finding:
    """C20 of a search index, else C06 or C08: what it reads was built again, and why."""
    first = fault.evidence.get("first")
    if not isinstance(first, tuple):
        if node.kind is Kind.SEARCH:
            return Finding(Code.DIVERTED, "the sampling of search is another since it was indexed")
        return Finding(Code.LATE_DATA, f"what {node.asset} is made from changed after it was built")
    asset, label = first
    key = case.key(asset, label)
    past = case.picture.ledger.history(asset, key)[-2:]
    recoded = len(past) == 2 and past[0].code != past[1].code
    parent = Evidence("changed", f"{asset} {key}, last by run {past[-1].run}" if past else asset)
    code = Code.CODE_CHANGED if recoded else Code.LATE_DATA
    why = "with other code" if recoded else "with other content"
    text = f"{asset} was built again {why} after {node.asset} read it"
    return Finding(code, text, (parent, *_built(case, node, at)), Confidence.LIKELY)


def _built(case: Case, node: Node, at: datetime) -> Iterator[Evidence]:
    built = case.picture.built(node).get(at)
    if built is not None and built.run:
        when = f"{built.at:%Y-%m-%d %H:%M} UTC" if built.at else "at an unknown time"
        yield Evidence("built", f"{when}, run {built.run}")


def _short(code: str) -> str:
    return code if len(code) <= 24 else f"{code[:11]}…{code[-11:]}"
