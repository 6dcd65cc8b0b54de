"""Alerts: who is told, once, by which channel; what is never lost and never told."""

from __future__ import annotations

import hashlib
import hmac
import logging
from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.alerts.conftest import Post, Receiver
from weir.alerts import Config, Delivered, Outbox, Problem, deliver, read_config
from weir.alerts.channels import NotSent, checked
from weir.alerts.config import QuietHours
from weir.alerts.outbox import GIVEN_UP, MAX_ATTEMPTS, SENT, WAITING
from weir.core.errors import UsageError

NOW = datetime(2026, 11, 21, 5, 40)
MINUTE = timedelta(minutes=1)
Make = Callable[..., Config]


def problem(**changes: Any) -> Problem:
    given = {"kind": "check_failed", "asset": "fact/a", "check": "not_null", "cause": "3 rows",
             "key": "2026-11-20", "owner": "shop", "run": "r1", "text": "3 rows are NULL."}  # fmt: skip
    return Problem(**(given | changes))


def sending(box: Outbox, config: Config, url: str, now: datetime = NOW, **more: Any) -> Delivered:
    environment = {"HOOK_URL": url, "HOOK_KEY": "k", **more.pop("environment", {})}
    return deliver(
        box, config, environment, link=lambda run: f"http://dagster/runs/{run}",
        clock=lambda: now, sleep=lambda _: None, **more,
    )  # fmt: skip


def test_an_owner_is_told_once_with_text_and_link(
    outbox: Outbox, config: Make, receiver: Receiver
) -> None:
    outbox.raise_(problem(), config(), NOW)
    assert sending(outbox, config(), receiver.url) == Delivered(sent=1)
    (got,) = receiver.got
    assert got["title"] == "Check not_null failed: fact/a 2026-11-20"
    assert (got["text"], got["event"], got["count"]) == ("3 rows are NULL.", "raised", 1)
    assert got["link"] == "http://dagster/runs/r1"
    assert sending(outbox, config(), receiver.url, NOW + MINUTE) == Delivered()


def test_the_same_again_only_counts_until_it_is_repeated(
    outbox: Outbox, config: Make, receiver: Receiver
) -> None:
    told = config(repeat_minutes=60)
    for minute in (0, 1, 2):
        outbox.raise_(problem(key=f"k{minute}"), told, NOW + minute * MINUTE)
    sending(outbox, told, receiver.url, NOW + 3 * MINUTE)
    assert len(receiver.got) == 1
    outbox.raise_(problem(), told, NOW + 61 * MINUTE)
    sending(outbox, told, receiver.url, NOW + 61 * MINUTE)
    assert [(g["event"], g["count"]) for g in receiver.got] == [("raised", 1), ("repeated", 4)]
    outbox.raise_(problem(cause="another"), told, NOW + 62 * MINUTE)
    sending(outbox, told, receiver.url, NOW + 62 * MINUTE)
    assert receiver.got[-1]["event"] == "raised"


def test_what_is_gone_is_told_to_whoever_was_told(
    outbox: Outbox, config: Make, receiver: Receiver
) -> None:
    outbox.raise_(problem(), config(), NOW)
    assert outbox.resolve([problem().id, "unknown"], NOW + MINUTE) == 1
    assert outbox.open() == []
    sending(outbox, config(), receiver.url, NOW + MINUTE)
    assert [g["event"] for g in receiver.got] == ["raised", "resolved"]
    assert outbox.resolve([problem().id], NOW + MINUTE) == 0
    outbox.raise_(problem(), config(), NOW + 2 * MINUTE)  # it comes back: a new one
    sending(outbox, config(), receiver.url, NOW + 2 * MINUTE)
    assert (receiver.got[-1]["event"], receiver.got[-1]["count"]) == ("raised", 1)


def test_owner_severity_and_default_choose_the_channels(config: Make) -> None:
    channels = {"grave": {"kind": "slack", "url_env": "S", "severity": "critical"}}
    made = config(channels=channels, owners={"shop": ["hook", "grave"]}, default=["grave"])
    assert made.channels_of("shop", "error") == ["hook"]
    assert made.channels_of("shop", "critical") == ["hook", "grave"]
    assert made.channels_of("nobody", "warning") == []
    assert made.channels_of("nobody", "critical") == ["grave"]


def test_a_restart_loses_nothing_and_a_claim_ends(
    outbox: Outbox, config: Make, receiver: Receiver
) -> None:
    outbox.raise_(problem(), config(), NOW)
    assert len(outbox.claim(NOW)) == 1  # and then killed
    again = Outbox(outbox.path)
    assert sending(again, config(), receiver.url, NOW + MINUTE) == Delivered()
    assert sending(again, config(), receiver.url, NOW + 3 * MINUTE) == Delivered(sent=1)


