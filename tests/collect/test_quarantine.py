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

from tests.collect.quarantined import (
    AFTER,
    BEFORE,
    EARLY,
    LATER,
    H,
    accept,
    again,
    collected,
    event,
    holds,
    rows,
    settings,
)
from weir.collect.quarantine import (
    Rejudging,
    Wanted,
    find,
    groups,
    rejudge,
)
from weir.core.canonical import fingerprint
from weir.core.settings import Settings
from weir.engines.embedded.accepted import EmbeddedAccepted
from weir.engines.embedded.lake import Lake
from weir.engines.embedded.quarantine import EmbeddedQuarantine
from weir.engines.embedded.replaying import EmbeddedReplay, Replayer, ReplayRow

__all__ = ["collected", "rows", "settings"]


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
