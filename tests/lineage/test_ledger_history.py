"""What the ledger tells of the past: builds, times, input vectors, verdicts of whole runs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from weir.lineage.ledger import File, Ledger, Verdict, data_version
from weir.lineage.ledger.vector import pack, unpack

T0 = datetime(2026, 1, 1)
FACT, LAYER = "fact/f", "activation/f_activation_daily"


class Lake:
    """Commits that tests add."""

    def __init__(self) -> None:
        self.commits: list[tuple[int, datetime, Mapping[str, Any]]] = []

    def add(self, asset: str, partitions: Mapping[str, str], **more: Any) -> None:
        """Commit content hashes by key, one row each."""
        at = len(self.commits) + 1
        parts = {key: {"rows": 1, "hash": h, "input": "i"} for key, h in partitions.items()}
        entry = {"asset": asset, "partitions": parts, "run": f"r{at}", **more}
        self.commits.append((at, T0 + timedelta(hours=at), entry))

    def report(self, **said: Any) -> None:
        at = len(self.commits) + 1
        self.commits.append((at, T0, {"run": f"r{at}", "asset": FACT, "grain": "day", **said}))

    def newest_snapshot(self) -> int:
        return len(self.commits)

    def entries_after(self, snapshot: int) -> Iterator[tuple[int, datetime, Mapping[str, Any]]]:
        return iter([c for c in self.commits if c[0] > snapshot])


def test_every_build_is_kept(ledger: Ledger) -> None:
    lake = Lake()
    lake.add(FACT, {"2026-01-01": "a", "2026-01-02": "b"})
    ledger.sync(lake)
    lake.add(FACT, {"2026-01-01": "c"}, code="2")
    ledger.sync(lake)
    assert ledger.built(FACT)["2026-01-01"].hash == "c"
    past = ledger.history(FACT, "2026-01-01")
    assert [(p.snapshot, p.run, p.hash, p.code) for p in past] == [
        (1, "r1", "a", ""),
        (2, "r2", "c", "2"),
    ]
    assert len(ledger.history(FACT)) == 3
    assert past[0].at == T0 + timedelta(hours=1)


def test_times_and_sizes_are_kept_by_run(ledger: Ledger) -> None:
    lake = Lake()
    lake.add(FACT, {"2026-01-01": "a", "2026-01-02": "b"}, seconds=0.5, bytes=100, engine="e 1")
    lake.add(FACT, {"2026-01-01": "c"}, seconds=0.25, bytes=40)
    ledger.sync(lake)
    told = [(t.run, t.partitions, t.rows, t.bytes, t.seconds) for t in ledger.timings(FACT)]
    assert told == [("r1", 2, 2, 100, 0.5), ("r2", 1, 1, 40, 0.25)]
    one = ledger.detail(FACT, "2026-01-02")
    assert one
    assert (one.seconds, one.bytes, one.engine, one.built.run) == (0.25, 50, "e 1", "r1")
    assert ledger.detail(FACT, "2030-01-01") is None


def test_what_the_same_run_built_is_filled_in_by_the_order_of_the_commits(ledger: Ledger) -> None:
    lake = Lake()
    lake.add(FACT, {"2026-01-01": "a"})
    lake.add(LAYER, {"2026-01-01": "x"}, reads={FACT: {"2026-01-01": data_version("a")}})
    lake.add(f"{LAYER}_summary", {"2026-01-01": "s"}, reads={LAYER: {"2026-01-01": ""}})
    lake.add(LAYER, {"2026-01-01": "y"})
    ledger.sync(lake)
    assert ledger.reads(f"{LAYER}_summary") == {
        "2026-01-01": {LAYER: {"2026-01-01": data_version("x")}}
    }
    assert ledger.reads(LAYER) == {"2026-01-01": {}}  # built by hand since


def test_a_chain_reads_what_its_own_commit_built(ledger: Ledger) -> None:
    lake, chain = Lake(), "activation/f_firstlast_daily"
    reads = {chain: {"2026-01-01": ""}}
    spans: dict[str, Any] = {"2026-01-01": {}, "2026-02-01": {chain: [[0, 1]]}}
    lake.add(chain, {"2026-01-01": "a", "2026-02-01": "b"}, reads=reads, spans=spans)
    ledger.sync(lake)
    assert ledger.reads(chain) == {
        "2026-01-01": {},
        "2026-02-01": {chain: {"2026-01-01": data_version("a")}},
    }
    assert list(ledger.reads(chain, ["2026-02-01"])) == ["2026-02-01"]


def test_a_report_says_what_checks_found_of_every_partition(ledger: Ledger) -> None:
    lake = Lake()
    unique = {"blocking": True, "failing": {"2026-01-02": "2 rows"}}
    lake.report(first="2026-01-01", last="2026-01-03", checks={"unique": unique})
    ledger.sync(lake)
    bad = Verdict(FACT, "unique", "2026-01-02", passed=False, detail="2 rows")
    assert ledger.failed() == [bad]
    assert [v.key for v in ledger.verdicts(FACT)] == ["2026-01-01", "2026-01-02", "2026-01-03"]
    warned = {"blocking": False, "failing": {"2026-01-02": "late"}}
    lake.report(first="2026-01-02", last="2026-01-02", checks={"fresh": warned})
    ledger.sync(lake)
    (late,) = ledger.failed()  # `unique` is gone from the code
    assert (late.check, late.blocking) == ("fresh", False)
    assert ledger.verdicts(FACT, "2026-01-03")[0].passed


def test_a_report_of_scattered_keys_names_them(ledger: Ledger) -> None:
    lake = Lake()
    keys = ["2026-01-01", "2026-01-05"]
    passed = {"blocking": True, "failing": {}}
    lake.report(first=keys[0], last=keys[1], keys=keys, checks={"unique": passed})
    lake.report(first=keys[0], last=keys[0], checks={}, seen={keys[0]: "g1"})
    ledger.sync(lake)
    assert [v.key for v in ledger.verdicts(FACT)] == ["2026-01-05"]
    assert ledger.observed(FACT) == {keys[0]: "g1"}


def test_the_files_of_a_key_are_those_of_its_month(ledger: Ledger) -> None:
    files = [File("2026-01", "a", 10, 1), File("2026-02", "b", 20, 2, "c"), File("", "w", 5, 1)]
    ledger.keep_files({FACT: files})
    assert [f.path for f in ledger.files(FACT, "2026-02-03")] == ["w", "b"]
    ledger.keep_files({FACT: files[1:2]})
    assert ledger.files(FACT) == files[1:2]


_KEYS = st.sets(st.sampled_from("abcdefgh"), max_size=8)
_READS = st.dictionaries(
    st.sampled_from(["d1", "d2", "d3"]), st.dictionaries(st.sampled_from("xy"), _KEYS, max_size=2)
)


@given(_READS)
def test_a_packed_vector_unpacks_to_what_each_partition_read(read: dict) -> None:
    union: dict[str, dict[str, str]] = {}
    for upstream in read.values():
        for asset, keys in upstream.items():
            union.setdefault(asset, {}).update({key: f"v{key}" for key in keys})
    spans = pack({k: {a: sorted(keys) for a, keys in up.items()} for k, up in read.items()})
    for key, upstream in read.items():
        found = unpack(union, spans, key)
        assert found == {a: {k: f"v{k}" for k in sorted(keys)} for a, keys in upstream.items()}
