"""Every model of the project, built once by real dbt over an empty lake: its SQL and its table."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb
import pytest
from dbt.cli.main import dbtRunner

from weir.core.settings import Settings, load
from weir.engines.embedded.lake import Lake
from weir.orchestra.manifest import arguments, environment, prepare

ROOT = Path(__file__).resolve().parents[2]
RANGES = {  # by clock, in the data's order: one invocation holds one clock
    "landing": ("1998-01-01", "1998-02-01"),
    "day": ("1998-01-01", "1998-02-01"),
    "month": ("1998-01-01", "1998-02-01"),
    "quarter": ("1998-01-01", "1998-04-01"),
    "year": ("1998-01-01", "1999-01-01"),
    "week": ("1997-12-29", "1998-02-02"),
}


@dataclass
class Models:
    """The built models: name → dbt's node, and a reader of the lake that holds their tables."""

    settings: Settings
    connection: duckdb.DuckDBPyConnection
    nodes: dict[str, Any] = field(default_factory=dict)

    def columns(self, name: str) -> dict[str, str]:
        """Return the table's columns and types."""
        found = self.connection.execute(f"describe lake.{self.nodes[name].schema}.{name}")
        return {row[0]: row[1] for row in found.fetchall()}


@pytest.fixture(scope="session")
def models(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Models]:
    settings = load(ROOT, tmp_path_factory.mktemp("models"))
    lake = Lake(settings)
    lake.create()
    environment(settings)
    parsed = prepare(settings)
    nodes: dict[str, Any] = {}
    for clock, (start, end) in RANGES.items():
        select = ("--select", f"config.clock:{clock}")
        span = ("--event-time-start", start, "--event-time-end", end)
        runner = dbtRunner(manifest=parsed.manifest())
        for one in runner.invoke(["run", *arguments(settings), *span, *select]).result.results:
            assert str(one.status) == "success", f"{one.node.name}: {one.message}"
            nodes[one.node.name] = one.node
    assert set(nodes) == {path.stem for path in (ROOT / "dbt" / "models").rglob("*.sql")}
    with lake.read() as connection:
        yield Models(settings, connection, nodes)
