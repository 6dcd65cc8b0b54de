"""Fixtures of the engines' tests: settings and a lake on a fresh home, a PostgreSQL server."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from weir.core.settings import Settings
from weir.engines.embedded.lake import Lake


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


def _not_root() -> str | None:
    """Return the user to run the server as: PostgreSQL refuses root."""
    return pwd.getpwnam("postgres").pw_name if os.geteuid() == 0 else None


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """A PostgreSQL server on a unix socket in a folder of its own; its connection string."""
    binaries = _binaries()
    if binaries is None:
        pytest.skip("no PostgreSQL server is installed (Debian: apt-get install postgresql)")
    try:
        user = _not_root()
    except KeyError:
        pytest.skip("running as root, and there is no user `postgres` to run the server as")
    folder = Path(
        subprocess.check_output(["mktemp", "-d", "/tmp/weir-pg-XXXXXX"], text=True).strip()
    )
    if user is not None:
        shutil.chown(folder, user)
    data = folder / "data"
    made = subprocess.run(
        [binaries / "initdb", "-D", data, "-U", "weir", "-A", "trust", "-N", "-E", "UTF8"],
        check=False, capture_output=True, text=True, user=user, cwd=folder,
    )  # fmt: skip
    if made.returncode:
        shutil.rmtree(folder)
        pytest.skip(f"PostgreSQL cannot be set up here: {made.stderr[-300:]}")
    log = (folder / "log").open("wb")
    server = subprocess.Popen(
        [binaries / "postgres", "-D", data, "-k", folder, "-c", "listen_addresses=", "-F"],
        stdout=log, stderr=log, user=user, cwd=folder,
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
