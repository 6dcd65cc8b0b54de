"""What a writer counts, and how Prometheus reads it: `GET /metrics`. No event content here.

While requests are served only plain numbers are added up, once per request; they become Prometheus'
families when somebody scrapes, summed over all writers (`weir.collect.totals`). Labels are bounded: events are the registered ones, all others `other`.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector as Source

from weir.collect.gauges import Gauges
from weir.collect.judging import Record
from weir.collect.rules import Rules

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
OTHER = "other"
REQUEST_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
FLUSH_SECONDS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0)
GROUP_RECORDS = (1, 3, 10, 30, 100, 300, 1_000, 3_000, 10_000, 30_000, 100_000)


class Histogram:
    """Counts values by bucket; `add` costs a bisection.

    >>> h = Histogram((1, 10))
    >>> h.add(5); h.add(50); h.buckets()
    [('1.0', 0.0), ('10.0', 1.0), ('+Inf', 2.0)]
    """

    __slots__ = ("bounds", "counts", "total")

    def __init__(self, bounds: Sequence[float]) -> None:
        self.bounds = bounds
        self.counts = [0] * (len(bounds) + 1)
        self.total = 0.0

    def add(self, value: float) -> None:
        """Count one value."""
        self.counts[bisect_left(self.bounds, value)] += 1
        self.total += value

    def plain(self) -> list[float]:
        """Return it as plain data: the counts, then the sum of the values."""
        return [*self.counts, self.total]

    def merge(self, plain: Sequence[float]) -> None:
        """Add the values of another with the same bounds; one with others (of another version) is left out."""
        *counts, total = plain
        if len(counts) == len(self.counts):
            self.counts = [mine + int(more) for mine, more in zip(self.counts, counts, strict=True)]
            self.total += total

    def buckets(self) -> list[tuple[str, float]]:
        """Return (upper bound, values up to it), as Prometheus wants them."""
        names = [*(repr(float(bound)) for bound in self.bounds), "+Inf"]
        sums, total = [], 0
        for name, count in zip(names, self.counts, strict=True):
            total += count
            sums.append((name, float(total)))
        return sums


class Counted(NamedTuple):
    """One kind of event in the counters; its lane follows from both."""

    verdict: str
    event: str


@dataclass
class Metrics:
    """The plain numbers of one writer.

    Attributes:
        events: judged events by verdict and name; unregistered names are `other`.
        violations: by rule.
        refused: requests by the code of their refusal; `disconnected` are those broken off.
        received_bytes: bytes of bodies after decompression.
        requests: seconds of answered data requests.
        flush_seconds: seconds of a group commit, by lane.
        flush_records: records of a group commit, by lane.
    """

    events: Counter[Counted] = field(default_factory=Counter)
    violations: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    received_bytes: int = 0
    requests: Histogram = field(default_factory=lambda: Histogram(REQUEST_SECONDS))
    flush_seconds: dict[str, Histogram] = field(default_factory=dict)
    flush_records: dict[str, Histogram] = field(default_factory=dict)

    def kept(
        self, records: Sequence[Record], counts: Mapping[str, int], size: int, rules: Rules
    ) -> None:
        """Count the records of one request.

        Args:
            records: judged and, but for rejected ones, durable.
            counts: how many of each verdict there are.
            size: bytes of the body.
            rules: the registered events.
        """
        self.received_bytes += size
        if counts.get("accepted", 0) == len(records):  # then every name is a registered one
            names = Counter([record.columns["event_name"] for record in records])
            for name, count in names.items():
                self.events[Counted("accepted", name)] += count
            return
        known = rules.events
        for record in records:
            name = record.columns["event_name"]
            self.events[Counted(record.verdict, name if name in known else OTHER)] += 1
            for violation in record.violations:
                self.violations[violation.rule] += 1

    def flushed(self, lane: str, records: int, seconds: float) -> None:
        """Count one group commit; a mere rotation holds no record and is none."""
        if not records:
            return
        if lane not in self.flush_seconds:
            self.flush_seconds[lane] = Histogram(FLUSH_SECONDS)
            self.flush_records[lane] = Histogram(GROUP_RECORDS)
        self.flush_seconds[lane].add(seconds)
        self.flush_records[lane].add(records)

    def plain(self) -> dict[str, Any]:
        """Return the numbers as plain data, for `add`."""
        return {
            "events": [[*kind, count] for kind, count in self.events.items()],
            "violations": self.violations,
            "refused": self.refused,
            "received_bytes": self.received_bytes,
            "requests": self.requests.plain(),
            "flushes": {
                lane: [seconds.plain(), self.flush_records[lane].plain()]
                for lane, seconds in self.flush_seconds.items()
            },
        }

    def add(self, plain: Mapping[str, Any]) -> None:
        """Add what another writer counted; numbers that are missing are none."""
        for verdict, event, count in plain.get("events", ()):
            self.events[Counted(verdict, event)] += count
        self.violations.update(plain.get("violations", {}))
        self.refused.update(plain.get("refused", {}))
        self.received_bytes += plain.get("received_bytes", 0)
        self.requests.merge(plain.get("requests", (0,)))
        for lane, (seconds, records) in plain.get("flushes", {}).items():
            self.flush_seconds.setdefault(lane, Histogram(FLUSH_SECONDS)).merge(seconds)
            self.flush_records.setdefault(lane, Histogram(GROUP_RECORDS)).merge(records)


def exposition(metrics: Metrics, gauges: Gauges, rules: Rules) -> bytes:
    """Return everything in Prometheus' text format."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Source([*_families(metrics, rules), *_gauges(gauges)]))
    return generate_latest(registry)


