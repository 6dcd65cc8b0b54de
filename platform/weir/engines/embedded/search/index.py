"""Writes landing hours into day indexes, atomically, and tells what is in them.

`<search_dir>/<name>/<YYYY-MM-DD>/` is one tantivy index. A change is deletes and adds under ONE
commit: tantivy fdatasyncs the segment files, writes `meta.json` beside, fdatasyncs and renames it.
A kill before the rename leaves the old state; files of the torn attempt are removed by the next
writer. tantivy does not sync the folder *after* the rename (traced, 0.27), so this module does:
when `replace_hours` returns, the change survives a power cut. Readers need no lock.
"""

from __future__ import annotations

import os
import shutil
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, date, datetime, time, timedelta
from itertools import groupby
from pathlib import Path

import tantivy
from filelock import FileLock, Timeout

from weir.core.errors import FormatMismatch, InvalidValue, LakeError
from weir.core.grains import Grain, Range, floor
from weir.engines.embedded.search.documents import (
    KIND_HOUR,
    Document,
    HourStats,
    Offer,
    Tally,
    decode,
    decode_stats,
    encode,
    encode_stats,
    register,
    schema,
)
from weir.engines.embedded.search.exploring import Surroundings, explore
from weir.engines.embedded.search.reading import Result, Snapshot, answer

Offers = Mapping[datetime, Mapping[str, Offer]]

_LOCK_FILE = ".weir-writer.lock"  # beside tantivy's own, which fails at once instead of waiting
_HEAP_BYTES = 64_000_000
_DAY = timedelta(days=1)
_LATEST_EVENT = timedelta(hours=24)  # an event_time later than received_at + 24 h is `bad_time`


