"""`audited`: what is entered, by whom, with which result; what is hidden."""

from __future__ import annotations

import logging
import multiprocessing
import os
import signal
import subprocess
import sys
from datetime import datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
import typer

from weir.audit import AuditLog, Wanted, actor_of, audited, log_of, login, note, verify
from weir.audit.auditing import record
from weir.audit.masking import MAX_ITEMS, masked, masked_text
from weir.audit.reading import Found, find, get, knows_run
from weir.core.errors import AuditError, InvalidValue, NotFound, RunFailed, UsageError
from weir.core.settings import Settings


def newest(log: AuditLog) -> Found:
    return find(log, Wanted(limit=1))[0]


def test_an_entry_says_who_did_what_with_which_result(settings: Settings, log: AuditLog) -> None:
    with audited(settings, "tokens.create", producer="shop") as entry:
        entry.tell(token_id="abc")
    found = get(log, entry.id)
    assert (found.action, found.kind, found.name) == ("tokens.create", "person", "ann")
    assert found.authenticated == f"declared, login {login()}"
    assert (found.arguments, found.did) == ({"producer": "shop"}, {"token_id": "abc"})
    assert (found.result, found.message, found.pid) == ("ok", "", os.getpid())
    assert (found.home, found.project) == (str(settings.home), str(settings.project))
    assert found.at.endswith("Z")
    assert found.seconds is not None


@pytest.mark.parametrize(
    ("error", "result", "message"),
    [
        (UsageError("No such thing.", "Make it."), "refused", "No such thing. Make it."),
        (RunFailed("It broke."), "failed", "It broke."),
        (KeyboardInterrupt(), "failed", "interrupted"),
        (typer.Exit(1), "failed", "exit code 1"),
        (typer.Exit(0), "ok", ""),
        (ValueError(), "failed", "ValueError"),
    ],
)
def test_an_error_is_recorded_and_goes_on(
    settings: Settings, log: AuditLog, error: BaseException, result: str, message: str
) -> None:
    with pytest.raises(type(error)), audited(settings, "run"):
        raise error
    assert (newest(log).result, newest(log).message) == (result, message)


def test_entries_inside_one_another_share_the_request(settings: Settings, log: AuditLog) -> None:
    with audited(settings, "run"):
        with audited(settings, "partitions.materialize", run="r1") as inner:
            note(rows=3)
        note(runs=1)
    outer, inside = find(log, Wanted())[::-1]
    assert outer.request == inside.request
    assert (inside.did, inside.run, inside.id) == ({"rows": 3}, "r1", inner.id)
    assert outer.did == {"runs": 1}
    note(nobody="listens")
    with audited(settings, "run"):
        pass
    assert newest(log).request != outer.request


def test_only_listed_actions_and_known_actors(settings: Settings, log: AuditLog) -> None:
    with pytest.raises(InvalidValue, match="action"), audited(settings, "tokens.steal"):
        pass
    assert actor_of().kind == "person"
    assert actor_of("agent:rev").name == "rev"
    for wrong in ("rev", "robot:rev", "agent:"):
        with pytest.raises(InvalidValue, match="WEIR_ACTOR"):
            actor_of(wrong)


def test_what_cannot_be_entered_is_not_done(tmp_path: Path) -> None:
    home = tmp_path / "home"
    (home / "audit.db").mkdir(parents=True)
    done = []
    refusing = Settings(home=home, project=tmp_path)
    with pytest.raises(AuditError, match="Nothing was done"), audited(refusing, "run"):
        done.append(1)
    assert not done