def test_failures_are_tried_again_ever_later_and_given_up(
    outbox: Outbox, config: Make, receiver: Receiver
) -> None:
    outbox.raise_(problem(), config(), NOW)
    receiver.answers = [503, 503]
    assert sending(outbox, config(), receiver.url) == Delivered(failed=1)
    assert len(receiver.got) == 2  # one quick try more
    assert sending(outbox, config(), receiver.url, NOW + timedelta(seconds=29)) == Delivered()
    receiver.answers = [503]
    assert sending(outbox, config(), receiver.url, NOW + MINUTE) == Delivered(sent=1)
    outbox.raise_(problem(cause="b"), config(), NOW)
    now = NOW
    for _ in range(MAX_ATTEMPTS):
        receiver.answers = [500, 500]
        sending(outbox, config(), receiver.url, now)
        now += timedelta(hours=2)
    (left,) = outbox.messages(WAITING, GIVEN_UP)
    assert (left.state, left.attempts, left.error) == (GIVEN_UP, MAX_ATTEMPTS, "answered 500")


@pytest.mark.parametrize("status", [400, 404, 302])
def test_a_refusal_is_final_and_a_redirect_is_not_followed(
    outbox: Outbox, config: Make, receiver: Receiver, status: int
) -> None:
    receiver.answers, receiver.location = [status], receiver.url
    outbox.raise_(problem(), config(), NOW)
    assert sending(outbox, config(), receiver.url) == Delivered(failed=1)
    assert len(receiver.got) == 1
    assert outbox.messages(GIVEN_UP)[0].error == f"answered {status}"


def test_a_webhook_is_signed_and_a_long_answer_is_not_read(
    outbox: Outbox, config: Make, receiver: Receiver
) -> None:
    receiver.body = b"x" * 5_000_000
    signed = config(hook={"secret_env": "HOOK_KEY"})
    outbox.raise_(problem(), signed, NOW)
    assert sending(outbox, signed, receiver.url).sent == 1
    expected = hmac.new(b"k", receiver.raw[0], hashlib.sha256).hexdigest()
    assert receiver.headers[0]["X-Weir-Signature"] == f"sha256={expected}"


def test_slack_pings_nobody(outbox: Outbox, config: Make, receiver: Receiver) -> None:
    slack = config(hook={"kind": "slack"})
    outbox.raise_(problem(text="<!channel> & more"), slack, NOW)
    sending(outbox, slack, receiver.url)
    assert "&lt;!channel&gt; &amp; more" in receiver.got[0]["text"]
    assert receiver.got[0]["text"].startswith("Check not_null failed: fact/a")


def test_mail(outbox: Outbox, config: Make, post: Post) -> None:
    mail = {"kind": "email", "host": "127.0.0.1", "port": post.port, "security": "none",
            "sender": "weir@example.com", "to": ["a@example.com", "b@example.com"]}  # fmt: skip
    told = config(channels={"mail": mail}, owners={"shop": ["mail"]})
    outbox.raise_(problem(text="Line\r\nBcc: evil@example.com"), told, NOW)
    assert sending(outbox, told, "").sent == 1
    (got,) = post.mails
    head, _, body = got.partition("\r\n\r\n")
    assert "Subject: [Weir] Check not_null failed: fact/a 2026-11-20" in head
    assert "Bcc" not in head
    assert "http://dagster/runs/r1" in body
    post.refuse = b"550 go away"
    outbox.raise_(problem(cause="b"), told, NOW)
    assert sending(outbox, told, "").failed == 1
    assert outbox.messages(GIVEN_UP)[0].error == "answered 550"


def test_no_secret_is_stored_or_logged(
    outbox: Outbox, config: Make, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG, "weir"):
        outbox.raise_(problem(), config(), NOW)
        sending(outbox, config(), "http://127.0.0.1:1/hook/s3cret")
        outbox.raise_(problem(cause="b"), config(), NOW)
        sending(outbox, config(), "https://user:s3cret@nowhere.invalid/s3cret")
    assert "did not take alert" in caplog.text
    assert "s3cret" not in caplog.text
    held = b"".join(path.read_bytes() for path in outbox.path.parent.iterdir())
    assert b"s3cret" not in held


@pytest.mark.parametrize(
    ("url", "internal", "told"),
    [
        ("http://example.com/x", False, "not https"),
        ("ftp://127.0.0.1/x", False, "not https"),
        ("https://169.254.169.254/latest", True, "never taken"),
        ("https://[fe80::1]/", True, "never taken"),
        ("https://0.0.0.0/", True, "never taken"),
        ("https://10.0.0.7/", False, "private network"),
        ("https://[::ffff:10.0.0.7]/", False, "private network"),
        ("https://127.1.2.3/", False, "private network"),
        ("not a url at all\x00", False, "no URL"),
    ],
)
def test_addresses_that_are_not_taken(url: str, internal: bool, told: str) -> None:
    with pytest.raises(NotSent, match=told) as error:
        checked(url, internal=internal)
    assert error.value.final


def test_addresses_that_are_taken() -> None:
    assert checked("https://10.0.0.7/x", internal=True).url.host == "10.0.0.7"
    assert checked("http://localhost:80/x", internal=False).host == "localhost"
    assert checked("https://93.184.215.14/x", internal=False).host == "93.184.215.14"


