"""Quarantine and replay on a real lake: groups, one landing per row, the old arrival, the marks."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import orjson
import pytest

from tests.engines.spool_records import write_segment
from weir.collect.durable import durable
from weir.collect.quarantine import (
    Rejudging,
    Wanted,
    find,
    groups,
    rejudge,
    replay,
)
from weir.collect.rules import EventRule, Rules
from weir.collect.sealer import Sealer
from weir.collect.verdict import Judging, judge, unreadable
from weir.core.canonical import fingerprint
from weir.core.errors import InvalidValue, NotFound
from weir.core.landing import FINGERPRINT, Receipt
from weir.core.settings import Settings
from weir.engines.embedded.accepted import EmbeddedAccepted
from weir.engines.embedded.conservation import conservation
from weir.engines.embedded.lake import Lake
from weir.engines.embedded.quarantine import EmbeddedQuarantine
from weir.engines.embedded.replaying import EmbeddedReplay, Replayer, ReplayRow

EARLY = datetime(2026, 11, 21, 2, 10)
LATER = datetime(2026, 11, 21, 9, 30)
H = timedelta(hours=1)


def strict(version: int, params: dict) -> list:
    """Version 1 wants a text; version 2, published later, a whole number."""
    wanted = {1: str, 2: int}[version]
    if type(params.get("item_id")) is wanted:
        return []
    return [SimpleNamespace(pointer="/item_id", rule="type", expected=wanted.__name__,
                            found=repr(params.get("item_id")), remedy="Send it so.", flag=False)]  # fmt: skip


def rules_with(*versions: int, status: str = "active") -> Rules:
    return Rules(
        EventRule(name, tier, status, "quarantine", datetime(2020, 1, 1), max(versions),
                  frozenset(versions), strict)
        for name, tier in (("click_item_home", "normal"), ("buy_item_shop", "critical"))
    )  # fmt: skip


BEFORE, AFTER = rules_with(1), rules_with(1, 2)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path / "home", project=tmp_path)


@pytest.fixture
def rows(settings: Settings) -> Callable[[str], list[tuple]]:
    def query(sql: str) -> list[tuple]:
        with Lake(settings).read() as connection:
            return connection.execute(sql).fetchall()

    return query


@pytest.fixture
def collected(settings: Settings) -> Callable[..., None]:
    return collector(settings)


def collector(settings: Settings) -> Callable[..., None]:
    """Return what judges events, spools them and seals them, each call under an epoch of its own."""
    epochs = iter(range(1, 100))

    def collect(*events: object, at: datetime = EARLY, rules: Rules = BEFORE) -> None:
        epoch, lanes = next(epochs), {}
        judging = Judging(rules, at, lambda: f"server-{epoch}", 200_000)
        for item in events:
            torn = isinstance(item, bytes)
            record = unreadable(item, "no JSON", judging) if torn else judge(item, judging)
            lanes.setdefault(record.lane, []).append(record.columns)
        for lane, columns in lanes.items():
            payloads = []
            for offset, row in enumerate(columns):
                prints = fingerprint(lane, epoch, offset, row["payload_hash"])
                payloads.append(orjson.dumps(row | dict(zip(FINGERPRINT, prints, strict=True))))
            write_segment(settings.spool_dir, lane, epoch, payloads)
        Sealer(settings, lambda: at, lambda _: None).seal()

    return collect


def event(n: int = 1, **changes: object) -> dict:
    base = {"id": f"e{n}", "name": "click_item_home", "time": "2026-11-21T02:00:00.5Z",
            "user_id": 7, "params": {"item_id": n}}  # fmt: skip
    return {k: v for k, v in {**base, **changes}.items() if v is not ...}


def again(settings: Settings, wanted: Wanted | None = None, rules: Rules = AFTER, **options):
    rejudging = Rejudging(rules, 200_000, options.pop("version", None))
    given = {"by": "tester", "clock": lambda: LATER, **options}
    return replay(settings, wanted or Wanted(), rejudging, **given)


def accept(settings: Settings, tier: str = "normal") -> list[tuple[int, int]]:
    start = EARLY.replace(minute=0) - 24 * H
    reports = EmbeddedAccepted(Lake(settings)).replace_hours(tier, start, start + 48 * H)
    return [(report.accepted, report.duplicates) for report in reports]


def holds(settings: Settings) -> None:
    """Check what has landed against the spool; event logs are not built here."""
    for tier in ("normal", "critical"):
        accept(settings, tier)
    with Lake(settings).read() as connection:
        totals = {key: total.records for key, total in durable(settings.spool_dir).items()}
        found = conservation(connection, totals)
    assert [line for line in found.broken if "event log" not in line] == []


@pytest.fixture(scope="module")
def looked_at(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A lake with quarantined events of two hours, for tests that only read."""
    home = tmp_path_factory.mktemp("quarantine")
    settings = Settings(home=home / "home", project=home)
    collect = collector(settings)
    collect(event(1), event(2), event(3, name="nobody_item_home"))
    collect(event(4, version=1), event(5, time="never"), at=EARLY + H)
    return settings