def test_an_end_that_cannot_be_written_is_told_and_does_not_hide_the_result(
    settings: Settings, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    with caplog.at_level(logging.ERROR), audited(settings, "run"):
        monkeypatch.setattr(AuditLog, "append", _full)
    assert "The end of audit entry 1 was not written" in caplog.text


def _full(self: AuditLog, rows: object) -> list[int]:
    raise AuditError("audit.db", "disk full")


def test_what_was_killed_shows_as_unfinished(settings: Settings, log: AuditLog) -> None:
    code = (
        "import os, sys; from pathlib import Path; from weir.audit import audited;"
        "from weir.core.settings import Settings;"
        "s = Settings(home=Path(sys.argv[1]), project=Path('/'));"
        "c = audited(s, 'maintain'); c.__enter__(); print('in', flush=True); sys.stdin.read()"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code, str(settings.home)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    )  # fmt: skip
    with process:
        assert process.stdout is not None
        process.stdout.readline()
        assert newest(log).result == "running"
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert newest(log).result == "unfinished"
    assert newest(log).seconds is None
    assert [entry.action for entry in find(log, Wanted(failed=True))] == ["maintain"]


def test_filters(settings: Settings, log: AuditLog) -> None:
    for action, asset in (("events.activate", "buy_item_shop"), ("tokens.revoke", "t_1")):
        with audited(settings, action, name=asset):
            pass
    with pytest.raises(RunFailed), audited(settings, "run", by=actor_of("agent:rev")):
        raise RunFailed("no")

    def actions(**wanted: object) -> list[str]:
        return [entry.action for entry in find(log, Wanted(**wanted))]  # type: ignore[arg-type]

    assert actions() == ["run", "tokens.revoke", "events.activate"]
    assert actions(limit=1) == ["run"]
    assert actions(action="events.*") == ["events.activate"]
    assert actions(action="tokens.revoke") == ["tokens.revoke"]
    assert actions(who="rev") == ["run"]
    assert actions(asset="buy_item_shop") == ["events.activate"]
    assert actions(asset="t%1") == []
    assert actions(failed=True) == ["run"]
    assert actions(since=datetime(2999, 1, 1)) == []
    assert len(actions(since=datetime(2026, 1, 1))) == 3
    assert actions(request=find(log, Wanted())[1].request) == ["tokens.revoke"]
    with pytest.raises(NotFound, match="weir audit list"):
        get(log, 999)


def test_reading_makes_no_file(settings: Settings, log: AuditLog) -> None:
    assert find(log, Wanted()) == []
    assert verify(log).ok
    assert not knows_run(log, "r")
    with pytest.raises(NotFound):
        get(log, 1)
    assert not settings.home.exists()


def test_what_ended_elsewhere_is_entered_whole(settings: Settings, log: AuditLog) -> None:
    began = datetime(2026, 11, 21, 5)
    number = record(
        settings, "partitions.materialize", by=actor_of("sensor:arrivals"), began=began,
        seconds=2.5, result="failed", message="token=abcdef", run="r7", assets=("fact/a",),
    )  # fmt: skip
    found = get(log, number)
    assert (found.at, found.seconds) == ("2026-11-21T05:00:00.000000Z", 2.5)
    assert (found.kind, found.result, found.message) == ("sensor", "failed", "token=***")
    assert knows_run(log, "r7")
    assert not knows_run(log, "r8")


def test_secrets_and_personal_data_are_masked() -> None:
    token = "weir_0123456789_" + "ab" * 20
    given = {
        "token": "x", "git_token": "y", "authorization": "z", "user_id": "u1", "token_id": "kept",
        "text": f"Bearer {token} {token} ghp_{'a' * 30} password=hunter2 kim.lee@example.com",
        "url": "https://ann:pw@host/x https://hooks.slack.com/services/T/B/secret",
        "nested": {"api_key": "k", "list": [f"see {token}"]},
    }  # fmt: skip
    told = masked(given)
    assert told["token_id"] == "kept"
    assert {told[name] for name in ("token", "git_token", "authorization", "user_id")} == {"***"}
    assert told["text"] == "*** *** *** password=*** k***@example.com"
    assert told["url"] == "https://***@host/x https://hooks.slack.com/services/***"
    assert told["nested"] == {"api_key": "***", "list": ["see ***"]}


def test_lengths_are_bounded() -> None:
    told = masked({"many": list(range(100)), "long": "x" * 10_000, "map": dict.fromkeys("a" * 1)})
    assert told["many"][MAX_ITEMS:] == ["… and 80 more"]
    assert len(told["long"]) == 300
    assert len(masked_text("y" * 10_000)) == 2_000
    deep: dict[str, object] = {}
    for _ in range(50):
        deep = {"d": deep}
    assert len(str(masked(deep))) < 1_000


def _write(home: Path, count: int) -> None:
    settings = Settings(home=home, project=home)
    for number in range(count):
        with audited(settings, "settings", number=number):
            pass


@pytest.mark.parametrize("processes", [4])
def test_writers_of_several_processes_keep_one_chain(
    settings: Settings, log: AuditLog, processes: int
) -> None:
    context = multiprocessing.get_context("spawn")
    workers = [context.Process(target=_write, args=(settings.home, 100)) for _ in range(processes)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert [worker.exitcode for worker in workers] == [0] * processes
    found = verify(log)
    assert (found.problems, found.entries, found.rows) == ((), 400, 800)
    assert {entry.result for entry in find(log, Wanted(limit=1000))} == {"ok"}


def tampered(log: AuditLog, *statements: str) -> None:
    with log.engine.begin() as connection:
        for what in ("update", "delete"):
            connection.exec_driver_sql(f"DROP TRIGGER no_{what}")
        for statement in statements:
            connection.exec_driver_sql(statement)


def test_the_file_refuses_changes(settings: Settings, log: AuditLog) -> None:
    _write(settings.home, 1)
    for statement in ("UPDATE audit_entry SET name = 'eve'", "DELETE FROM audit_entry"):
        with pytest.raises(sa.exc.IntegrityError, match="append-only"), log.engine.begin() as c:
            c.exec_driver_sql(statement)


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        ("UPDATE audit_entry SET name = 'eve' WHERE seq = 3", "Row 3 .* was changed"),
        ("UPDATE audit_entry SET message = 'x' WHERE seq = 4", "Row 4 .* was changed"),
        ("DELETE FROM audit_entry WHERE seq = 3", "Rows 3 to 3 are gone"),
        ("DELETE FROM audit_entry WHERE seq > 4", "The last rows are gone: 6 were written"),
        ("DELETE FROM audit_entry", "The last rows are gone: 6 were written"),
    ],
)
def test_tampering_is_noticed(settings: Settings, log: AuditLog, statement: str, told: str) -> None:
    _write(settings.home, 3)
    assert verify(log).ok
    tampered(log, statement)
    found = verify(log)
    assert not found.ok
    with pytest.raises(AssertionError, match=told):
        raise AssertionError(found.problems[0])


def test_a_chain_written_anew_is_noticed_by_a_noted_head(
    settings: Settings, log: AuditLog, tmp_path: Path
) -> None:
    _write(settings.home, 2)
    head = verify(log).head
    _write(settings.home, 1)
    assert verify(log, head).ok
    forged = Settings(home=tmp_path / "forged", project=tmp_path)
    _write(forged.home, 3)
    assert verify(log_of(forged)).ok
    assert "not the one that was noted" in verify(log_of(forged), head).problems[0]
    with pytest.raises(InvalidValue, match="head"):
        verify(log, "nonsense")