def test_quiet_hours(outbox: Outbox, config: Make, receiver: Receiver) -> None:
    quiet = config(hook={"quiet": {"start": "22:00", "end": "07:00", "zone": "Asia/Seoul"}})
    night = datetime(2026, 11, 21, 14)  # 23:00 in Seoul
    outbox.raise_(problem(), quiet, night)
    outbox.raise_(problem(cause="b", severity="critical"), quiet, night)
    assert sending(outbox, quiet, receiver.url, night) == Delivered(sent=1, put_off=1)
    assert receiver.got[0]["severity"] == "critical"
    assert sending(outbox, quiet, receiver.url, datetime(2026, 11, 21, 22)) == Delivered(sent=1)


def test_quiet_hours_within_a_day() -> None:
    lunch = QuietHours(start=time(12), end=time(13))
    assert lunch.holds_back("error", datetime(2026, 1, 1, 12, 30, tzinfo=UTC))
    assert not lunch.holds_back("error", datetime(2026, 1, 1, 13, tzinfo=UTC))
    assert not lunch.holds_back("critical", datetime(2026, 1, 1, 12, 30, tzinfo=UTC))


def test_a_budget_ends_a_delivery_and_the_rest_stays(
    outbox: Outbox, config: Make, receiver: Receiver
) -> None:
    for number in range(3):
        outbox.raise_(problem(cause=str(number)), config(), NOW)
    assert sending(outbox, config(), receiver.url, budget_seconds=0) == Delivered()
    assert sending(outbox, config(), receiver.url) == Delivered(sent=3)
    assert [g["id"] for g in receiver.got] == [1, 2, 3]


def test_a_full_outbox_only_counts_and_tells_when_there_is_room(
    outbox: Outbox, config: Make, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("weir.alerts.outbox.MAX_WAITING", 1)
    outbox.raise_(problem(), config(), NOW)
    assert outbox.raise_(problem(cause="b"), config(), NOW) == 0
    sending(outbox, config(), receiver.url)
    assert outbox.raise_(problem(cause="b"), config(), NOW + MINUTE) == 1
    sending(outbox, config(), receiver.url, NOW + MINUTE)
    assert (receiver.got[-1]["event"], receiver.got[-1]["count"]) == ("raised", 2)


def test_a_channel_that_is_gone_gives_its_messages_up(outbox: Outbox, config: Make) -> None:
    outbox.raise_(problem(), config(), NOW)
    other = Config.model_validate({"channels": {}})
    assert sending(outbox, other, "") == Delivered(failed=1)
    assert "gone from alerts.yaml" in outbox.messages(GIVEN_UP)[0].error


def test_what_is_long_done_is_forgotten(outbox: Outbox, config: Make, receiver: Receiver) -> None:
    outbox.raise_(problem(), config(), NOW)
    sending(outbox, config(), receiver.url)
    later = NOW + timedelta(days=40)
    outbox.raise_(problem(cause="b"), config(), later)
    sending(outbox, config(), receiver.url, later)
    assert len(outbox.messages(SENT)) == 1


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("channels: {a: {kind: pager}}", "pager"),
        ("channels: {a: {kind: slack, url_env: 'https://x'}}", "channels.a.slack.url_env: wants the NAME"),
        ("channels: {a: {kind: slack, url_env: A, url: 'https://x'}}", "channels.a.slack.url"),
        ("channels: {}\nowners: {shop: [b]}", "names the channel 'b'"),
        ("channels: {}\nrepeat_minutes: 0", "repeat_minutes"),
        ("- x", "channels"),
        ("a: [", "no YAML"),
        ("channels: {m: {kind: email, host: smtp.x, sender: a@b, to: [c@d], security: none}}", "only for a server on this machine"),
        ("channels: {m: {kind: email, host: h, sender: 'a', to: [c@d]}}", "no e-mail address"),
        ("channels: {a: {kind: slack, url_env: A, quiet: {start: '1:0', end: '02:00'}}}", "quiet.start"),
        ("channels: {a: {kind: slack, url_env: A, quiet: {start: '01:00', end: '02:00', zone: Moon}}}", "no IANA time zone"),
    ],
)  # fmt: skip
def test_mistakes_in_the_file_are_told_with_their_place(
    tmp_path: Path, text: str, told: str
) -> None:
    (tmp_path / "alerts.yaml").write_text(text)
    with pytest.raises(UsageError) as error:
        read_config(tmp_path)
    assert told in error.value.what
    assert error.value.remedy


def test_no_file_is_no_configuration(tmp_path: Path, config: Make) -> None:
    assert read_config(tmp_path) is None
    assert config(hook={"secret_env": "K"}).variables() == {"HOOK_URL": "hook", "K": "hook"}
    assert Outbox(tmp_path / "none.db").open() == []
    assert not (tmp_path / "none.db").exists()
