"""How much of an event comes, which versions of which apps send it, and what is wrong with it.

The figures come from the lake through a port; this module chooses the days and adds them up.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from weir.engines.volumes import AppCount, Count, RuleCount, VolumeStore

DAYS = 7


@dataclass(frozen=True)
class Volume:
    """The figures of one event over some landing days, the last one being today (UTC).

    Args:
        event: its name.
        since: the first day.
        valid: rows that are valid.
        quarantined: rows in quarantine.
        refused: events that the collector refused and kept nothing of.
        last_seen: when the newest row was received; before the days, the hour it landed in; None
            if the event was never seen.
        days: by landing day and version.
        apps: by landing day, version and app version.
        rules: violations by landing day, version, app version and rule.
    """

    event: str
    since: date
    valid: int
    quarantined: int
    refused: int
    last_seen: datetime | None
    days: Sequence[Count]
    apps: Sequence[AppCount]
    rules: Sequence[RuleCount]

    @property
    def violations(self) -> dict[str, int]:
        """Rows by the rule that they break, the most frequent first."""
        by_rule: Counter[str] = Counter()
        for count in self.rules:
            by_rule[count.rule] += count.rows
        return dict(sorted(by_rule.items(), key=lambda item: (-item[1], item[0])))


def volumes(store: VolumeStore, event: str, today: date, days: int = DAYS) -> Volume:
    """Return the figures of one event.

    Args:
        store: where the figures come from.
        event: the event's name; it need not be registered.
        today: the last landing day, UTC.
        days: how many days, today included.
    """
    since = today - timedelta(days=days - 1)
    with store.reading():
        found = store.counts(since, event)
        apps, rules = store.by_app(event, found)
        refused = sum(store.refused(since, event).values())
        landed = None if apps else store.last_landed(event).get(event)
    return Volume(
        event=event,
        since=since,
        valid=sum(count.valid for count in found),
        quarantined=sum(count.quarantined for count in found),
        refused=refused,
        last_seen=max((app.last_seen for app in apps), default=landed),
        days=found,
        apps=apps,
        rules=rules,
    )


def overview(store: VolumeStore, today: date, days: int = DAYS) -> dict[str, tuple[int, int]]:
    """Return (valid, quarantined) rows by event, for all events at once. Reads the manifest only."""
    totals: dict[str, tuple[int, int]] = {}
    for count in store.counts(today - timedelta(days=days - 1)):
        if count.event is not None:
            valid, quarantined = totals.get(count.event, (0, 0))
            totals[count.event] = valid + count.valid, quarantined + count.quarantined
    return totals