def test_groups_say_what_is_wrong_where_and_since_when(looked_at: Settings) -> None:
    found = groups(looked_at, Wanted())
    keys = [(g.rule, g.event, g.version, g.hour.hour, g.rows, g.replayed) for g in found]
    assert keys == [
        ("type", "click_item_home", 1, 2, 2, 0),
        ("type", "click_item_home", 1, 3, 2, 0),
        ("bad_time", "click_item_home", 1, 3, 1, 0),
        ("unknown_event", "nobody_item_home", None, 2, 1, 0),
    ]
    assert found[0].first_seen == found[0].last_seen == EARLY
    assert found[0].sample == "quarantine/1/1"
    by_rule = groups(looked_at, Wanted(), ["rule"])
    assert [(g.rule, g.rows) for g in by_rule] == [
        ("type", 4), ("bad_time", 1), ("unknown_event", 1)
    ]  # fmt: skip
    assert groups(looked_at, Wanted(), ["rule"], limit=1) == by_rule[:1]
    only = groups(looked_at, Wanted(rules=("bad_time",)), ["rule"])
    assert only == by_rule[1:2]  # the same row breaks another rule too, which was not asked for
    with pytest.raises(InvalidValue, match="by=colour"):
        groups(looked_at, Wanted(), ["colour"])


@pytest.mark.parametrize(
    ("wanted", "ids"),
    [
        (Wanted(rules=("bad_time",)), ["e5"]),
        (Wanted(events=("nobody_item_home",)), ["e3"]),
        (Wanted(versions=(1,), until=EARLY.replace(minute=0) + H), ["e1", "e2"]),
        (Wanted(since=EARLY.replace(minute=0) + H), ["e4", "e5"]),
        (Wanted(since=EARLY.replace(minute=0) + 2 * H), []),
        (Wanted(producers=("nobody",)), []),
        (Wanted(producers=("anonymous",), rules=("type",)), ["e1", "e2", "e4", "e5"]),
        (Wanted(event_ids=("e1",), receipts=(Receipt("quarantine", 2, 1),)), ["e1", "e5"]),
        (Wanted(replayed=True), []),
    ],
)
def test_filters(looked_at: Settings, wanted: Wanted, ids: list) -> None:
    store = EmbeddedQuarantine(Lake(looked_at))
    assert [row.columns["event_id"] for row in store.rows(wanted)] == ids
    assert store.count(wanted) == len(ids)


def test_single_events_are_found_by_receipt_and_by_id(looked_at: Settings) -> None:
    assert find(looked_at, "quarantine/1/0")[0].columns["event_id"] == "e1"
    assert find(looked_at, "e5")[0].receipt.text == "quarantine/2/1"
    with pytest.raises(NotFound, match="no quarantined event `e9`"):
        find(looked_at, "e9")
    assert again(looked_at, Wanted(events=("other_item_home",))).looked_at == 0