class SearchIndex:
    """One named index: a folder of day indexes.

    Args:
        search_dir: folder of all indexes (`Settings.search_dir`).
        name: the index.
        lock_seconds: how long a writer waits for another writer of the same day.
    """

    def __init__(self, search_dir: Path, name: str = "events", lock_seconds: float = 600.0) -> None:
        self.name = name
        self.folder = search_dir / name
        self._lock_seconds = lock_seconds

    @property
    def days(self) -> list[date]:
        """The landing days that have an index, in order."""
        return sorted(date.fromisoformat(m.parent.name) for m in self.folder.glob("*/meta.json"))

    def replace_hours(
        self,
        start: datetime,
        end: datetime,
        documents: Iterable[Document],
        offers: Offers | None = None,
    ) -> list[HourStats]:
        """Replace all documents of the landing hours in [start, end).

        Atomic per landing day: a reader, or a crash, sees a day before or after, never between.
        Days are committed in order. The same documents give the same content hash.

        Args:
            start: first landing hour.
            end: first landing hour that stays as it is.
            documents: the new content, days in order; read once, in bounded memory. If reading it
                raises, the day being written keeps its old state.
            offers: per landing hour and stratum, what was offered to the sample.

        Returns:
            One entry per hour that has documents or offers.

        Raises:
            InvalidValue: if a document is outside the range or its day comes too early.
            LakeError: if another writer holds a day for longer than `lock_seconds`.
            FormatMismatch: if a day was written with another schema.
        """
        offers = offers or {}
        stats: list[HourStats] = []
        for day, own in self._by_day(start, end, documents, {hour.date() for hour in offers}):
            first = max(start, datetime.combine(day, time()))
            last = min(end, datetime.combine(day + _DAY, time()))
            hours = Range(floor(first, Grain.HOUR), last, Grain.HOUR)
            stats += self._replace_day(day, hours, own, offers)
        return stats

    def content_hash(self, hour: datetime) -> tuple[int, str]:
        """Return (rows, hash) of one landing hour, computed from the documents in the index.

        The hash `rows:sum:xor` is over (event_id, weight, stratum, policy version), order-free.
        """
        tally = Tally()
        if hour.date() in self.days:
            for identity in self._snapshot(hour.date()).identities(_term_hour(hour)):
                tally.add_identity(identity)
        return tally.rows, tally.hash

    def stats(self, start: datetime, end: datetime) -> list[HourStats]:
        """Return what was committed with the landing hours in [start, end), in order."""
        days = [d for d in self.days if start.date() <= d <= end.date()]
        found = [s for day in days for s in self._day_stats(day)]
        return [s for s in found if start <= s.landing_hour < end]

    def drop_before(self, day: date) -> list[date]:
        """Remove the indexes of landing days before a day; return those days."""
        gone = [one for one in self.days if one < day]
        for one in gone:
            folder = self.folder / one.isoformat()
            with _locked(folder / _LOCK_FILE, self._lock_seconds):
                (folder / "meta.json").unlink()  # first: without it there is no index to be read
                shutil.rmtree(folder)
        return gone

    def search(
        self,
        query: str,
        limit: int = 10,
        since: datetime | None = None,
        until: datetime | None = None,
    ) -> Result:
        """Find documents, newest event first, and estimate how many events match.

        Args:
            query: words (all must occur) and `field:value` terms; see `FIELDS`.
            limit: most hits to return.
            since: earliest event time, UTC; landing days too old for it are not opened.
            until: events from this time on are left out.

        Raises:
            UsageError: if the query cannot be read, or names an unknown field.
        """
        days = self.days_for(since)
        offers = (s for d in days for h in self._day_stats(d) for s in h.strata.values())
        return answer(
            query,
            (self._snapshot(day) for day in days),
            (offer.weight for offer in offers),
            limit=limit,
            window=(since, until),
        )

    def explore(
        self, query: str, since: datetime | None = None, until: datetime | None = None
    ) -> Surroundings:
        """Count what matches over time and by field; see `exploring`.

        Raises:
            UsageError: if the query cannot be read, or names an unknown field.
        """
        days = [self._snapshot(day) for day in self.days_for(since)]
        return explore(query, days, (since, until))

    def rate(self, since: datetime | None = None) -> tuple[int, int]:
        """Return how many events were offered to the days that a search opens, and kept."""
        strata = [
            stratum
            for day in self.days_for(since)
            for hour in self._day_stats(day)
            for stratum in hour.strata.values()
        ]
        return sum(s.offered for s in strata), sum(s.kept for s in strata)

    def document(self, day: date, receipt: str) -> Document | None:
        """Return the document of an event, by its landing day and receipt; None if it has none."""
        if day not in self.days:
            return None
        query = tantivy.Query.term_query(schema(), "receipt", receipt)
        found = self._snapshot(day).stored(query, 1)
        return decode(found[0]) if found else None

    def days_for(self, since: datetime | None) -> list[date]:
        """Return the landing days that may hold events from a time on: those that a search opens."""
        if since is None:  # a landing day holds events up to 24 h after its end
            return self.days
        return [d for d in self.days if datetime.combine(d + _DAY, time()) + _LATEST_EVENT > since]

    def _by_day(
        self, start: datetime, end: datetime, documents: Iterable[Document], offered: set[date]
    ) -> Iterator[tuple[date, Iterable[Document]]]:
        """Yield each day to write with its documents: given ones, then those that became empty."""
        last = date.min
        done = set()
        for day, own in groupby(documents, key=lambda d: d.landing_hour.date()):
            if day < last or not start.date() <= day <= end.date():
                raise InvalidValue("landing_hour", day, [f"days from {max(last, start.date())}"])
            last = day
            done.add(day)
            yield day, own
        for day in sorted({*self.days, *offered} - done):
            if start < datetime.combine(day + _DAY, time()) and datetime.combine(day, time()) < end:
                yield day, ()

    def _replace_day(
        self, day: date, hours: Range, documents: Iterable[Document], offers: Offers
    ) -> list[HourStats]:
        with self._writer(day) as writer:
            for hour in hours:
                writer.delete_documents_by_term("landing_hour", hour.replace(tzinfo=UTC))
            tallies: dict[datetime, Tally] = defaultdict(Tally)
            for document in documents:
                if not hours.start <= document.landing_hour < hours.end:
                    raise InvalidValue(
                        "landing_hour", document.landing_hour, [f"[{hours.start}, {hours.end})"]
                    )
                identity = document.identity
                tallies[document.landing_hour].add(document, identity)
                writer.add_document(encode(document, identity))
            known = sorted({*tallies, *(h for h in hours if offers.get(h))})
            stats = [tallies[h].stats(h, dict(offers.get(h, {}))) for h in known]
            for one in stats:
                writer.add_document(encode_stats(one))
        return stats

    @contextmanager
    def _writer(self, day: date) -> Iterator[tantivy.IndexWriter]:
        """Open a day's writer; commit and sync if the block ends well, else leave the old state."""
        folder = self.folder / day.isoformat()
        folder.mkdir(parents=True, exist_ok=True)
        with _locked(folder / _LOCK_FILE, self._lock_seconds):
            writer = _open(folder).writer(_HEAP_BYTES, 1)
            try:
                yield writer
                writer.commit()
            except BaseException:
                writer.rollback()
                raise
            finally:
                writer.wait_merging_threads()  # also frees tantivy's own lock
            for changed in (folder, self.folder, self.folder.parent):
                _sync(changed)

    def _snapshot(self, day: date) -> Snapshot:
        return Snapshot(day, _open(self.folder / day.isoformat()).searcher())

    def _day_stats(self, day: date) -> list[HourStats]:
        query = tantivy.Query.term_query(schema(), "kind", KIND_HOUR)
        stats = [decode_stats(d) for d in self._snapshot(day).stored(query, limit=24)]
        return sorted(stats, key=lambda s: s.landing_hour)


@contextmanager
def writing_locked(day: Path, seconds: float = 600.0) -> Iterator[None]:
    """Keep writers out of a day's folder inside the block, to copy it.

    Raises:
        LakeError: if a writer holds it for longer than `seconds`.
    """
    with _locked(day / _LOCK_FILE, seconds):
        yield


def _term_hour(hour: datetime) -> tantivy.Query:
    return tantivy.Query.term_query(schema(), "landing_hour", hour.replace(tzinfo=UTC))


def _open(folder: Path) -> tantivy.Index:
    try:
        return register(tantivy.Index(schema(), str(folder)))
    except ValueError as error:
        raise FormatMismatch(
            f"The search index {folder} was written with another schema ({error}).",
            "It is derived data: remove the folder and materialize search/events for that day.",
        ) from None


@contextmanager
def _locked(path: Path, seconds: float) -> Iterator[None]:
    lock = FileLock(path, timeout=seconds, poll_interval=0.02, thread_local=False)
    try:
        lock.acquire()
    except Timeout:
        raise LakeError(
            f"Another writer has held {path} for {seconds:g} s.",
            "Wait until it has ended (see the runs in Dagster), then run this again.",
        ) from None
    try:
        yield
    finally:
        lock.release()


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
