"""`WEIR_MEMORY_LIMIT` and `WEIR_SPILL_DIR` reach every DuckDB that works on the lake."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from pydantic import ValidationError

from weir.core.settings import Settings
from weir.engines.embedded.dbt_plugin import Plugin
from weir.engines.embedded.lake import Lake
from weir.orchestra.manifest import prepare
from weir.orchestra.warm import WarmDbt

REPOSITORY = Path(__file__).parents[2]
ASKED = "select current_setting('memory_limit') || ' ' || current_setting('temp_directory')"


def limited(home: Path, project: Path, **given: object) -> Settings:
    return Settings(home=home, project=project, memory_limit="1GiB", **given)  # type: ignore[arg-type]


def told(lake: Lake) -> str:
    with lake.read() as connection:
        return str(connection.execute(ASKED).fetchall()[0][0])


def test_the_lakes_connections_keep_to_the_limit(tmp_path: Path) -> None:
    lake = Lake(limited(tmp_path / "home", tmp_path))
    lake.create()
    assert told(lake) == f"1.0 GiB {tmp_path / 'home' / 'spill'}"


def test_the_folder_may_be_elsewhere(tmp_path: Path) -> None:
    lake = Lake(limited(tmp_path / "home", tmp_path, spill_dir=tmp_path / "other"))
    lake.create()
    assert told(lake) == f"1.0 GiB {tmp_path / 'other'}"


def test_without_a_limit_duckdb_has_its_own(lake: Lake) -> None:
    assert "memory_limit" not in lake.settings.duckdb_config
    assert told(lake).endswith(f" {lake.settings.home / 'spill'}")


def test_what_does_not_fit_is_spilled_to_the_folder_and_finished(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path / "home", project=tmp_path, memory_limit="100MB")
    lake = Lake(settings)
    lake.create()
    with lake.read() as connection:
        connection.execute("SET preserve_insertion_order = false; SET threads = 1")
        connection.execute(
            "CREATE TEMP TABLE big AS SELECT hash(n) AS h, hash(n + 1) AS g"
            " FROM range(12_000_000) AS r(n)"
        )
        assert list((tmp_path / "home" / "spill").iterdir())
        assert connection.execute("SELECT count(*) FROM big").fetchone() == (12_000_000,)


@pytest.mark.parametrize("value", ["4 gigabytes", "80%", "-1GB"])
def test_a_limit_that_duckdb_does_not_know_is_refused(tmp_path: Path, value: str) -> None:
    with pytest.raises(ValidationError, match="memory_limit"):
        Settings(home=tmp_path, project=tmp_path, memory_limit=value)


def test_the_plugin_leaves_out_what_is_not_set() -> None:
    config: dict[str, str] = {}
    Plugin("weir", {"memory": "", "spill": "/spill"}).update_connection_config(None, config)
    assert config["temp_directory"] == "/spill"
    assert "memory_limit" not in config


def test_dbt_keeps_to_the_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("WEIR_DUCKDB_MEMORY", "WEIR_DUCKDB_SPILL"):
        monkeypatch.setenv(name, "")  # put back afterwards
    project = tmp_path / "project"
    left_out = shutil.ignore_patterns("models", "target", "logs")
    shutil.copytree(REPOSITORY / "dbt", project / "dbt", ignore=left_out)
    settings = limited(tmp_path / "home", project)
    Lake(settings).create()
    text = "{{ run_query(" + f'"{ASKED}"' + ").rows[0][0] if execute }}"
    found = WarmDbt(settings, prepare(settings)).inline(text)
    assert found == f"1.0 GiB {tmp_path / 'home' / 'spill'}"