def test_a_fixed_schema_brings_the_events_back_once(
    settings: Settings, collected: Callable, rows: Callable
) -> None:
    collected(event(1), event(2), event(3, name="nobody_item_home"))
    collected(at=LATER)  # closes the hours until 09:00
    assert groups(settings, Wanted(), ["rule"])[0].replayed == 0
    report = again(settings)
    assert (report.looked_at, report.valid, report.replayed, report.already) == (3, 2, 2, 0)
    assert report.reasons == {"unknown_event": 1}
    (example,) = report.examples
    assert (example.receipt, example.pointer) == ("quarantine/1/2", "/name")
    landed = rows(
        'SELECT lane, epoch, "offset", landing_hour, received_at, event_id, user_id, version,'
        " version_assumed, origin, replay_of, verdict, params, event_time FROM landing.normal"
    )
    assert sorted(landed) == [
        (
            "replay/quarantine", 1, n - 1, LATER.replace(minute=0), EARLY, f"e{n}", "7", 2, True,
            "replay", f"quarantine/1/{n - 1}", "accepted", f'{{"item_id":{n}}}',
            datetime(2026, 11, 21, 2, 0, 0, 500_000),
        )
        for n in (1, 2)
    ]  # fmt: skip
    assert rows("SELECT count(*) FROM landing.quarantine") == [(3,)]
    marks = rows(
        'SELECT lane, epoch, "offset", tier, receipt, replayed_at, replayed_by, outcome FROM weir.replayed'
    )
    assert marks[0] == (
        "quarantine",
        1,
        0,
        "normal",
        "replay/quarantine/1/0",
        LATER,
        "tester",
        "accepted",
    )
    assert again(settings).replayed == 0
    assert rows("SELECT count(*) FROM landing.normal") == [(2,)]
    assert accept(settings) == [(2, 0)]
    holds(settings)
    by_rule = {g.rule: (g.rows, g.replayed) for g in groups(settings, Wanted(), ["rule"])}
    assert by_rule == {"type": (2, 2), "unknown_event": (1, 0)}
    (shown,) = find(settings, "e1")
    assert shown.mark is not None
    assert (shown.mark.by, shown.mark.run, shown.mark.receipt) == (
        "tester", report.run, "replay/quarantine/1/0"
    )  # fmt: skip


def test_the_fingerprint_is_of_the_new_receipt(
    settings: Settings, collected: Callable, rows: Callable
) -> None:
    collected(event(1))
    again(settings)
    ((content, *prints),) = rows("SELECT payload_hash, fp_0, fp_1, fp_2, fp_3 FROM landing.normal")
    assert tuple(prints) == fingerprint("replay/quarantine", 1, 0, content)
    assert rows("SELECT payload_hash FROM landing.quarantine") == [(content,)]
    (seal,) = rows(
        "SELECT rows, fp_0, fp_1, fp_2, fp_3, synced FROM weir.seal WHERE origin = 'replay'"
    )
    assert seal == (1, *prints, True)


def test_a_dry_run_writes_nothing(settings: Settings, collected: Callable, rows: Callable) -> None:
    collected(event(1), event(2))
    before = rows("SELECT max(snapshot_id) FROM ducklake_snapshots('lake')")
    report = again(settings, dry_run=True)
    assert (report.valid, report.replayed, report.tiers) == (2, 0, {"normal": 2})
    assert rows("SELECT max(snapshot_id) FROM ducklake_snapshots('lake')") == before


def test_copies_in_quarantine_and_a_later_resend_are_accepted_once(
    settings: Settings, collected: Callable
) -> None:
    collected(event(1), event(1, sent_at="2026-11-21T02:05:00Z"), event(2))
    collected(event(2), rules=AFTER, at=EARLY + 2 * H)  # its sender sent it again, and it was valid
    again(settings)
    assert sum(a for a, _ in accept(settings)) == 2
    assert sum(d for _, d in accept(settings)) == 2
    holds(settings)


def test_an_old_arrival_finds_its_earlier_copies(settings: Settings, collected: Callable) -> None:
    """The replay lands eight days after the copy that was received with it, and is its duplicate."""
    collected(event(1), at=EARLY, rules=BEFORE)
    collected(event(1), at=EARLY + H, rules=AFTER)
    much_later = EARLY + timedelta(days=8)
    collected(at=much_later)
    again(settings, clock=lambda: much_later)
    assert sum(a for a, _ in accept(settings)) == 1
    store = EmbeddedAccepted(Lake(settings))
    hour = much_later.replace(minute=0)
    (late,) = store.replace_hours("normal", hour, hour + H)
    assert (late.landed, late.accepted, late.duplicates) == (1, 0, 1)


def test_another_version_can_be_chosen(
    settings: Settings, collected: Callable, rows: Callable
) -> None:
    collected(event(1, version=1))
    assert again(settings).reasons == {"type": 1}
    report = again(settings, version=2)
    assert report.replayed == 1
    assert rows("SELECT version, version_assumed, payload_hash FROM landing.normal") == [
        (2, True, *rows("SELECT payload_hash FROM landing.quarantine")[0])
    ]


