"""Write tokens: what is kept, what is not, and every way in which one ends."""

from __future__ import annotations

import hashlib
import json
import stat
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from weir.cli import tokens as cli
from weir.cli.main import State
from weir.collect.tokens import Grant, TokenFile, duration, split
from weir.core.errors import FormatMismatch, InvalidValue, NotFound, UsageError, WeirError

NOW = datetime(2026, 11, 21, 5, 40)


@pytest.fixture
def kept(tmp_path: Path) -> TokenFile:
    return TokenFile(tmp_path / "home" / "tokens.json", lambda: NOW)


def test_a_token_is_kept_as_a_hash_and_nothing_else(kept: TokenFile) -> None:
    token, text = kept.create(Grant("shop-backend", lasts=timedelta(days=90)))
    token_id, secret = split(text) or ("", "")
    assert (token.id, token.last4) == (token_id, secret[-4:])
    assert token.hash == hashlib.sha256(secret.encode()).hexdigest()
    content = kept.path.read_text()
    assert secret not in content
    assert json.loads(content)["format"] == 1
    assert stat.S_IMODE(kept.path.stat().st_mode) == 0o600
    assert kept.read() == [token]
    assert token.proves(secret)
    assert not token.proves(secret[:-1] + ("0" if secret[-1] != "0" else "1"))


def test_every_token_is_another(kept: TokenFile) -> None:
    texts = {kept.create(Grant("a"))[1] for _ in range(20)}
    assert len(texts) == 20
    assert all(text == text.lower() and len(text) < 64 for text in texts)


def test_states(kept: TokenFile) -> None:
    token, _ = kept.create(Grant("a", lasts=timedelta(hours=1)))
    assert token.state(NOW) == "active"
    assert token.state(NOW + timedelta(hours=1)) == "expired"
    assert kept.revoke(token.id).state(NOW) == "revoked"
    assert [t.state(NOW) for t in kept.read()] == ["revoked"]


def test_rotation_overlaps_and_keeps_what_was_granted(kept: TokenFile) -> None:
    grant = Grant("web", "test", "client", True, ("*_shop",), 10, 50, 999, ("https://a.example",),
                  timedelta(days=2))  # fmt: skip
    old, text = kept.create(grant)
    new, other = kept.rotate(old.id, timedelta(hours=3))
    assert other != text
    assert new.rotated_from == old.id
    assert new.stands_for() == kept.read()[1].stands_for()
    kept_of = {
        f: getattr(new, f) for f in ("producer", "environment", "strict", "events", "origins")
    }
    assert kept_of == {f: getattr(old, f) for f in kept_of}
    assert new.expires_at == NOW + timedelta(days=2)
    ended = kept.read()[0]
    assert ended.expires_at == NOW + timedelta(hours=3)
    kept.revoke(new.id)
    with pytest.raises(UsageError, match="is revoked"):
        kept.rotate(new.id)


def test_an_overlap_never_lengthens_a_token(kept: TokenFile) -> None:
    old, _ = kept.create(Grant("a", lasts=timedelta(hours=1)))
    kept.rotate(old.id, timedelta(days=9))
    assert kept.read()[0].expires_at == NOW + timedelta(hours=1)


@pytest.mark.parametrize(
    ("grant", "key"),
    [
        (Grant("Shop"), "producer"),
        (Grant(""), "producer"),
        (Grant("a" * 65), "producer"),
        (Grant("a\n"), "producer"),
        (Grant("a", environment="dev"), "environment"),  # type: ignore[arg-type]
        (Grant("a", channel="web"), "channel"),  # type: ignore[arg-type]
        (Grant("a", rate=0), "rate"),
        (Grant("a", rate_bytes=-1), "rate_bytes"),
        (Grant("a", burst=5), "burst"),
        (Grant("a", rate=10, burst=5), "burst"),
        (Grant("a", origins=("example.com",)), "origin"),
        (Grant("a", origins=("https://example.com/",)), "origin"),
    ],
)
def test_impossible_grants(kept: TokenFile, grant: Grant, key: str) -> None:
    with pytest.raises(InvalidValue) as caught:
        kept.create(grant)
    assert caught.value.key == key
    assert kept.read() == []


