"""Import of history: judges a file's events as if they had just arrived, at their original time.

The verdicts are the collector's, the landing is the engine's; here they are joined. Everything that
waits in the spool is sealed first, so that what was collected keeps its place before the import.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any, Protocol

import orjson

from weir.collect.judging import Judging
from weir.collect.rules import Rules
from weir.collect.sealer import seal_now
from weir.collect.verdict import judge, unreadable
from weir.core.canonical import fingerprint
from weir.core.clock import utc_now
from weir.core.errors import UsageError
from weir.core.settings import Settings
from weir.engines.embedded.importing import EmbeddedImport
from weir.engines.embedded.lake import Lake
from weir.engines.embedded.manifest import IMPORT, IMPORT_PREFIX
from weir.engines.ports import Generation, ImportRow


class ReadEvent(Protocol):
    """One line of a file: the mapped event, or why there is none."""

    @property
    def line(self) -> int:
        """The line, from 1."""
        ...

    @property
    def event(self) -> Any:
        """The event as on the wire."""
        ...

    @property
    def raw(self) -> bytes | None:
        """The line, where it is no JSON object."""
        ...

    @property
    def received_at(self) -> datetime | None:
        """When it was first received, naive UTC."""
        ...

    @property
    def error(self) -> str | None:
        """Why the line could not be mapped."""
        ...


@dataclass(frozen=True)
class ImportReport:
    """What an import did.

    Attributes:
        name: `import/<digest>`: the lane of its receipt ids.
        already: True if this file with this mapping had been imported before: nothing was done.
        rows: events that landed.
        verdicts: events by verdict; `rejected` ones were not kept.
        generations: where they landed.
        seconds: how long it took.
    """

    name: str
    already: bool
    rows: int
    verdicts: dict[str, int] = field(default_factory=dict)
    generations: list[Generation] = field(default_factory=list)
    seconds: float = 0.0


def import_events(
    settings: Settings,
    events: Iterable[ReadEvent],
    digest: str,
    rules: Rules,
    clock: Callable[[], datetime] = utc_now,
) -> ImportReport:
    """Import a file's events in one transaction; do nothing if the digest has been imported.

    Args:
        settings: the project's settings.
        events: the events; iterated again if the commit conflicts with another writer.
        digest: identifies file and mapping, in hex.
        rules: the registry's events.
        clock: naive UTC time.

    Raises:
        UsageError: if a line has no event or no arrival time, or one in the future. Nothing is
            imported then.
        SpoolError: if what waits in the spool cannot be sealed first.
    """
    began = time.perf_counter()
    seal_now(settings, clock)
    verdicts: Counter[str] = Counter()

    def rows() -> Iterator[ImportRow]:
        verdicts.clear()
        return _judged(events, digest, rules, settings.max_event_bytes, verdicts)

    done = EmbeddedImport(Lake(settings)).load(digest, rows, clock())
    landed = sum(g.rows for g in done.generations)
    seconds = time.perf_counter() - began
    return ImportReport(done.lane, done.already, landed, dict(verdicts), done.generations, seconds)


def _judged(
    events: Iterable[ReadEvent], digest: str, rules: Rules, max_bytes: int, verdicts: Counter[str]
) -> Iterator[ImportRow]:
    name = IMPORT_PREFIX + digest[:12]
    for number, item in enumerate(events):
        if item.error or item.received_at is None:
            raise UsageError(
                f"Line {item.line} cannot be imported: {item.error or 'it has no arrival time'}.",
                "Mend the line or the mapping; nothing was imported.",
            )
        judging = Judging(rules, item.received_at, partial(_new_id, digest, number), max_bytes)
        if item.raw is None:
            record = judge(item.event, judging)
        else:
            record = unreadable(item.raw, "it is no JSON object", judging)
        verdicts[record.verdict] += 1
        if record.lane is None:
            continue
        columns = {**record.columns, "origin": IMPORT}
        a, b, c, d = fingerprint(name, 0, number, columns["payload_hash"])
        columns |= {"fp_0": a, "fp_1": b, "fp_2": c, "fp_3": d}
        yield ImportRow(number, record.lane, item.received_at, orjson.dumps(columns))


def _new_id(digest: str, number: int) -> str:
    """Return the id of an event without one: the same whenever the file is read again."""
    return f"{digest[:12]}-{number}"
