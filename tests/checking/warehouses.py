"""A small lake with one fact of forty days, built as runs build it: rows and ledger entry in one commit."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from weir.core import grains
from weir.core.grains import Grain
from weir.core.settings import Settings
from weir.engines.embedded.commit import (
    NO_ROWS,
    LedgerEntry,
    Partition,
    content_hash_sql,
    read_entries,
    write_entry,
)
from weir.engines.embedded.history import EmbeddedHistory
from weir.engines.embedded.lake import Lake
from weir.engines.embedded.storage import EmbeddedStorage
from weir.lineage.checking import Level, Recorded, Report, Subject, check
from weir.lineage.ledger import Ledger
from weir.lineage.nodes import Kind, Node

FIRST = datetime(2026, 1, 1)
DAYS = [FIRST + timedelta(days=n) for n in range(40)]
FACT = Node("fact/bought", Kind.FACT, Grain.DAY, fact="bought", start=FIRST, column="activity_date")
COLUMNS = ["user_id", "activity_date", "event_count"]
_CREATE = """
CREATE TABLE IF NOT EXISTS lake.fact.bought (user_id VARCHAR, activity_date DATE, event_count BIGINT)
"""


def day(number: int) -> datetime:
    """Return the label of a day, counted from 1."""
    return DAYS[number - 1]


def key(label: datetime) -> str:
    return grains.text(label, Grain.DAY)


@dataclass
class Warehouse:
    """The lake, its ledger, and what Dagster would believe."""

    lake: Lake
    ledger: Ledger
    believed: set[str]
    node: Node = FACT

    def build(self, labels: Iterable[datetime], *, rows: int = 10, salt: int = 0) -> None:
        """Do what a run does with a range of days."""
        days = list(labels)
        names = ", ".join(f"DATE '{label.date()}'" for label in days)
        with self.lake.write() as connection:
            connection.execute(_CREATE)
            connection.execute(
                "ALTER TABLE lake.fact.bought SET PARTITIONED BY (year(activity_date), month(activity_date))"
            )
            connection.execute(f"DELETE FROM lake.fact.bought WHERE activity_date IN ({names})")
            connection.execute(
                f"INSERT INTO lake.fact.bought SELECT 'u' || i, d, i + {salt}"
                f" FROM range({rows}) AS r(i), (SELECT unnest([{names}]) AS d)"
            )
            found = connection.execute(
                f"SELECT activity_date, count(*), {content_hash_sql(COLUMNS)} FROM lake.fact.bought"
                f" WHERE activity_date IN ({names}) GROUP BY 1"
            ).fetchall()
            parts = {str(d): Partition(n, digest, "i") for d, n, digest in found}
            empty = {key(label): Partition(0, NO_ROWS, "i") for label in days}
            write_entry(connection, LedgerEntry("fact/bought", "day", {**empty, **parts}, "r1"))
        self.ledger.sync(EmbeddedHistory(self.lake))
        self.believed |= {key(label) for label in days}

    def sql(self, *statements: str) -> list[tuple[Any, ...]]:
        """Change the lake behind everybody's back."""
        with self.lake.write() as connection:
            return [row for text in statements for row in connection.execute(text).fetchall()]

    def files(self, *labels: datetime) -> list[Path]:
        """Return the live data files on disk that hold exactly these labels at most."""
        table = EmbeddedStorage(self.lake).table("fact/bought", "activity_date")
        return [
            self.lake.data_dir / file.path
            for file in table.files
            if not labels or all(file.touches((label, label)) for label in labels)
        ]

    def recorded(self) -> dict[datetime, Recorded]:
        return {
            grains.parse(k, Grain.DAY): Recorded(b.rows, b.hash)
            for k, b in self.ledger.built("fact/bought").items()
        }

    def committed(self, asset: str) -> Mapping[datetime, Recorded]:
        with self.lake.read() as connection:
            return {
                grains.parse(k, Grain.DAY): Recorded(p.rows, p.hash)
                for _, _, entry in read_entries(connection)
                if entry.asset == asset
                for k, p in entry.partitions.items()
            }

    def subject(self, **more: Any) -> Subject:
        given = Subject(self.node, self.recorded(), believed=self.believed, unique=("user_id",))
        return replace(given, **more)

    def check(self, level: Level = Level.HASH, **more: Any) -> Report:
        storage = EmbeddedStorage(self.lake)
        with storage.reading():
            return check([self.subject(**more)], storage, level, committed=self.committed)

    def found(self, level: Level = Level.HASH, **more: Any) -> list[tuple[str, str]]:
        """Return (key, fault) of everything that is wrong."""
        return [(f.key, f.fault.value) for f in self.check(level, **more).findings]


def make(folder: Path) -> Warehouse:
    """Build days 1–38 in one run, 39 and 40 in one each: files of January, February, single days."""
    Lake(Settings(home=folder, project=folder.parent)).create()
    warehouse = open_at(folder)
    for days in (DAYS[:38], DAYS[38:39], DAYS[39:]):
        warehouse.build(days)
    return warehouse


def open_at(folder: Path) -> Warehouse:
    """Return the warehouse of a home; Dagster believes what the ledger says."""
    settings = Settings(home=folder, project=folder.parent)
    ledger = Ledger(settings.ledger_path)
    return Warehouse(Lake(settings), ledger, set(ledger.built("fact/bought")))
