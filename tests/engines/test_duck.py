"""Extensions are loaded without reading them again, and none without a valid signature."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from weir.engines.embedded import duck
from weir.engines.embedded.duck import connect, extension_path


@pytest.fixture
def forged(tmp_path: Path) -> Path:
    """An extension whose signature is wrong by a bit."""
    content = bytearray(extension_path("sqlite_scanner").read_bytes())
    content[-10] ^= 1
    path = tmp_path / "sqlite_scanner.duckdb_extension"
    path.write_bytes(content)
    return path


def test_a_wrong_signature_is_refused(forged: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(duck, "extension_path", lambda _: forged)
    with pytest.raises(duckdb.IOException, match="signature"):
        connect(["sqlite_scanner"])


def test_a_file_that_was_replaced_is_checked_again(
    forged: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    good = tmp_path / "good" / forged.name
    good.parent.mkdir()
    good.write_bytes(extension_path("sqlite_scanner").read_bytes())
    monkeypatch.setattr(duck, "extension_path", lambda _: good)
    connect(["sqlite_scanner"]).close()
    forged.replace(good)
    with pytest.raises(duckdb.IOException, match="signature"):
        connect(["sqlite_scanner"])


def test_a_connection_loads_nothing_unsigned_itself(forged: Path) -> None:
    with connect(["ducklake"]) as connection:
        with pytest.raises(duckdb.IOException, match="signature"):
            connection.execute(f"LOAD '{forged}'")
        with pytest.raises(duckdb.InvalidInputException, match="Cannot change"):
            connection.execute("SET allow_unsigned_extensions = true")


def test_a_signature_is_checked_once(monkeypatch: pytest.MonkeyPatch) -> None:
    connect().close()
    opened = []
    real = duckdb.connect
    monkeypatch.setattr(duckdb, "connect", lambda *a, **k: opened.append(a) or real(*a, **k))
    connect().close()
    assert len(opened) == 1
