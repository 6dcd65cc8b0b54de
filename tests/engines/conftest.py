"""Fixtures of the engines' tests: settings on a fresh home, spool records, a PostgreSQL server."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

import orjson
import pytest

from weir.core.canonical import fingerprint
from weir.core.landing import RECORD
from weir.core.settings import Settings
from weir.engines.embedded.lake import Lake

T0 = datetime(2026, 11, 21, 2, 10)


def record(lane: str, epoch: int, offset: int, received_at: datetime, **changes: object) -> dict:
    """Return one spool record, valid unless `changes` say otherwise."""
    columns: dict = dict.fromkeys(RECORD)
    columns |= {
        "received_at": received_at,
        "event_id": f"{lane}-{epoch}-{offset}",
        "id_assigned": False,
        "event_name": "click_item_home",
        "version": 1,
        "version_assumed": False,
        "event_time": received_at - timedelta(minutes=90),
        "user_id": f"u{offset % 7}",
        "params": '{"item_id":17}',
        "verdict": "quarantined" if lane == "quarantine" else "accepted",
        "origin": "live",
        "producer": "anonymous",
        "environment": "prod",
        "channel": "server",
        "payload_hash": f"{epoch:08x}{offset:024x}",
        **changes,
    }
    for name, kind in RECORD.items():
        if kind == "TIMESTAMP" and isinstance(columns[name], datetime):
            columns[name] = columns[name].isoformat(timespec="microseconds")
    prints = fingerprint(lane, epoch, offset, columns["payload_hash"])
    columns |= {f"fp_{i}": value for i, value in enumerate(prints)}
    return columns


def payloads(lane: str, epoch: int, first: int, count: int, at: datetime = T0) -> list[bytes]:
    """Return `count` records, one second apart."""
    return [
        orjson.dumps(record(lane, epoch, first + i, at + timedelta(seconds=i)))
        for i in range(count)
    ]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path / "home", project=tmp_path)


@pytest.fixture
def lake(settings: Settings) -> Lake:
    made = Lake(settings)
    made.create()
    return made


@pytest.fixture
def rows(lake: Lake) -> Callable[..., list[tuple]]:
    """Run a query on the lake."""

    def query(sql: str) -> list[tuple]:
        with lake.read() as connection:
            return connection.execute(sql).fetchall()

    return query


def _binaries() -> Path | None:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if found:
        return found[-1].parent
    on_path = shutil.which("initdb")
    return Path(on_path).parent if on_path else None


def _as_postgres() -> Callable[[], None] | None:
    """Return what a child does to stop being root: PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return None
    user = pwd.getpwnam("postgres")

    def drop() -> None:
        os.setgid(user.pw_gid)
        os.setuid(user.pw_uid)

    return drop


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """A PostgreSQL server on a unix socket in a folder of its own; its connection string."""
    binaries = _binaries()
    if binaries is None:
        pytest.skip("no PostgreSQL server is installed (Debian: apt-get install postgresql)")
    try:
        drop = _as_postgres()
    except KeyError:
        pytest.skip("running as root, and there is no user `postgres` to run the server as")
    folder = Path(
        subprocess.check_output(["mktemp", "-d", "/tmp/weir-pg-XXXXXX"], text=True).strip()
    )
    if drop is not None:
        shutil.chown(folder, "postgres")
    data = folder / "data"
    subprocess.run(
        [binaries / "initdb", "-D", data, "-U", "weir", "-A", "trust", "-N", "-E", "UTF8"],
        check=True, capture_output=True, preexec_fn=drop, cwd=folder,
    )  # fmt: skip
    log = (folder / "log").open("wb")
    server = subprocess.Popen(
        [binaries / "postgres", "-D", data, "-k", folder, "-c", "listen_addresses=", "-F"],
        stdout=log, stderr=log, preexec_fn=drop, cwd=folder,
    )  # fmt: skip
    try:
        for _ in range(200):
            ready = [binaries / "pg_isready", "-q", "-h", folder, "-U", "weir", "-d", "postgres"]
            if subprocess.run(ready, check=False).returncode == 0:
                break
            time.sleep(0.05)
        else:
            pytest.skip(f"PostgreSQL did not start: {(folder / 'log').read_text()[-300:]}")
        yield f"host={folder} user=weir"
    finally:
        server.send_signal(signal.SIGINT)  # fast shutdown
        server.wait(20)
        log.close()
        shutil.rmtree(folder)


@pytest.fixture
def postgres_settings(
    postgres_server: str, tmp_path: Path, request: pytest.FixtureRequest
) -> Settings:
    """Settings of a lake whose catalogue is a fresh PostgreSQL database."""
    import psycopg2

    name = f"weir_{abs(hash(request.node.nodeid)):x}"
    connection = psycopg2.connect(f"{postgres_server} dbname=postgres")
    connection.autocommit = True
    connection.cursor().execute(f"CREATE DATABASE {name}")
    connection.close()
    return Settings(
        home=tmp_path / "home",
        project=tmp_path,
        catalog=f"postgres:{postgres_server} dbname={name}",
    )
