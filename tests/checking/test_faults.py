"""Every fault, done to a real lake: exactly it is found, of exactly its partitions."""

import os
import shutil
import time

import pyarrow.parquet as pq
import pytest

from tests.checking.conftest import DAYS, Warehouse, day, key
from weir.lineage.checking import Fault, Level
from weir.lineage.checking.faults import MEANINGS

SINGLE = day(40)
JANUARY = [label for label in DAYS if label.month == 1]
EARLY_FEBRUARY = [label for label in DAYS[:38] if label.month == 2]


@pytest.mark.parametrize("level", list(Level))
def test_a_sound_warehouse_has_no_findings(warehouse: Warehouse, level: Level) -> None:
    report = warehouse.check(level)
    assert report.findings == []
    assert len(report.assets[0].checked) == 40


class TestFiles:
    def test_a_deleted_file_is_told_of_its_partitions_only(self, warehouse: Warehouse) -> None:
        (file,) = [f for f in warehouse.files(SINGLE)]
        file.unlink()
        assert warehouse.found(Level.METADATA) == []
        for level in (Level.LISTING, Level.FOOTER, Level.ROWS, Level.HASH):
            assert warehouse.found(level) == [(key(SINGLE), "file_missing")]
