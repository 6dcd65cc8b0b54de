"""Replays quarantined events that are valid by today's registry: each lands once, and is marked.

A replay may be cut off anywhere and run again, and several may run at once: what has landed is
marked in the same transaction, and what is marked does not land again.
"""

from __future__ import annotations

import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from weir.collect.quarantine.rejudging import Outcome, Rejudging, rejudge
from weir.core.clock import utc_now
from weir.core.settings import Settings
from weir.engines.embedded.lake import Lake
from weir.engines.embedded.quarantine import EmbeddedQuarantine, Quarantined, Wanted
from weir.engines.embedded.replaying import EmbeddedReplay, Replayer
from weir.engines.ports import Generation

CHUNK = 20_000
"""Rows that are read, judged and landed at once."""
EXAMPLES = 20


@dataclass(frozen=True)
class StillInvalid:
    """An example of a row that stays, and why."""

    receipt: str
    event: str | None
    rule: str
    pointer: str
    expected: str
    found: str
    remedy: str


@dataclass
class ReplayReport:
    """What a replay did, or would do.

    Attributes:
        run: its name, in the marks of what it replayed.
        dry_run: True if nothing was written.
        looked_at: rows that were judged again.
        valid: how many are valid now.
        replayed: how many landed.
        already: how many another replay had landed meanwhile.
        tiers: valid rows by tier.
        verdicts: rows by their new verdict.
        reasons: rows that stay, by the first rule that they break.
        examples: some of those, of different rules, events and places.
        generations: where the rows landed.
        seconds: how long it took.
    """

    run: str
    dry_run: bool = False
    looked_at: int = 0
    valid: int = 0
    replayed: int = 0
    already: int = 0
    tiers: Counter[str] = field(default_factory=Counter)
    verdicts: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    examples: list[StillInvalid] = field(default_factory=list)
    generations: list[Generation] = field(default_factory=list)
    seconds: float = 0.0

    def as_dict(self) -> dict[str, Any]:
        """Return the report as plain data."""
        plain = {name: dict(v) if isinstance(v, Counter) else v for name, v in vars(self).items()}
        return {
            **plain,
            "examples": [asdict(example) for example in self.examples],
            "generations": [asdict(generation) for generation in self.generations],
            "seconds": round(self.seconds, 3),
        }


def replay(  # noqa: PLR0913 - all but four have a usual value
    settings: Settings,
    wanted: Wanted,
    rejudging: Rejudging,
    *,
    by: str,
    dry_run: bool = False,
    limit: int | None = None,
    clock: Callable[[], datetime] = utc_now,
    chunk: int = CHUNK,
    on_progress: Callable[[ReplayReport], None] = lambda _report: None,
) -> ReplayReport:
    """Judge quarantined rows again and land those that are valid now, in the open landing hour.

    Args:
        settings: the project's settings.
        wanted: which rows; those that were replayed before are always left out.
        rejudging: by which rules.
        by: who asks, for the marks.
        dry_run: only say what would be done.
        limit: look at this many rows at most.
        clock: naive UTC time.
        chunk: rows of one transaction.
        on_progress: told after each transaction how far it is.

    Raises:
        LakeError: if there is no lake.
    """
    began = time.perf_counter()
    lake = Lake(settings)
    report = ReplayReport(f"replay-{uuid.uuid4().hex[:12]}", dry_run)
    for rows in _chunks(EmbeddedQuarantine(lake), wanted, limit, chunk):
        outcomes = [rejudge(row, rejudging) for row in rows]
        _note(report, outcomes)
        if not dry_run:
            _land(EmbeddedReplay(lake), outcomes, Replayer(by, report.run, clock()), report)
        report.seconds = time.perf_counter() - began
        on_progress(report)
    report.seconds = time.perf_counter() - began
    return report


def _chunks(
    store: EmbeddedQuarantine, wanted: Wanted, limit: int | None, chunk: int
) -> Iterator[list[Quarantined]]:
    """Yield the rows that were not replayed, in order; what lands meanwhile may be among them."""
    waiting = Wanted(**{**vars(wanted), "replayed": False})
    after, left = None, limit
    while left is None or left > 0:
        most = chunk if left is None else min(chunk, left)
        rows = store.rows(waiting, after=after, limit=most)
        if rows:
            yield rows
        if len(rows) < most:
            return
        after = rows[-1].columns["landing_hour"], rows[-1].receipt
        left = None if left is None else left - len(rows)


def _note(report: ReplayReport, outcomes: list[Outcome]) -> None:
    report.looked_at += len(outcomes)
    for outcome in outcomes:
        report.verdicts[outcome.verdict] += 1
        if outcome.tier is not None:
            report.valid += 1
            report.tiers[outcome.tier] += 1
        else:
            _note_reason(report, outcome)


def _note_reason(report: ReplayReport, outcome: Outcome) -> None:
    """Count why a row stays; keep an example of each rule, event and place."""
    first, event = outcome.violations[0], outcome.row.columns["event_name"]
    report.reasons[first.rule] += 1
    alike = ((e.rule, e.event, e.pointer) for e in report.examples)
    if len(report.examples) < EXAMPLES and (first.rule, event, first.pointer) not in alike:
        report.examples.append(
            StillInvalid(
                outcome.row.receipt.text, event, first.rule, first.pointer, first.expected,
                first.found, first.remedy,
            )
        )  # fmt: skip


def _land(
    store: EmbeddedReplay, outcomes: list[Outcome], replayer: Replayer, report: ReplayReport
) -> None:
    for tier in sorted({outcome.tier for outcome in outcomes if outcome.tier is not None}):
        rows = [o.replay for o in outcomes if o.tier == tier and o.replay is not None]
        landed = store.land(tier, rows, replayer)
        report.replayed += landed.rows
        report.already += landed.already
        report.generations += landed.generations