def test_what_was_kept_of_an_event_is_what_lands(
    settings: Settings, collected: Callable, rows: Callable
) -> None:
    collected(
        event(1, extra="kept in raw"),
        event(2, id=...),
        event(3, user_id=2**60, session_id="s", sent_at="2026-11-21T02:00:01Z"),
        event(4, params={"item_id": 1, "long": "x" * 70_000}, extra=1),
        event(5, params={"item_id": 1, "long": "x" * 300_000}),
        [1, 2],
        b"{torn",
    )
    report = again(settings)
    assert report.replayed == 4
    assert report.reasons == {"not_whole": 1, "not_an_object": 1, "not_json": 1}
    same = "SELECT event_id, id_assigned, payload_hash, user_id, session_id, event_time,"
    same += " event_time_corrected, sent_at, raw FROM landing."
    kept = rows(f'{same}quarantine SEMI JOIN weir.replayed USING (lane, epoch, "offset")')
    assert sorted(rows(f"{same}normal"), key=str) == sorted(kept, key=str)


def test_chunks_and_limits(settings: Settings, collected: Callable, rows: Callable) -> None:
    collected(*(event(n) for n in range(1, 8)))
    collected(*(event(n, name="buy_item_shop") for n in range(11, 15)), at=EARLY + H)
    assert again(settings, limit=3, chunk=2).replayed == 3
    report = again(settings, chunk=2)
    assert report.replayed == 8
    assert report.tiers == {"normal": 4, "critical": 4}
    assert rows("SELECT count(*), count(DISTINCT replay_of) FROM landing.normal") == [(7, 7)]
    assert rows("SELECT count(*) FROM landing.critical") == [(4,)]
    holds(settings)


def test_two_at_once_land_each_row_once(
    settings: Settings, collected: Callable, rows: Callable
) -> None:
    collected(*(event(n) for n in range(1, 21)))
    reports: list = []
    threads = [
        threading.Thread(target=lambda: reports.append(again(settings, chunk=10))) for _ in range(2)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(r.replayed for r in reports) == 20
    assert rows("SELECT count(*), count(DISTINCT replay_of) FROM landing.normal") == [(20, 20)]
    assert rows('SELECT count(*), count(DISTINCT "offset") FROM weir.replayed') == [(20, 20)]
    holds(settings)


def test_a_row_that_another_replayed_meanwhile_is_left_out(
    settings: Settings, collected: Callable, rows: Callable
) -> None:
    collected(event(1), event(2))
    report = again(settings, dry_run=True)
    assert report.valid == 2
    store = EmbeddedReplay(Lake(settings))
    found = EmbeddedQuarantine(Lake(settings)).rows(Wanted())
    ready = [rejudge(row, Rejudging(AFTER, 10_000)).replay for row in found]
    assert all(isinstance(row, ReplayRow) for row in ready)
    first = store.land("normal", ready[:1], Replayer("a", "run-a", LATER))
    assert (first.rows, first.already) == (1, 0)
    both = store.land("normal", ready, Replayer("b", "run-b", LATER))
    assert (both.rows, both.already) == (1, 1)
    none = store.land("normal", ready, Replayer("c", "run-c", LATER))
    assert (none.rows, none.already) == (0, 2)
    assert sorted(rows('SELECT "offset", run FROM weir.replayed')) == [(0, "run-a"), (1, "run-b")]


KILLED = """
import sys
from datetime import datetime
from pathlib import Path
from tests.collect.test_quarantine import AFTER, LATER
from weir.collect.quarantine import Rejudging, Wanted, replay
from weir.core.settings import Settings
home = Path(sys.argv[1])
settings = Settings(home=home, project=home.parent)
print("started", flush=True)
replay(settings, Wanted(), Rejudging(AFTER, 200_000), by="killed", clock=lambda: LATER, chunk=5)
"""


def test_killed_in_the_middle_and_run_again(
    settings: Settings, collected: Callable, rows: Callable
) -> None:
    collected(*(event(n) for n in range(1, 201)))
    root = Path(__file__).resolve().parents[2]
    environment = {**os.environ, "PYTHONPATH": f"{root}{os.pathsep}{root / 'platform'}"}
    command = [sys.executable, "-c", KILLED, str(settings.home)]
    for wait in (0.4, 0.9):
        process = subprocess.Popen(command, stdout=subprocess.PIPE, env=environment, cwd=root)
        assert process.stdout is not None
        assert process.stdout.readline() == b"started\n"
        time.sleep(wait)
        process.send_signal(signal.SIGKILL)
        process.wait()
        process.stdout.close()
    ((before,),) = rows("SELECT count(*) FROM weir.replayed")
    assert rows("SELECT count(*) FROM landing.normal") == [(before,)]
    assert before < 200
    report = again(settings)
    assert report.replayed == 200 - before
    assert rows("SELECT count(*), count(DISTINCT replay_of) FROM landing.normal") == [(200, 200)]
    holds(settings)
