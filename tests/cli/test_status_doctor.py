"""`weir status` fits 80 columns; `weir doctor` finds what is wrong."""

from __future__ import annotations

import json
import socket
from datetime import datetime
from pathlib import Path

import pytest

from weir.cli import status as status_command
from weir.core.settings import Settings


def findings(result) -> dict[str, dict]:
    return {finding["subject"]: finding for finding in json.loads(result.stdout)}


def ports(monkeypatch: pytest.MonkeyPatch) -> int:
    """Give the collector and Dagster ports that nobody listens on."""
    with socket.socket() as one, socket.socket() as two:
        one.bind(("127.0.0.1", 0))
        two.bind(("127.0.0.1", 0))
        monkeypatch.setenv("WEIR_COLLECT_PORT", str(one.getsockname()[1]))
        monkeypatch.setenv("WEIR_DAGSTER_PORT", str(two.getsockname()[1]))
        return int(one.getsockname()[1])


def test_status_of_an_empty_home(weir) -> None:
    result = weir("status")
    assert "assets hold nothing yet: landing/" in " ".join(result.stdout.split())
    assert "Nothing is missing or stale." in result.stderr
    assert max(map(len, result.stdout.splitlines())) <= 80
    assert len(json.loads(weir("status", "--json").stdout)["assets"]) > 10


def test_status_has_a_section_per_stage_in_80_columns(capsys: pytest.CaptureFixture[str]) -> None:
    names = ["event_log/purchase_item_shop", "fact/users_purchased_item",
             "activation/users_purchased_item_activation_daily_summary", "search/events"]  # fmt: skip
    rows = [
        {"asset": name, "built": 8760, "rows": 12_345_678, "newest": "2026-11-21-02:00",
         "missing": 3 * n, "stale": 0, "failed_checks": 0}
        for n, name in enumerate(names)
    ]  # fmt: skip
    rows[-1].update(built=0, missing=0)
    status_command._show(rows)
    told = capsys.readouterr().out.splitlines()
    assert max(len(line.rstrip()) for line in told) <= 80
    assert [line.split()[0] for line in told[1:]] == [
        "event_log", "purchase_item_shop", "fact", "users_purchased_item", "3",
        "activation", "users_purchased_item_activation_daily_summary", "6", "1",
    ]  # fmt: skip
    assert told[-1].strip() == "1 asset holds nothing yet: search/events."


def test_doctor_is_content_with_a_sound_home(weir, monkeypatch: pytest.MonkeyPatch) -> None:
    ports(monkeypatch)
    result = weir("doctor", "--json")
    assert result.exit_code == 0, result.stdout
    assert all(finding["ok"] for finding in findings(result).values())
    assert "landing by hour" in findings(result)["lake"]["found"]


def test_doctor_finds_a_taken_port_and_another_grain(
    weir, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = ports(monkeypatch)
    monkeypatch.setenv("WEIR_LANDING_GRAIN", "day")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", port))
        taken.listen()
        result = weir("doctor", "--json")
    assert result.exit_code == 1
    found = findings(result)
    assert f"collector {port}" in found["ports"]["found"]
    assert "WEIR_COLLECT_PORT" in found["ports"]["remedy"]
    assert not found["lake"]["ok"]
    assert "WEIR_LANDING_GRAIN" in found["lake"]["remedy"]


def test_a_write_lock_that_was_left_behind_stops_nobody(
    weir, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ports(monkeypatch)
    (tmp_path / "lake").mkdir()
    (tmp_path / "lake" / "write.lock").write_text(str(datetime(2026, 1, 1)))
    assert weir("seal", "--now", home=tmp_path).exit_code == 0
    assert findings(weir("doctor", "--json", home=tmp_path))["lake"]["ok"]