def test_unknown_tokens_are_named(kept: TokenFile) -> None:
    token, _ = kept.create(Grant("a"))
    with pytest.raises(NotFound, match=f"no token `xx`.*Known: {token.id}"):
        kept.revoke("xx")


@pytest.mark.parametrize(
    ("content", "error"),
    [
        (b"", WeirError),
        (b"{", WeirError),
        (b"[]", FormatMismatch),
        (b'{"format": 2, "tokens": []}', FormatMismatch),
        (b'{"format": 1}', WeirError),
        (b'{"format": 1, "tokens": [{"id": "x"}]}', WeirError),
    ],
)
def test_a_file_that_is_not_ours_is_told_and_kept(
    kept: TokenFile, content: bytes, error: type[WeirError]
) -> None:
    kept.path.parent.mkdir()
    kept.path.write_bytes(content)
    with pytest.raises(error) as caught:
        kept.create(Grant("a"))
    assert caught.value.remedy
    assert kept.path.read_bytes() == content


def test_writers_wait_for_each_other(kept: TokenFile) -> None:
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda i: kept.create(Grant(f"p{i}"))[0], range(40)))
    assert {t.id for t in kept.read()} == {t.id for t in made}
    assert not kept.path.with_suffix(".new").exists()


def test_a_write_that_was_cut_off_leaves_the_old_file(kept: TokenFile) -> None:
    token, _ = kept.create(Grant("a"))
    kept.path.with_suffix(".new").write_bytes(b"half")
    other, _ = kept.create(Grant("b"))
    assert kept.read() == [token, other]


@pytest.mark.parametrize(
    ("text", "length"),
    [("90d", timedelta(days=90)), ("0s", timedelta()), ("5m", timedelta(minutes=5))],
)
def test_durations(text: str, length: timedelta) -> None:
    assert duration(text) == length


@pytest.mark.parametrize("text", ["", "d", "9", "-1d", "1.5h", "1w", "٣d", "999999d"])
def test_wrong_durations(text: str) -> None:
    with pytest.raises(InvalidValue):
        duration(text)


@pytest.mark.parametrize(
    "text", ["", "weir_", "weir_0_0", "WEIR_0123456789_" + "0" * 40, "weir_0123456789_" + "0" * 41]
)
def test_what_is_no_token(text: str) -> None:
    assert split(text) is None


@pytest.fixture
def weir(tmp_path: Path) -> Callable[..., object]:
    def call(*arguments: str) -> object:
        state = State(Path(__file__).parents[2], tmp_path / "home")
        return CliRunner().invoke(cli.app, list(arguments), obj=state)

    return call


def test_the_command_shows_a_secret_once(weir: Callable) -> None:
    made = weir("create", "shop", "--rate", "1000", "--expires", "90d", "--strict")
    assert made.exit_code == 0
    text = made.stdout.strip()
    token_id, secret = split(text) or ("", "")
    assert token_id
    listed = weir("list")
    assert "shop" in listed.stdout
    assert "1000/s" in listed.stdout
    assert secret not in listed.stdout
    as_json = json.loads(weir("list", "--json").stdout)
    assert [(t["id"], t["state"], t["strict"]) for t in as_json] == [(token_id, "active", True)]
    assert "hash" not in as_json[0]
    rotated = json.loads(weir("rotate", token_id, "--json").stdout)
    assert rotated["rotated_from"] == token_id
    assert split(rotated["token"])
    assert json.loads(weir("revoke", token_id, "--json").stdout)["revoked_at"]
    states = [t["state"] for t in json.loads(weir("list", "--json").stdout)]
    assert states == ["revoked", "active"]


def test_the_command_says_what_is_wrong(weir: Callable) -> None:
    assert isinstance(weir("create", "Shop").exception, InvalidValue)
    assert isinstance(weir("create", "shop", "--expires", "soon").exception, InvalidValue)
    assert isinstance(weir("revoke", "nothing").exception, NotFound)