class _Source(Source):
    def __init__(self, families: list[Metric]) -> None:
        self._families = families

    def collect(self) -> Iterable[Metric]:
        return self._families


def _families(metrics: Metrics, rules: Rules) -> Iterator[Metric]:
    events = CounterMetricFamily(
        "weir_events", "Judged events.", labels=("verdict", "lane", "event")
    )
    for kind, count in metrics.events.items():
        events.add_metric([kind.verdict, _lane(kind, rules), kind.event], count)
    yield events
    for name, text, label, counter in (
        ("weir_violations", "What was wrong with events.", "rule", metrics.violations),
        ("weir_refused_requests", "Requests of which nothing was kept.", "code", metrics.refused),
    ):
        family = CounterMetricFamily(name, text, labels=(label,))
        for key, count in counter.items():
            family.add_metric([key], count)
        yield family
    yield _counter(
        "weir_received_bytes", "Bytes of bodies after decompression.", metrics.received_bytes
    )
    yield _histograms(
        "weir_request_seconds", "Data requests that were answered 200.", {"": metrics.requests}
    )
    yield _histograms(
        "weir_flush_seconds", "Group commits: write and fdatasync.", metrics.flush_seconds
    )
    yield _histograms("weir_flush_records", "Records of a group commit.", metrics.flush_records)


def _lane(kind: Counted, rules: Rules) -> str:
    if kind.verdict == "quarantined":
        return "quarantine"
    rule = rules.events.get(kind.event)
    return rule.tier if rule is not None and kind.verdict != "rejected" else "none"


def _histograms(name: str, text: str, by_lane: Mapping[str, Histogram]) -> HistogramMetricFamily:
    labels = () if "" in by_lane else ("lane",)
    family = HistogramMetricFamily(name, text, labels=labels)
    for lane, histogram in by_lane.items():
        family.add_metric([lane] if labels else [], histogram.buckets(), histogram.total)
    return family


def _counter(name: str, text: str, value: float) -> CounterMetricFamily:
    return CounterMetricFamily(name, text, value=value)


def _gauges(now: Gauges) -> Iterator[Metric]:
    for name, text, by_lane in (
        ("weir_pending_bytes", "Bytes that wait for the disk.", now.pending_bytes),
        ("weir_segments", "Complete segments in the spool.", now.segments),
    ):
        family = GaugeMetricFamily(name, text, labels=("lane",))
        for lane, count in by_lane.items():
            family.add_metric([lane], count)
        yield family
    counters: tuple[tuple[str, str, Any], ...] = (
        ("weir_likely_duplicates", "Events whose content was kept before.", now.likely_duplicates),
        ("weir_registry_reloads", "Times that event files were taken in.", now.reloads),
        ("weir_registry_reload_failures", "Event files that were wrong.", now.reload_failures),
        ("weir_tail_dropped", "What slow listeners of the tail lost.", now.tail_dropped),
        ("weir_drops_write_failures", "Times that drops could not be written.", now.drops_failures),
    )
    for name, text, value in counters:
        yield _counter(name, text, value)
    plain: tuple[tuple[str, str, float], ...] = (
        (
            "weir_rules_stale",
            "1 while the event files are wrong and older ones rule.",
            now.rules_stale,
        ),
        ("weir_writers", "Writers that live: one for each worker.", now.writers),
        ("weir_epoch", "The newest writer's epoch: it grows with each start.", now.epoch),
        ("weir_ready", "1 if every writer can write every lane.", int(now.ready)),
        ("weir_free_bytes", "Free space of the spool's disk.", now.free_bytes),
        ("weir_registered_events", "Events of the registry in force.", now.rules),
        ("weir_registry_loaded_seconds", "When they were loaded, Unix time.", now.rules_loaded_at),
        ("weir_tail_listeners", "Open live tails.", now.tail_listeners),
        ("weir_drops_waiting", "Kinds of drops that are not written yet.", now.drops_waiting),
    )
    for name, text, value in plain:
        yield GaugeMetricFamily(name, text, value=value)
